"""Hashes of passwords as their algorithms' authors, standards and products publish them."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

RFC6070 = base64.b64encode(bytes.fromhex("4b007901b765489abead49d926f721d065a429c1")).decode().rstrip("=")
RFC7914 = (
    "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
    "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
)
_ASPNET3 = base64.b64encode(
    b"\x01"
    + bytes.fromhex("000000010000271000000010")
    + b"s" * 16
    + hashlib.pbkdf2_hmac("sha256", b"P@ssw0rd", b"s" * 16, 10_000, 32)
).decode()
_ASPNET2 = base64.b64encode(
    b"\x00" + b"s" * 16 + hashlib.pbkdf2_hmac("sha1", b"P@ssw0rd", b"s" * 16, 1000, 32)
).decode()


def text(algorithm: str, value: str, **more: Any) -> dict[str, Any]:
    """A hash that says everything itself."""
    return {"algorithm": algorithm, "hash": {"value": value, "encoding": "utf8"}, **more}


def raw(algorithm: str, value: str, encoding: str = "hex", **more: Any) -> dict[str, Any]:
    """A bare digest."""
    return {"algorithm": algorithm, "hash": {"value": value, "encoding": encoding}, **more}


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _shiro() -> str:
    made = hashlib.sha256(b"saltsaltpassword").digest()
    for _ in range(999):
        made = hashlib.sha256(made).digest()
    return f"$shiro1$SHA-256$1000${_b64(b'saltsalt')}${_b64(made)}"


def _ldap(kind: str, name: str, salt: bytes) -> str:
    return f"{{{kind}}}" + _b64(hashlib.new(name, b"password" + salt).digest() + salt)


def _hmac(digest: str, value: str) -> dict[str, Any]:
    key = {"value": "Jefe", "encoding": "utf8"}
    return {"algorithm": "hmac", "hash": {"value": value, "encoding": "hex", "digest": digest, "key": key}}


VECTORS: dict[str, tuple[dict[str, Any], str]] = {
    "argon2i": (
        text("argon2", "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA"),
        "password",
    ),
    "bcrypt 2a": (text("bcrypt", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"), "U*U"),
    "bcrypt 2b": (text("bcrypt", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"), "U*U"),
    "bcrypt 2y": (text("bcrypt", "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"), "U*U"),
    "bcrypt with a salt of its own": (
        text(
            "bcrypt",
            "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
            salt={"value": "U*", "position": "prefix"},
        ),
        "U",
    ),
    "hmac sha256 (RFC 4231)": (
        _hmac("sha256", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        "what do ya want for nothing?",
    ),
    "hmac md5 (RFC 2104)": (_hmac("md5", "750c783e6ab0b503eaa86e310a5db738"), "what do ya want for nothing?"),
    "ldap MD5": (text("ldap", "{MD5}X03MO1qnZdYdgyfeuILPmQ=="), "password"),
    "ldap SHA": (text("ldap", "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g="), "password"),
    "ldap SMD5": (text("ldap", _ldap("SMD5", "md5", b"salt")), "password"),
    "ldap SSHA": (text("ldap", "{SSHA}pKqkNr1tq3wtQqk+UcPyA3HnA2NsU5NJ"), "password"),
    "ldap SSHA256": (text("ldap", _ldap("SSHA256", "sha256", b"saltsalt")), "password"),
    "ldap SSHA512": (text("ldap", _ldap("SSHA512", "sha512", b"saltsalt")), "password"),
    "md4 (RFC 1320)": (raw("md4", "A448017AAF21D8525FC10AE87AA6729D"), "abc"),
    "NT hash": (raw("md4", "8846f7eaee8fb117ad06bdd830b7586c", password={"encoding": "utf16le"}), "password"),
    "md5 (RFC 1321)": (raw("md5", "900150983cd24fb0d6963f7d28e17f72"), "abc"),
    "md5, salt before": (
        raw("md5", hashlib.md5(b"pepper" + b"password").hexdigest(), salt={"value": "pepper", "position": "prefix"}),
        "password",
    ),
    "sha1 (FIPS 180)": (raw("sha1", "a9993e364706816aba3e25717850c26c9cd0d89d"), "abc"),
    "sha256 as Base64, salt behind in hex": (
        raw(
            "sha256",
            _b64(hashlib.sha256(b"password\x00\xff").digest()),
            "base64",
            salt={"value": "00FF", "encoding": "hex", "position": "suffix"},
        ),
        "password",
    ),
    "sha512 of latin1": (
        raw("sha512", hashlib.sha512("pässword".encode("latin-1")).hexdigest(), password={"encoding": "latin1"}),
        "pässword",
    ),
    "sha384": (raw("sha384", hashlib.sha384(b"abc").hexdigest()), "abc"),
    "pbkdf2 sha1 (RFC 6070)": (text("pbkdf2", f"$pbkdf2-sha1$i=4096,l=20$c2FsdA${RFC6070}"), "password"),
    "pbkdf2 ripemd160 by another name": (
        text(
            "pbkdf2",
            f"$pbkdf2-rmd160$i=10,l=20$c2FsdA${_b64(hashlib.pbkdf2_hmac('ripemd160', b'pw', b'salt', 10, 20))}",
        ),
        "pw",
    ),
    "pbkdf2 as passlib writes it": (
        text(
            "pbkdf2",
            "$pbkdf2-sha256$29000$c2FsdA$"
            + _b64(hashlib.pbkdf2_hmac("sha256", b"pw", b"salt", 29_000, 32)).rstrip("=").replace("+", "."),
        ),
        "pw",
    ),
    "scrypt (RFC 7914)": (
        raw("scrypt", RFC7914, keylen=64, cost=16384, blockSize=8, salt={"value": "SodiumChloride"}),
        "pleaseletmein",
    ),
    "phpass": (text("phpass", "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0"), "test12345"),
    "crypt sha256": (text("crypt", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"), "Hello world!"),
    "crypt sha512": (
        text(
            "crypt",
            "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
        ),
        "Hello world!",
    ),
    "crypt md5": (text("crypt", "$1$saltstri$YMyguxXMBpd2TEZ.vS/3q1"), "Hello world!"),
    "Apache's md5": (text("crypt", "$apr1$saltstri$aGfuB7Lcvs2TUeFTqUVfN0"), "Hello world!"),
    "django sha1": (text("django", "sha1$seasalt$cff36ea83f5706ce9aa7454e63e431fc726b2dc8"), "lètmein"),
    "django md5": (text("django", "md5$seasalt$3f86d0d3d465b7b458c231bf3555c0e3"), "lètmein"),
    "django pbkdf2": (
        text(
            "django",
            f"pbkdf2_sha256$1000$seasalt${_b64(hashlib.pbkdf2_hmac('sha256', b'pw', b'seasalt', 1000, 32))}",
        ),
        "pw",
    ),
    "werkzeug": (
        text("werkzeug", f"scrypt:1024:8:1$salt${hashlib.scrypt(b'pw', salt=b'salt', n=1024, r=8, p=1).hex()}"),
        "pw",
    ),
    "firebase scrypt": (
        raw(
            "firebase_scrypt",
            "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==",
            "base64",
            salt={"value": "42xEC+ixf3L2lw==", "encoding": "base64"},
            signer_key="jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==",
            salt_separator="Bw==",
            rounds=8,
            memory_cost=14,
        ),
        "user1password",
    ),
    "ASP.NET Identity 3": (text("aspnet_identity", _ASPNET3), "P@ssw0rd"),
    "ASP.NET Identity 2": (text("aspnet_identity", _ASPNET2), "P@ssw0rd"),
    "shiro": (text("shiro", _shiro()), "password"),
    "MySQL": (text("mysql", "*6C8989366EAF75BB670AD8EA7A7FC1176A95CEF4"), "mypass"),
}
"""By a name: ``custom_password_hash``, and the password that fits."""

REFUSED: dict[str, dict[str, Any]] = {
    "bcrypt 2^15": text("bcrypt", "$2b$15$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    "pbkdf2 over a million rounds": text("pbkdf2", f"$pbkdf2-sha1$i=1000001,l=20$c2FsdA${RFC6070}"),
    "argon2 of 256 MiB": text(
        "argon2", "$argon2i$v=19$m=262144,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA"
    ),
    "argon2 of eleven passes": text(
        "argon2", "$argon2i$v=19$m=65536,t=11,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA"
    ),
    "scrypt of 256 MiB": raw("scrypt", RFC7914, keylen=64, cost=2**18, blockSize=8),
    "scrypt of no power of two": raw("scrypt", RFC7914, keylen=64, cost=1000),
    "scrypt without keylen": raw("scrypt", RFC7914),
    "phpass of 2^24": text("phpass", "$P$MIQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0"),
    "crypt of ten million rounds": text(
        "crypt", "$5$rounds=9999999$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc8"
    ),
    "django of ten million rounds": text("django", "pbkdf2_sha256$10000000$salt$c2FsdA=="),
    "ldap crypt": text("ldap", "{CRYPT}$6$saltstring$svn8UoSVapNtMuq1"),
    "a salt where none belongs": text("ldap", "{MD5}X03MO1qnZdYdgyfeuILPmQ==", salt={"value": "a"}),
    "hex where text belongs": raw("argon2", "00ff"),
    "text where hex belongs": text("md5", "900150983cd24fb0d6963f7d28e17f72"),
    "no hex": raw("sha1", "xyz"),
    "hmac without a key": {"algorithm": "hmac", "hash": {"value": "00", "encoding": "hex", "digest": "md5"}},
}
"""Hashes that no import takes."""
