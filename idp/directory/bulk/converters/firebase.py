"""Firebase Authentication: ``firebase auth:export users.json``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from idp.directory.bulk.converters.contract import Made, Unconvertible, members_of

PARAMETERS = ("signer_key", "salt_separator", "rounds", "memory_cost")
"""Of the project's scrypt, as its console shows them ("Password hash parameters")."""


class Firebase:
    """Passwords come along with the parameters of the project, phone numbers as factors."""

    name = "firebase"
    about = "auth:export as JSON; hashes need -o signer_key=... -o salt_separator=... -o rounds=8 -o memory_cost=14"

    def read(self, file: BinaryIO, options: Mapping[str, str]) -> Iterator[Made]:
        """See :class:`~.contract.Converter`."""
        parameters = _parameters(options)
        for user in members_of(file, "users"):
            yield _made(user, parameters)


def _parameters(options: Mapping[str, str]) -> dict[str, Any] | None:
    if "signer_key" not in options:
        return None
    try:
        numbers = {name: int(options[name]) for name in ("rounds", "memory_cost") if name in options}
    except ValueError as error:
        raise Unconvertible("rounds and memory_cost are numbers") from error
    return {"signer_key": options["signer_key"], "salt_separator": options.get("salt_separator", ""), **numbers}


def _made(user: Mapping[str, Any], parameters: Mapping[str, Any] | None) -> Made:
    made = Made({})
    made.put("user_id", user.get("localId"))
    made.put("email", user.get("email"))
    made.row["email_verified"] = user.get("emailVerified") is True
    made.put("name", user.get("displayName"))
    made.put("picture", user.get("photoUrl"))
    made.put("phone_number", user.get("phoneNumber"))
    made.put("blocked", True if user.get("disabled") else None)
    claims = user.get("customAttributes")
    made.metadata("app_metadata", firebase_claims=claims, firebase_created=user.get("createdAt"))
    for factor in user.get("mfaInfo") or []:
        if factor.get("phoneInfo"):
            made.factor("phone", factor["phoneInfo"])
        else:
            made.left_out.append("second factor")
    hashed, salt = user.get("passwordHash"), user.get("salt")
    if hashed and parameters is not None:
        salted = {"salt": {"value": str(salt), "encoding": "base64"}} if salt else {}
        made.hash("firebase_scrypt", str(hashed), "base64", **salted, **parameters)
    elif hashed:
        made.left_out.append("password (the parameters of the project are missing)")
    providers = [each.get("providerId") for each in user.get("providerUserInfo") or []]
    made.left_out += [f"linked account of {name}" for name in providers if name not in {"password", "phone", None}]
    return made
