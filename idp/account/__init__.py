"""``/account``: a person's own page. Profile, password, sessions, applications with access, sign out.

Owns no rows: everything is done through the features that do. Routes: ``/account``, ``/account/*``.
"""
