"""Okta: users as ``GET /api/v1/users`` answers them, or as rows of the export of its People page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from idp.directory.bulk.converters.contract import Made, documents, first, lines_of_csv

_KNOWN = frozenset(
    {"login", "email", "firstName", "lastName", "displayName", "nickName", "mobilePhone", "primaryPhone"}
)
_SHUT_OUT = frozenset({"SUSPENDED", "DEPROVISIONED", "LOCKED_OUT"})


class Okta:
    """Ids stay; passwords do not leave Okta, but for hashes that an import there once brought."""

    name = "okta"
    about = "users as GET /api/v1/users answers them (JSON), or the People export (CSV)"

    def read(self, file: BinaryIO, options: Mapping[str, str]) -> Iterator[Made]:
        """See :class:`~.contract.Converter`."""
        if file.peek(1)[:1] in (b"[", b"{"):  # type: ignore[attr-defined] # files are opened buffered
            yield from map(_of_api, documents(file))
        else:
            yield from map(_of_csv, lines_of_csv(file))


def _of_api(document: Mapping[str, Any]) -> Made:
    profile = document.get("profile") or {}
    made = _person(profile)
    made.put("user_id", document.get("id"))
    made.put("blocked", True if document.get("status") in _SHUT_OUT else None)
    made.row["email_verified"] = document.get("status") != "STAGED"
    hashed = ((document.get("credentials") or {}).get("password") or {}).get("hash")
    if isinstance(hashed, Mapping):
        _hash(made, hashed)
    else:
        made.left_out.append("password")
    return made


def _of_csv(line: Mapping[str, str]) -> Made:
    made = _person({_camel(name): value for name, value in line.items()})
    made.put("user_id", first(line, "id", "user.id"))
    made.left_out.append("password")
    return made


def _camel(name: str) -> str:
    head, *rest = name.removeprefix("user.").split("_")
    return head + "".join(part.title() for part in rest)


def _person(profile: Mapping[str, Any]) -> Made:
    made = Made({})
    made.put("email", first(profile, "email", "login"))
    made.put("given_name", profile.get("firstName"))
    made.put("family_name", profile.get("lastName"))
    full = " ".join(part for part in (profile.get("firstName"), profile.get("lastName")) if part)
    made.put("name", profile.get("displayName") or full)
    made.put("nickname", profile.get("nickName"))
    made.metadata("user_metadata", **{name: value for name, value in profile.items() if name not in _KNOWN})
    made.metadata("app_metadata", okta_login=profile.get("login"))
    return made


def _hash(made: Made, hashed: Mapping[str, Any]) -> None:
    """The object that Okta's own import takes (``credentials.password.hash``)."""
    algorithm, value = str(hashed.get("algorithm", "")).upper(), str(hashed.get("value", ""))
    salt = str(hashed.get("salt", ""))
    if algorithm == "BCRYPT":
        made.hash("bcrypt", f"$2a${int(hashed.get('workFactor', 10)):02d}${salt}{value}")
    elif algorithm in {"SHA-512", "SHA-256", "SHA-1", "MD5"}:
        order = str(hashed.get("saltOrder", "PREFIX")).lower().replace("postfix", "suffix")
        more = {"salt": {"value": salt, "encoding": "base64", "position": order}} if salt else {}
        made.hash(algorithm.replace("-", "").lower(), value, "base64", **more)
    elif algorithm == "PBKDF2":
        digest = str(hashed.get("digestAlgorithm", "SHA256_HMAC")).split("_")[0].lower()
        made.hash(
            "pbkdf2", f"$pbkdf2-{digest}$i={hashed.get('iterationCount')},l={hashed.get('keySize')}${salt}${value}"
        )
    else:
        made.left_out.append(f"password ({algorithm})")
