"""Hashes that say in one text what they are, one scheme each: what they look like, what they may cost, whether a
password fits. ``check`` raises ValueError for a text that is none (:class:`.costs.TooCostly` for one that costs too
much); ``fits`` is asked about texts that were checked.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerificationError

from idp.directory.users.foreign_hashes import costs, digests
from idp.foundation.scripts.computed import crypt_of_library, fits_bcrypt

_BCRYPT = re.compile(r"\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{53}")
_PHC = re.compile(r"\$pbkdf2(?:-([A-Za-z0-9_-]+))?\$(?:i=([0-9]{1,9}))?(?:,?l=([0-9]{1,5}))?\$?([^$]*)\$([^$]+)")
_ROUNDS_FIRST = re.compile(r"\$pbkdf2(?:-([A-Za-z0-9_-]+))?\$([0-9]{1,9})\$([^$]*)\$([^$]+)")
_LDAP = re.compile(r"\{(S?)(MD5|SHA|SHA224|SHA256|SHA384|SHA512)\}([A-Za-z0-9+/]+=*)", re.IGNORECASE)
_PHPASS = re.compile(r"\$[PHS]\$([./0-9A-Za-z])([./0-9A-Za-z]{8})([./0-9A-Za-z]{22,86})")
_CRYPT = re.compile(r"\$(1|5|6|apr1)\$(?:rounds=([0-9]{1,9})\$)?[./0-9A-Za-z]{0,16}\$[./0-9A-Za-z]{20,90}")
_SHIRO = re.compile(r"\$(?:shiro1|stormpath2)\$([A-Za-z0-9-]+)\$([0-9]{1,8})\$([^$]*)\$([^$]+)")
_MYSQL = re.compile(r"\*[0-9A-Fa-f]{40}")
_ITOA64 = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Scheme:
    """See the module. ``fits`` takes the text and the bytes of the password."""

    check: Callable[[str], None]
    fits: Callable[[str, bytes], bool]


def binary(text: str) -> bytes:
    """Base64, with or without padding, of either alphabet, and passlib's with its dots. Raises ValueError."""
    plain = text.rstrip("=").replace("-", "+").replace("_", "/").replace(".", "+")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError("no Base64") from error


def _matched(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    parts = pattern.fullmatch(text)
    if parts is None:
        raise ValueError("the hash does not have the form of its algorithm")
    return parts


def _argon2_check(text: str) -> None:
    try:
        parts = extract_parameters(text)
    except Exception as error:
        raise ValueError("the hash does not have the form of its algorithm") from error
    costs.argon2(parts.memory_cost, parts.time_cost, parts.parallelism)


def _argon2_fits(text: str, password: bytes) -> bool:
    try:
        return PasswordHasher().verify(text, password)
    except VerificationError:
        return False


def _bcrypt_check(text: str) -> None:
    costs.bcrypt(int(_matched(_BCRYPT, text)[1]))


def _bcrypt_fits(text: str, password: bytes) -> bool:
    return fits_bcrypt(password.decode("utf-8", "surrogateescape"), text)


@dataclass(frozen=True)
class _Stretched:
    """Parts of a PBKDF2 hash."""

    name: str
    rounds: int
    salt: bytes
    hash: bytes


def _pbkdf2(text: str) -> _Stretched:
    parts = _ROUNDS_FIRST.fullmatch(text)
    if parts is not None:
        name, rounds, length, salt, value = parts[1], parts[2], None, parts[3], parts[4]
    else:
        name, rounds, length, salt, value = _matched(_PHC, text).groups()
    known = digests.named(name or "sha1")
    made = binary(value)
    if known is None or (length is not None and int(length) != len(made)):
        raise ValueError("the hash does not have the form of its algorithm")
    costs.pbkdf2(int(rounds or 100_000), len(made))
    return _Stretched(known, int(rounds or 100_000), binary(salt), made)


def _pbkdf2_check(text: str) -> None:
    parts = _pbkdf2(text)
    if not digests.available(parts.name):
        raise ValueError(f"{parts.name} cannot be computed here")


def _pbkdf2_fits(text: str, password: bytes) -> bool:
    of = _pbkdf2(text)
    return hmac.compare_digest(digests.stretched(of.name, password, of.salt, of.rounds, len(of.hash)), of.hash)


def _ldap(text: str) -> tuple[str, bytes, bytes]:
    parts = _matched(_LDAP, text)
    kind = parts[2].lower()
    name = "sha1" if kind == "sha" else kind
    raw, size = binary(parts[3]), hashlib.new(name, usedforsecurity=False).digest_size
    salted = bool(parts[1])
    if len(raw) < size or (len(raw) > size) is not salted:
        raise ValueError("the hash does not have the form of its algorithm")
    return name, raw[:size], raw[size:]


def _ldap_check(text: str) -> None:
    _ldap(text)


def _ldap_fits(text: str, password: bytes) -> bool:
    name, known, salt = _ldap(text)
    return hmac.compare_digest(digests.digest(name, password + salt), known)


def _phpass_check(text: str) -> None:
    parts = _matched(_PHPASS, text)
    costs.phpass(_ITOA64.index(parts[1]))
    if text.startswith("$S$") is not (len(parts[3]) > 22):
        raise ValueError("the hash does not have the form of its algorithm")


def _phpass_fits(text: str, password: bytes) -> bool:
    """Portable hashes of phpass (``$P$``, ``$H$``), and Drupal 7's over SHA-512 (``$S$``), which are cut."""
    parts = _matched(_PHPASS, text)
    name = "sha512" if text.startswith("$S$") else "md5"
    made = digests.digest(name, parts[2].encode() + password)
    made = digests.again(name, made, 1 << _ITOA64.index(parts[1]), password)
    return hmac.compare_digest(_encoded64(made)[: len(parts[3])], parts[3])


def _encoded64(data: bytes) -> str:
    """The bytes as phpass writes them: three to four characters, the lowest six bits first."""
    made = []
    for at in range(0, len(data), 3):
        some = data[at : at + 3]
        value = int.from_bytes(some, "little")
        made += [_ITOA64[value >> 6 * place & 63] for place in range(len(some) + 1)]
    return "".join(made)


def _crypt_check(text: str) -> None:
    parts = _matched(_CRYPT, text)
    if text.startswith("$apr1$") and (parts[2] is not None or len(text.rpartition("$")[2]) != 22):
        raise ValueError("the hash does not have the form of its algorithm")
    costs.crypt(int(parts[2] or 5000))


def _crypt_fits(text: str, password: bytes) -> bool:
    """crypt(3) with MD5, SHA-256 and SHA-512, and Apache's variant: by the C library where it has them."""
    if b"\0" in password:
        return False
    compute = None if text.startswith("$apr1$") else crypt_of_library()
    if compute is not None:
        made = compute(password, text.encode())
        return made is not None and hmac.compare_digest(made, text.encode())
    from passlib.hash import apr_md5_crypt, md5_crypt, sha256_crypt, sha512_crypt

    known = {"apr1": apr_md5_crypt, "1": md5_crypt, "5": sha256_crypt, "6": sha512_crypt}
    return bool(known[_matched(_CRYPT, text)[1]].verify(password, text))


def _django_parts(text: str) -> tuple[str, list[str]]:
    kind, _, rest = text.partition("$")
    return kind, rest.split("$")


def _django_check(text: str) -> None:
    match _django_parts(text):
        case "pbkdf2_sha256" | "pbkdf2_sha1" | "pbkdf2_sha512", [rounds, _, value]:
            costs.pbkdf2(int(rounds), len(binary(value)))
        case "scrypt", [n, _, r, p, value]:
            costs.scrypt(int(n), int(r), int(p), len(binary(value)))
        case "argon2", _:
            _argon2_check(text.removeprefix("argon2"))
        case "bcrypt" | "bcrypt_sha256" as kind, _:
            _bcrypt_check(text.removeprefix(f"{kind}$"))
        case "sha1" | "md5" as kind, [_, value] if len(value) == {"sha1": 40, "md5": 32}[kind]:
            bytes.fromhex(value)
        case _:
            raise ValueError("the hash does not have the form of its algorithm")


def _django_fits(text: str, password: bytes) -> bool:
    match _django_parts(text):
        case kind, [rounds, salt, value] if kind.startswith("pbkdf2_"):
            known = binary(value)
            made = digests.stretched(kind.removeprefix("pbkdf2_"), password, salt.encode(), int(rounds), len(known))
        case "scrypt", [n, salt, r, p, value]:
            known = binary(value)
            made = scrypt(password, salt.encode(), int(n), int(r), int(p), len(known))
        case "argon2", _:
            return _argon2_fits(text.removeprefix("argon2"), password)
        case "bcrypt", _:
            return _bcrypt_fits(text.removeprefix("bcrypt$"), password)
        case "bcrypt_sha256", _:
            return _bcrypt_fits(text.removeprefix("bcrypt_sha256$"), hashlib.sha256(password).hexdigest().encode())
        case kind, [salt, value]:
            made, known = digests.digest(kind, salt.encode() + password), bytes.fromhex(value)
        case _:
            return False
    return hmac.compare_digest(made, known)


def scrypt(password: bytes, salt: bytes, n: int, r: int, p: int, length: int) -> bytes:
    """The scrypt of RFC 7914, with as much memory as it takes."""
    return hashlib.scrypt(password, salt=salt, n=n, r=r, p=p, maxmem=132 * n * r + 1024 * r * p, dklen=length)


def _werkzeug_parts(text: str) -> tuple[list[str], bytes, bytes]:
    method, salt, value = text.split("$")
    return method.split(":"), salt.encode(), bytes.fromhex(value)


def _werkzeug_check(text: str) -> None:
    match _werkzeug_parts(text):
        case ["scrypt", n, r, p], _, value:
            costs.scrypt(int(n), int(r), int(p), len(value))
        case ["pbkdf2", "sha1" | "sha256" | "sha512", rounds], _, value:
            costs.pbkdf2(int(rounds), len(value))
        case _:
            raise ValueError("the hash does not have the form of its algorithm")


def _werkzeug_fits(text: str, password: bytes) -> bool:
    match _werkzeug_parts(text):
        case ["scrypt", n, r, p], salt, value:
            made = scrypt(password, salt, int(n), int(r), int(p), len(value))
        case [_, name, rounds], salt, value:
            made = digests.stretched(name, password, salt, int(rounds), len(value))
        case _:
            return False
    return hmac.compare_digest(made, value)


_PRFS = {0: "sha1", 1: "sha256", 2: "sha512"}


def _aspnet(text: str) -> _Stretched:
    """ASP.NET Identity: version 2 (``00``, SHA-1, 1,000 rounds) and 3 (``01``, parameters as big-endian numbers)."""
    raw = binary(text)
    if len(raw) == 49 and raw[0] == 0:
        return _Stretched("sha1", 1000, raw[1:17], raw[17:])
    if len(raw) < 13 + 16 or raw[0] != 1:
        raise ValueError("the hash does not have the form of its algorithm")
    prf, rounds, size = (int.from_bytes(raw[at : at + 4], "big") for at in (1, 5, 9))
    if prf not in _PRFS or not 0 < size < len(raw) - 13:
        raise ValueError("the hash does not have the form of its algorithm")
    return _Stretched(_PRFS[prf], rounds, raw[13 : 13 + size], raw[13 + size :])


def _aspnet_check(text: str) -> None:
    of = _aspnet(text)
    costs.pbkdf2(of.rounds, len(of.hash))


def _aspnet_fits(text: str, password: bytes) -> bool:
    of = _aspnet(text)
    return hmac.compare_digest(digests.stretched(of.name, password, of.salt, of.rounds, len(of.hash)), of.hash)


def _shiro(text: str) -> _Stretched:
    parts = _matched(_SHIRO, text)
    name = digests.named(parts[1].replace("-", ""))
    if name is None:
        raise ValueError("the hash does not have the form of its algorithm")
    costs.pbkdf2(int(parts[2]))
    return _Stretched(name, int(parts[2]), binary(parts[3]), binary(parts[4]))


def _shiro_check(text: str) -> None:
    _shiro(text)


def _shiro_fits(text: str, password: bytes) -> bool:
    """Apache Shiro's format, which Stormpath exported as its own: a digest of salt and password, again and again."""
    of = _shiro(text)
    made = digests.digest(of.name, of.salt + password)
    made = digests.again(of.name, made, of.rounds - 1)
    return hmac.compare_digest(made, of.hash)


def _mysql_check(text: str) -> None:
    _matched(_MYSQL, text)


def _mysql_fits(text: str, password: bytes) -> bool:
    """``PASSWORD()`` of MySQL 4.1 to 5.7."""
    made = digests.digest("sha1", digests.digest("sha1", password))
    return hmac.compare_digest(made, bytes.fromhex(text[1:]))


SCHEMES: Mapping[str, Scheme] = {
    "argon2": Scheme(_argon2_check, _argon2_fits),
    "bcrypt": Scheme(_bcrypt_check, _bcrypt_fits),
    "pbkdf2": Scheme(_pbkdf2_check, _pbkdf2_fits),
    "ldap": Scheme(_ldap_check, _ldap_fits),
    "phpass": Scheme(_phpass_check, _phpass_fits),
    "crypt": Scheme(_crypt_check, _crypt_fits),
    "django": Scheme(_django_check, _django_fits),
    "werkzeug": Scheme(_werkzeug_check, _werkzeug_fits),
    "aspnet_identity": Scheme(_aspnet_check, _aspnet_fits),
    "shiro": Scheme(_shiro_check, _shiro_fits),
    "mysql": Scheme(_mysql_check, _mysql_fits),
}
"""By the name of the algorithm. The first four are Auth0's; all others are ours beside them."""
