"""Mail: template to message, and the ports that carry it (SMTP, the development mailbox).

Owns rendering, the outbox task ``mail.send`` and ``mailbox_messages``; refuses to decide whom to write to. Route:
``/dev/mailbox``.
"""
