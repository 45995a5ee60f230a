"""Mail: template to message, and the ports that carry it (SMTP, the development mailbox). Route: ``/dev/mailbox``."""
