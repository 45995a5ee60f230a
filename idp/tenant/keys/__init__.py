"""Signing keys: made, encrypted at rest, rotated (next, current, previous), revoked; the signer and the JWKS.

Owns ``signing_keys``; refuses to load a key more than once per process. Routes: ``/.well-known/jwks.json`` (served by
``oauth``), ``/api/v2/keys/signing``.
"""
