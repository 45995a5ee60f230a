"""Authorizations, codes and tokens: what a user's yes turned into, and the claims inside.

Owns the scope-to-claim table and every token that leaves; refuses to read requests. No routes.
"""
