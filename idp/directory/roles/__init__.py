"""Roles, permissions of people, and groups of directories: who may do what with the tenant's APIs.

Routes: ``/api/v2/roles``, ``/api/v2/groups``, a user's roles, permissions and groups. What a token may carry of it is
:mod:`.runtime`'s to say.
"""
