"""WebAuthn (Level 3): who we are for authenticators, what they are asked, and what their answers prove. Knows nothing
of accounts; passkeys and second factors stand on it.
"""
