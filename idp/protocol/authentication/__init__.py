"""Auth0's Authentication API beside OAuth: codes and links, embedded sign-up and sign-in (spec/authentication-api.md
sections 4 and 7).
"""
