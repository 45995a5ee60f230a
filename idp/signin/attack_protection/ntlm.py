"""NTLM hashes of passwords: MD4 (RFC 1320) of the password in UTF-16. Published lists of breached passwords come in
this form, too. OpenSSL no longer offers MD4 by itself; nothing is kept secret with it here.
"""

from __future__ import annotations


def ntlm(password: str) -> bytes:
    """The NTLM hash; a lone surrogate is kept as it is."""
    from passlib.crypto.digest import lookup_hash

    digest: bytes = lookup_hash("md4").const(password.encode("utf-16-le", "surrogatepass")).digest()
    return digest
