"""Passkeys: signing in with a key that a device or a password manager keeps (WebAuthn Level 3;
spec/login-factors.md, "Passkeys and WebAuthn").

Owns no table: a passkey is a row of :mod:`idp.signin.factors.models`. What a browser is asked and what its answer
proves is in :mod:`idp.signin.webauthn`; the use cases are in :mod:`.service` and :mod:`.enrolment`.
"""
