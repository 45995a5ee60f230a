"""What people change of their own account for good, with a mail that somebody else would notice: another address,
confirmed at both, and its deletion, which can be undone for some days.

Owns changes of address that are under way. Refuses: an address without its owner, what is not asked for freshly (the
pages see to that). Routes: ``/api/v2/users/{id}/deletion``; the pages are ``account``'s and ``login``'s.
"""
