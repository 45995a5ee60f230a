"""Strategy ``adfs``: sign-in at a token service that speaks WS-Federation's passive requestor profile."""
