"""What expires: login transactions, tickets, replay marks (one table), and counters behind limits (database or Redis).

Everything here has a kind, a hash for a key, and an end. No routes.
"""
