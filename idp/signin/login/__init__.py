"""Hosted pages: sign-in, sign-up, consent, password reset, verification, logout questions.

Owns the login transaction and the policy of what comes next; never imports ``oauth``: a screen ends at its
transaction's resume path. Routes: ``/u/<prompt>`` and ``/u/<prompt>/<screen>``, ``/login``.
"""
