"""What a request proves to possess beside what it says: the key of a DPoP proof (RFC 9449), or a client certificate
(RFC 8705). Here it is read and checked; what has to be bound to it is :mod:`idp.protocol.tokens.binding`'s to say.

:mod:`.shown` for requests that get something (tokens, codes), :mod:`.resource` for those that come with a token.
"""
