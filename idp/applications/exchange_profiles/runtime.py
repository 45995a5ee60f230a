"""Profiles as requests see them: read once per configuration version."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from idp.applications.clients import trusted_issuers
from idp.applications.clients.trusted_issuers import TrustedIssuer
from idp.foundation.tenancy import documents
from idp.foundation.tenancy.work import Work

KIND: Final = "token-exchange-profile"
CUSTOM: Final = "custom_authentication"


class Profile(msgspec.Struct, frozen=True):
    """What is exchanged for tokens of that type; without a ``trusted`` issuer nothing is, since nobody checks it."""

    id: str
    name: str
    subject_token_type: str
    type: str = CUSTOM
    trusted: TrustedIssuer | None = None
    actor_token_types: tuple[str, ...] = ()
    """What whoever acts for the person may prove themselves with: types of profiles, or the client's access tokens."""


def find(work: Work, subject_token_type: str) -> Profile | None:
    """The profile of that type of token, or None."""
    for name, document in documents.of_kind(work, KIND).items():
        if document["subject_token_type"] == subject_token_type:
            return _profile(name, document)
    return None


def _profile(name: str, document: dict[str, Any]) -> Profile:
    return Profile(
        name,
        document["name"],
        document["subject_token_type"],
        document.get("type", CUSTOM),
        trusted_issuers.read(document.get("validation")),
        tuple(document.get("actor_token_types") or ()),
    )
