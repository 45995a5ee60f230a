"""Words of the domain that need neither Flask nor SQL: errors, clock, ids, secrets, scopes, redirects, events.

Owns the vocabulary everything else is written in; refuses input/output of any kind. No routes.
"""
