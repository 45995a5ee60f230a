"""Serves ``/api/v2``: the endpoints that features declare, behind one bearer check and one error edge.

Owns the route ``/api/v2/<anything>``, authentication, scopes, rate-limit headers, CORS, the OpenAPI document and the
log entry of each write (``sapi``, or ``fapi`` where it was refused); refuses to know what any operation does. Every
operation of Auth0's list has a row in ``operations.tsv``; those no feature declares are answered by
:mod:`.not_implemented`.
"""
