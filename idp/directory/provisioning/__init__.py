"""Provisioning: a source's own directory makes, changes and closes accounts here before anybody signs in (SCIM 2.0, RFC
7643 and 7644).

Owns ``scim_configurations``, ``scim_tokens`` and ``scim_resources``. Routes: ``/scim/v2/connections/{id}/*``,
``/api/v2/connections/{id}/scim-configuration*``, ``/api/v2/connections-scim-configurations``.
"""
