"""Development only: the welcome page, the mailbox, and a sample application, a relying party like any other.

Owns nothing that lasts; refuses everybody who is not on this machine. Routes: ``/`` (in production it leads to the
account page), ``/dev/mailbox``, ``/dev/app/``.
"""
