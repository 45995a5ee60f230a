"""Token exchange profiles: which tokens of others an application may exchange for ours, and how such a token is checked
(RFC 8693; ``/token-exchange-profiles``). Refuses types that others define; exchanges nothing itself.
"""
