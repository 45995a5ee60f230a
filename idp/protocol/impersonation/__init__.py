"""Signing in to an application as somebody else, to see what they see: one-time links (spec/misc.md, "Impersonation";
docs/decisions/0363). Off until the tenant switches it on.

Nobody is signed in here by it: there is no session of ours, and so nothing of the person's account can be changed.
"""
