"""Sources that speak OAuth 2.0: providers as data, the engine that signs in through them, and the generic strategy."""
