"""OpenID Federation 1.0: which entities are trusted as clients, by chains of statements up to a trust anchor that the
tenant names.

Owns how statements are read (:mod:`.statements`), policies merged and applied (:mod:`.policies`), constraints kept
(:mod:`.constraints`), chains fetched (:mod:`.fetching`) and proven (:mod:`.chains`), trust marks (:mod:`.marks`), and
which client comes of it (:mod:`.entities`). Refuses whatever no anchor vouches for. What this provider says of itself
is ``idp.protocol.oauth.entity``. Routes: none.
"""
