"""Tenants: one isolated identity provider each, found by the host of its URL.

Owns the tenant row, its settings, branding and prompt settings, and the configuration version every cache is checked
against. Routes: none of its own; ``/api/v2/tenants/settings``, ``/api/v2/branding`` and ``/api/v2/prompts`` through
``api``.
"""
