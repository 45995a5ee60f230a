"""Log entries with Auth0's type codes. Owns ``logs``; looks nothing up. Routes: ``/api/v2/logs``."""
