"""What every page and endpoint stands on: templates' frame, texts, static files, strict parameters, security headers.

Knows no tenant and no token. Routes: ``/static/*``, ``/robots.txt``, ``/.well-known/change-password``.
"""
