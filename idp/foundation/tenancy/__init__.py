"""The tenant of a piece of work: found by host, its configuration remembered by version, its rows and statements in one
place.

Owns the tenant row, :class:`~idp.foundation.tenancy.work.Work` and how Flask meets it; refuses to change a tenant
(``idp.tenant.settings`` does). No routes.
"""
