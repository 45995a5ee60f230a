"""Resource servers: APIs with an audience and scopes. Routes: ``/api/v2/resource-servers``."""
