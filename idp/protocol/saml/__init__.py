"""``/samlp/...``: SAML 2.0 for applications that speak nothing else, and what administrators of identity providers need
to know of us.
"""
