"""The older address of a call of the Management API: ``POST /users/{id}/impersonate`` (spec/misc.md)."""
