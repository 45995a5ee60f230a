"""Client-initiated backchannel authentication (OpenID Connect CIBA Core 1.0), in poll and ping mode: an application
asks that a person confirms something, wherever they are.
"""
