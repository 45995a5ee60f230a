"""What every feature stands on: words, rows, statements, pages, endpoints, the outbox, and the tenant a piece of work
belongs to.

Knows no feature and never imports one. From the bottom up: ``kernel``, ``settings``, ``logging``, ``db``, ``web`` and
``apikit``, ``egress``, ``tenancy``, ``ephemeral`` and ``queue``. No routes.
"""
