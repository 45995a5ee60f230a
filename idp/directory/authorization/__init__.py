"""Auth0's Authorization Extension: groups of groups, roles and permissions by application, and who has which at a
sign-in (spec/access-control.md). It is there once its API ``urn:auth0-authz-api`` is. No routes: those are
:mod:`idp.management.authorization`'s.
"""
