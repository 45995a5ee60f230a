"""Sources that speak OpenID Connect: strategies ``oidc``, ``okta`` and ``auth0-oidc``."""
