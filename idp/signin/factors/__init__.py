"""Second factors: what somebody proves beside their password, how it is enrolled, asked for and taken away again
(spec/login-factors.md).

Owns ``authentication_methods`` and ``remembered_browsers``. A kind of method is a file in :mod:`.kinds`; who has to
prove what, and when, is :mod:`.policy`; what a tenant says about it is :mod:`.settings`. Routes, of the Management
API: ``/guardian/...`` and ``/users/{id}/authentication-methods`` with what belongs to it.
"""
