"""Whose tokens: connections (configured sources of users) and the users that come from them."""
