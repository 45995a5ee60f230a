"""Who asks for tokens, and for what: clients with their grants, and the APIs (resource servers) they call."""
