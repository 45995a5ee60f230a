"""The API of the Authorization Extension, at ``/extensions/authorization/api``, for machines with a client grant of its
API ``urn:auth0-authz-api``.
"""
