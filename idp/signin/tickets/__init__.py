"""Tickets: the links of mails. Owns their kinds, lifetimes and one-time use. Routes: ``/api/v2/tickets``; landing
pages in ``login``.
"""
