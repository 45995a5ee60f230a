"""SAML 2.0 as documents: read, written, signed, verified, encrypted. It decides nothing about people.

Both sides of a sign-in use it: :mod:`connectors.saml` as service provider, and the product as identity provider. lxml
and signxml are imported when the first document is read, since most installations never read one.
"""
