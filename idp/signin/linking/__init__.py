"""Suggested linking: somebody who signs in is told of another account with their address, and joins the two once they
signed in to both (docs/decisions/0222-suggested-linking-takes-two-sign-ins.md).
"""
