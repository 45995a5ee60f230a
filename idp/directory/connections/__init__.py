"""Connections: a tenant's configured sources of users, and the connectors they open.

Owns ``connections`` and which clients may use them. Routes: ``/api/v2/connections``.
"""
