"""Amazon Cognito: users as ``aws cognito-idp list-users`` answers them, or CSV in the form of Cognito's own import."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from idp.directory.bulk.converters.contract import Made, lines_of_csv, members_of, true

_KNOWN = frozenset(
    {
        "sub",
        "email",
        "email_verified",
        "phone_number",
        "phone_number_verified",
        "name",
        "given_name",
        "family_name",
        "nickname",
        "picture",
        "identities",
        "cognito:username",
        "cognito:mfa_enabled",
        "updated_at",
    }
)


class Cognito:
    """Passwords do not leave Cognito."""

    name = "cognito"
    about = "users as list-users answers them (JSON), or CSV"

    def read(self, file: BinaryIO, options: Mapping[str, str]) -> Iterator[Made]:
        """See :class:`~.contract.Converter`."""
        if file.peek(1)[:1] in (b"[", b"{"):  # type: ignore[attr-defined] # files are opened buffered
            yield from map(_of_api, members_of(file, "Users"))
        else:
            for line in lines_of_csv(file):
                yield _made(line, line.get("cognito:username"))


def _of_api(user: Mapping[str, Any]) -> Made:
    listed = user.get("Attributes") or user.get("UserAttributes") or []
    attributes = {each["Name"]: each.get("Value") for each in listed if "Name" in each}
    made = _made(attributes, user.get("Username"))
    made.put("blocked", True if user.get("Enabled") is False else None)
    for each in user.get("MFAOptions") or []:
        if each.get("DeliveryMedium") == "SMS" and made.row.get("phone_number"):
            made.factor("phone", made.row["phone_number"])
    return made


def _made(attributes: Mapping[str, Any], username: Any) -> Made:
    made = Made({})
    made.put("user_id", attributes.get("sub") or username)
    for name in ("email", "phone_number", "name", "given_name", "family_name", "nickname", "picture"):
        made.put(name, attributes.get(name))
    made.row["email_verified"] = true(attributes.get("email_verified"))
    if "phone_number" in made.row:
        made.row["phone_verified"] = true(attributes.get("phone_number_verified"))
    more = {name.removeprefix("custom:"): value for name, value in attributes.items() if name not in _KNOWN}
    made.metadata("user_metadata", **more)
    made.metadata("app_metadata", cognito_username=username)
    made.left_out.append("password")
    if attributes.get("identities"):
        made.left_out.append("linked accounts")
    return made
