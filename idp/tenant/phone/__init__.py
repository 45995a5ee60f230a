"""Text messages of a tenant: who sends them where a connection names nobody, and what they say.

Owns the documents of the kinds ``phone-provider`` and ``phone-template``; whoever sends asks :mod:`.runtime`. Routes,
of the Management API: ``/branding/phone/...``.
"""
