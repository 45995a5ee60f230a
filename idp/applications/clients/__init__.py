"""Clients (registered applications), their credentials, and client grants.

Owns what an application may do; refuses to issue anything. Routes: ``/api/v2/clients``, ``/api/v2/client-grants``.
"""
