"""Sources that speak OAuth 1.0a (RFC 5849): strategy ``oauth1``, and providers of the catalogue."""
