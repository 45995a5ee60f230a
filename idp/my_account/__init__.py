"""The My Account API (``/me/v1``): applications let people look after their own account (spec/my-account.md).

Owns the edge: who calls, errors as problem details, and enrolments that take two calls. What is enrolled and connected
belongs to :mod:`idp.signin.factors`, :mod:`idp.signin.passkeys` and :mod:`idp.directory.users`. Routes: ``/me/v1/*``.
"""
