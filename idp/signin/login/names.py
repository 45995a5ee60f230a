"""What people are asked for who say who they are: an address, a telephone number, a username, as their connection knows
them.
"""

from __future__ import annotations

from collections.abc import Sequence

from idp.directory.connections.runtime import ConnectionConfig
from idp.foundation.web.i18n import Texts

_LABELS = {
    "email": "login.login.usernameLabel",
    "phone_number": "login-id.login-id.phoneLabel",
    "username": "signup.signup.usernameLabel",
}
_EMAIL_OR_NAME = "login.login.usernameOrEmailLabel"


def of(texts: Texts, connection: ConnectionConfig | None) -> str:
    """The label of the field, for the connection that looks at the password."""
    if connection is None or connection.accounts is None:
        return texts.t(_EMAIL_OR_NAME if connection is not None and connection.takes_names else _LABELS["email"])
    known = [name for name in connection.accounts.known_by if name != "username" or connection.requires_username]
    return label(texts, known)


def label(texts: Texts, known_by: Sequence[str]) -> str:
    """The label for these attributes."""
    if set(known_by) == {"email", "username"}:
        return texts.t(_EMAIL_OR_NAME)
    return " / ".join(texts.t(_LABELS[name]) for name in known_by) or texts.t(_LABELS["email"])
