"""Sources that speak OpenID Connect: strategies ``oidc`` and ``okta``."""
