"""Clerk: the export of users of its dashboard (CSV), or users as JSON with their hashes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from idp.directory.bulk.converters.contract import Made, documents, first, lines_of_csv

_TEXTS = {
    "bcrypt": "bcrypt",
    "bcrypt_sha256_django": "django",
    "argon2i": "argon2",
    "argon2id": "argon2",
    "pbkdf2_sha256_django": "django",
    "pbkdf2_sha1": "pbkdf2",
    "pbkdf2_sha256": "pbkdf2",
    "pbkdf2_sha512": "pbkdf2",
    "phpass": "phpass",
    "scrypt_werkzeug": "werkzeug",
    "ldap_ssha": "ldap",
}
_DIGESTS = {"md5": "md5", "sha256": "sha256", "sha512": "sha512"}


class Clerk:
    """Passwords and seeds of one-time passwords come along."""

    name = "clerk"
    about = "the export of users (CSV, or JSON)"

    def read(self, file: BinaryIO, options: Mapping[str, str]) -> Iterator[Made]:
        """See :class:`~.contract.Converter`."""
        is_json = file.peek(1)[:1] in (b"[", b"{")  # type: ignore[attr-defined] # files are opened buffered
        yield from map(_made, documents(file) if is_json else lines_of_csv(file))


def _made(user: Mapping[str, Any]) -> Made:
    made = Made({})
    made.put("user_id", first(user, "id", "user_id"))
    verified, unverified = _listed(user, "verified_email_addresses"), _listed(user, "unverified_email_addresses")
    address = first(user, "primary_email_address", "email") or next(iter([*verified, *unverified]), None)
    made.put("email", address)
    made.row["email_verified"] = address in verified
    phones = _listed(user, "verified_phone_numbers")
    made.put("phone_number", first(user, "primary_phone_number") or next(iter(phones), None))
    if made.row.get("phone_number") in phones and phones:
        made.row["phone_verified"] = True
    made.put("given_name", user.get("first_name"))
    made.put("family_name", user.get("last_name"))
    made.put("name", " ".join(str(part) for part in (user.get("first_name"), user.get("last_name")) if part))
    made.put("blocked", True if user.get("banned") in {True, "true"} else None)
    for kind, name in (("user_metadata", "unsafe_metadata"), ("app_metadata", "public_metadata")):
        found = user.get(name)
        made.metadata(kind, **(found if isinstance(found, Mapping) else {}))
    made.metadata("app_metadata", clerk_username=user.get("username"))
    if seed := user.get("totp_secret"):
        made.factor("totp", str(seed).rstrip("="))
    _password(made, str(user.get("password_hasher") or ""), str(user.get("password_digest") or ""))
    return made


def _password(made: Made, hasher: str, value: str) -> None:
    if hasher in _TEXTS and value:
        made.hash(_TEXTS[hasher], value)
    elif hasher in _DIGESTS and value:
        made.hash(_DIGESTS[hasher], value, "hex")
    else:
        made.left_out.append(f"password ({hasher})" if hasher else "password")


def _listed(user: Mapping[str, Any], name: str) -> list[str]:
    """A list, or the text of one as the CSV has it."""
    found = user.get(name)
    if isinstance(found, list):
        return [str(each) for each in found]
    return [part.strip() for part in str(found or "").replace("|", ",").split(",") if part.strip()]
