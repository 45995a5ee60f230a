"""Shared signals (OpenID SSF 1.0 with CAEP 1.0): receivers hear that sessions ended and that credentials changed.

Owns ``signal_streams``, ``signal_subjects`` and ``signal_events``; refuses to tell a receiver of people whom it does
not know (docs/decisions/0379). Nothing of it is there before somebody makes its API
(:mod:`idp.applications.resource_servers.shared_signals`). Routes: ``/.well-known/ssf-configuration``, ``/ssf/*``.
"""
