"""A whole tenant of Auth0 (or of another Gatehouse) copied through its Management API: ``idp migrate-from auth0``.

Owns the order in which things are copied and what is said about them; refuses to write anything itself: the features'
use cases do. No routes.
"""
