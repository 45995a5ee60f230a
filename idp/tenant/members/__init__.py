"""Administrators of a tenant: who they are, what their roles let them do, and what keeps them from being shut out.

Owns ``tenant_members``, ``member_sessions``, ``saved_filters`` and ``member_invitations``. No routes: the dashboard
and ``idp admins`` ask (spec/dashboard.md, "Administrators").
"""
