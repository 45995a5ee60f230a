"""OpenID Connect and OAuth 2.0 on the wire: the endpoints, and the tokens they issue."""
