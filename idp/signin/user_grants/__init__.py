"""User grants: a user's recorded consent (Auth0's ``/grants``). Routes: ``/api/v2/grants``."""
