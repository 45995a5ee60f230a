"""Connectors: the code that speaks to one kind of user source. Imports nothing of the product; ``contract`` is what
both sides share.
"""
