"""Strategy ``samlp`` and those that speak the same: SAML 2.0, this product as service provider."""
