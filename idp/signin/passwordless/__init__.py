"""Codes and links that sign people in: whom they are for, how often, and who gets an account by one. Pages and
endpoints that ask for them are elsewhere (:mod:`idp.signin.login`, :mod:`idp.protocol`).
"""
