"""Applications that make themselves known: by a registration (RFC 7591, 7592), or by a document at the address that is
their id (OAuth Client ID Metadata Document).

Owns who may, what they may be, what they are let in with afterwards, and when those go that nobody uses. Every such
client is a third party: people are asked before it learns anything. Refuses what the tenant's settings do not allow.
Routes: ``/oidc/register`` (in :mod:`idp.protocol.oauth.registration`), ``/api/v2/initial-access-tokens``,
``/api/v2/clients/cimd``.
"""
