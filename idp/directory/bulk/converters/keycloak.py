"""Keycloak: the users of a realm export (``kc.sh export --users realm_file`` or ``same_file``)."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from idp.directory.bulk.converters.contract import Made, members_of, true
from idp.foundation.kernel import strict_json
from idp.foundation.kernel.strict_json import InvalidJson

_DIGESTS = {"pbkdf2": "sha1", "pbkdf2-sha256": "sha256", "pbkdf2-sha512": "sha512"}
_OF_ITS_OWN = frozenset({"phoneNumber", "phoneNumberVerified", "picture", "nickname"})


class Keycloak:
    """Passwords (PBKDF2, Argon2) and seeds of one-time passwords come along."""

    name = "keycloak"
    about = "a realm export with its users (JSON)"

    def read(self, file: BinaryIO, options: Mapping[str, str]) -> Iterator[Made]:
        """See :class:`~.contract.Converter`."""
        yield from map(_made, members_of(file, "users"))


def _made(user: Mapping[str, Any]) -> Made:
    attributes = user.get("attributes") or {}
    made = Made({})
    made.put("user_id", user.get("id"))
    made.put("email", user.get("email"))
    made.row["email_verified"] = true(user.get("emailVerified"))
    made.put("given_name", user.get("firstName"))
    made.put("family_name", user.get("lastName"))
    made.put("name", " ".join(part for part in (user.get("firstName"), user.get("lastName")) if part))
    made.put("blocked", True if user.get("enabled") is False else None)
    made.put("phone_number", _one(attributes, "phoneNumber"))
    made.put("nickname", _one(attributes, "nickname"))
    made.put("picture", _one(attributes, "picture"))
    more = {name: _plain(value) for name, value in attributes.items() if name not in _OF_ITS_OWN}
    made.metadata("user_metadata", **more)
    roles = {
        "realm_roles": user.get("realmRoles"),
        "client_roles": user.get("clientRoles"),
        "groups": user.get("groups"),
    }
    made.metadata("app_metadata", keycloak_username=user.get("username"), **roles)
    for credential in user.get("credentials") or []:
        _credential(made, credential)
    if "custom_password_hash" not in made.row:
        made.left_out.append("password")
    made.left_out += [
        f"linked account of {each.get('identityProvider')}" for each in user.get("federatedIdentities") or []
    ]
    return made


def _one(attributes: Mapping[str, Any], name: str) -> Any:
    listed = attributes.get(name)
    return listed[0] if isinstance(listed, Sequence) and not isinstance(listed, str) and listed else listed


def _plain(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _credential(made: Made, credential: Mapping[str, Any]) -> None:
    data, secret = _document(credential.get("credentialData")), _document(credential.get("secretData"))
    kind = credential.get("type")
    if kind == "password":
        _password(made, data, secret)
    elif kind in {"otp", "totp"} and data.get("subType", "totp") == "totp" and secret.get("value"):
        usual = (
            data.get("digits", 6) == 6
            and data.get("period", 30) == 30
            and data.get("algorithm", "HmacSHA1") == "HmacSHA1"
        )
        if usual:
            made.factor("totp", _seed(str(secret["value"]), str(data.get("secretEncoding") or "")))
        else:
            made.left_out.append("one-time password with unusual settings")
    else:
        made.left_out.append(f"credential {kind}")


def _password(made: Made, data: Mapping[str, Any], secret: Mapping[str, Any]) -> None:
    algorithm, rounds = str(data.get("algorithm", "")), data.get("hashIterations")
    salt, value = (str(secret.get(name, "")).rstrip("=") for name in ("salt", "value"))
    if algorithm in _DIGESTS:
        made.hash("pbkdf2", f"$pbkdf2-{_DIGESTS[algorithm]}${rounds}${salt}${value}")
    elif algorithm == "argon2":
        given = {name: _one(data.get("additionalParameters") or {}, name) for name in ("type", "memory", "parallelism")}
        costs = f"m={given['memory'] or 7168},t={rounds},p={given['parallelism'] or 1}"
        made.hash("argon2", f"$argon2{given['type'] or 'id'}$v=19${costs}${salt}${value}")
    else:
        made.left_out.append(f"password ({algorithm})")


def _seed(value: str, encoding: str) -> str:
    """The seed in Base32: Keycloak keeps the bytes as text, newer ones in Base32."""
    if encoding.upper() == "BASE32":
        return value.rstrip("=")
    return base64.b32encode(value.encode()).decode().rstrip("=")


def _document(value: Any) -> Mapping[str, Any]:
    """A document in a text, as Keycloak writes them, or as it is."""
    if isinstance(value, Mapping):
        return value
    try:
        found = strict_json.decode(str(value or "{}"))
    except InvalidJson:
        return {}
    return found if isinstance(found, Mapping) else {}
