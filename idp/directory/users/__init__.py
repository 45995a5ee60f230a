"""Users: profiles, their identities, and the credentials of the built-in database.

Owns the normalized, cached profile; refuses to decide who may sign in. Routes: ``/api/v2/users``,
``/api/v2/users-by-email``.
"""
