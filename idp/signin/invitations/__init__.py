"""Invitations by mail: somebody without an account gets a link on which they choose a password for one
(docs/decisions/0221-invitations-are-links-to-a-first-password.md).
"""
