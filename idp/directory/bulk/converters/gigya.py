"""Gigya (SAP Customer Data Cloud): accounts as IdentitySync or ``accounts.search`` writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from idp.directory.bulk.converters.contract import Made, first, members_of

_PLAIN = {"md5": "md5", "sha1": "sha1", "sha256": "sha256", "sha512": "sha512"}


class Gigya:
    """Hashes come along where the export was allowed to have them."""

    name = "gigya"
    about = "accounts as accounts.search or IdentitySync writes them (JSON)"

    def read(self, file: BinaryIO, options: Mapping[str, str]) -> Iterator[Made]:
        """See :class:`~.contract.Converter`."""
        yield from map(_made, members_of(file, "results", "accounts"))


def _made(account: Mapping[str, Any]) -> Made:
    profile = account.get("profile") or {}
    emails = account.get("emails") or account.get("loginIDs", {}).get("emails") or {}
    made = Made({})
    verified = emails.get("verified") if isinstance(emails, Mapping) else None
    address = profile.get("email") or next(iter(verified or []), None)
    made.put("email", address)
    made.row["email_verified"] = bool(account.get("isVerified")) or address in (verified or [])
    made.put("user_id", first(account, "UID"))
    made.put("given_name", profile.get("firstName"))
    made.put("family_name", profile.get("lastName"))
    full = " ".join(part for part in (profile.get("firstName"), profile.get("lastName")) if part)
    made.put("name", profile.get("name") or full)
    made.put("nickname", profile.get("nickname"))
    picture = profile.get("photoURL")
    made.put("picture", picture if str(picture).startswith("http") else None)
    made.put("blocked", True if account.get("isActive") is False else None)
    names = ("locale", "country", "city", "zip", "gender", "birthYear", "birthMonth", "birthDay", "timezone")
    made.metadata("user_metadata", **{name: profile.get(name) for name in names}, data=account.get("data"))
    made.metadata("app_metadata", gigya_registered=account.get("registered"))
    _password(made, account.get("password"))
    return made


def _password(made: Made, password: Any) -> None:
    settings = password.get("hashSettings") if isinstance(password, Mapping) else None
    if not isinstance(settings, Mapping) or not password.get("hash"):
        made.left_out.append("password")
        return
    algorithm, value = str(settings.get("algorithm", "")).lower().replace("-", ""), str(password["hash"])
    salt, rounds = str(settings.get("salt") or ""), settings.get("rounds")
    if algorithm == "bcrypt":
        made.hash("bcrypt", value)
    elif algorithm.startswith("pbkdf2"):
        digest = algorithm.removeprefix("pbkdf2").strip("_") or "sha1"
        made.hash("pbkdf2", f"$pbkdf2-{digest}${rounds}${salt}${value}")
    elif algorithm in _PLAIN and rounds in (None, 1, "1", 0):
        form = str(settings.get("format") or "$salt$password")
        position = "suffix" if form.startswith("$password") else "prefix"
        more = {"salt": {"value": salt, "encoding": "base64", "position": position}} if salt else {}
        made.hash(_PLAIN[algorithm], value, "base64", **more)
    else:
        made.left_out.append(f"password ({algorithm})")
