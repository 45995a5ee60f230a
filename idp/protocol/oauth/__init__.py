"""The protocol: OAuth 2.0 and OpenID Connect endpoints.

Owns /authorize, /oauth/*, /userinfo, /oidc/logout, /v2/logout and discovery; asks nobody for a password (``login`` does
that).
"""
