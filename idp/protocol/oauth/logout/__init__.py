"""Signing out: ``/oidc/logout`` (RP-initiated), ``/v2/logout``, and telling the applications (back-channel and
front-channel).
"""
