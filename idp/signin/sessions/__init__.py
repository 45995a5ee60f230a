"""SSO sessions: a signed-in browser. Owns the session rows and the cookie. Routes: ``/api/v2/sessions``."""
