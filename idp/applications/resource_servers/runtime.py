"""Resource servers as requests see them: typed, read once per configuration version."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from sqlalchemy import bindparam, select

from idp.applications.resource_servers import my_account, shared_signals
from idp.applications.resource_servers.models import ResourceServer
from idp.foundation.db.hot import Statement
from idp.foundation.db.typed_rows import Json
from idp.foundation.kernel.documents import fitting
from idp.foundation.tenancy.configuration import mfa_audience
from idp.foundation.tenancy.work import Work


class _ApiRow(msgspec.Struct, frozen=True):
    id: str
    identifier: str
    name: str
    is_system: bool
    signing_secret_sealed: str | None
    data: Json[dict[str, Any]]


_BY_IDENTIFIER = Statement(
    "resource_server_by_identifier",
    select(
        ResourceServer.id,
        ResourceServer.identifier,
        ResourceServer.name,
        ResourceServer.is_system,
        ResourceServer.signing_secret_sealed,
        ResourceServer.data,
    ).where(ResourceServer.tenant_id == bindparam("tenant"), ResourceServer.identifier == bindparam("identifier")),
    row=_ApiRow,
)


class _Offer(msgspec.Struct, frozen=True):
    data: Json[dict[str, Any]]


MOST_READ: Final = 500
_OFFERS: Final = Statement(
    "resource_server_offers",
    select(ResourceServer.data)
    .where(ResourceServer.tenant_id == bindparam("tenant"))
    .order_by(ResourceServer.id)
    .limit(MOST_READ),
    row=_Offer,
)


class Scope(msgspec.Struct, frozen=True):
    """A permission of an API."""

    value: str
    description: str | None = None


class ResourceServerData(msgspec.Struct, frozen=True):
    """Members that change what requests do; lifetimes in seconds."""

    scopes: list[Scope] = []
    signing_alg: str = "RS256"
    token_lifetime: int = 86_400
    token_lifetime_for_web: int = 7_200
    token_dialect: str = "rfc9068_profile"  # noqa: S105 - a name, no secret
    allow_offline_access: bool = False
    allow_online_access: bool = False
    """Refresh tokens that end with the person's session, by the scope ``online_access``."""
    allow_online_access_with_ephemeral_sessions: bool = False
    """Those too where sessions end with the browser (``session_cookie.mode`` ``non-persistent``)."""
    skip_consent_for_verifiable_first_party_clients: bool = False
    enforce_policies: bool = False
    client_id: str | None = None
    subject_type_authorization: dict[str, Any] = {}
    proof_of_possession: dict[str, Any] | None = None
    token_encryption: dict[str, Any] | None = None
    consent_policy: str | None = None
    authorization_details: list[dict[str, Any]] = []
    """Types of rich authorization requests: ``type``, and (ours) the words that people read, ``description``."""


class ResourceServerConfig(msgspec.Struct, frozen=True):
    """One API at one configuration version."""

    id: str
    identifier: str
    name: str
    is_system: bool
    signing_secret: str | None
    data: ResourceServerData

    def policy(self, subject: str) -> str | None:
        """``subject_type_authorization`` for ``client`` or ``user``: ``allow_all``, ``require_client_grant``,
        ``deny_all``, None.
        """
        named = self.data.subject_type_authorization.get(subject)
        found = named.get("policy") if isinstance(named, dict) else None
        return found if isinstance(found, str) else None

    def scope_values(self) -> list[str]:
        """Its permissions, in their order."""
        return [scope.value for scope in self.data.scopes]


MFA: Final = "own:mfa"
"""Id of the API by which people manage their second factors from an application (spec/authentication-api.md section
5)."""
_MFA: Final = ResourceServerData(
    scopes=[
        Scope("enroll", "Set up second factors"),
        Scope("read:authenticators", "List second factors"),
        Scope("remove:authenticators", "Remove second factors"),
    ],
    token_lifetime=600,
    subject_type_authorization={"client": {"policy": "deny_all"}},
    skip_consent_for_verifiable_first_party_clients=True,
)


def find(work: Work, identifier: str) -> ResourceServerConfig | None:
    """The API with that identifier (audience), or None. Those of our own, which nobody registers, lists or grants, come
    before any other; the My Account API goes by the domain that the piece of work came by (spec/my-account.md).
    """
    return work.config.remember("resource server", identifier, lambda: _load(work, identifier))


def _load(work: Work, identifier: str) -> ResourceServerConfig | None:
    mfa = mfa_audience(work.config.issuer)
    if identifier in (mfa, mfa.replace("http://", "https://", 1)):  # SDKs say https (spec/sdk-acceptance.md 1.3)
        return ResourceServerConfig(MFA, mfa, "Multi-factor authentication", False, None, _MFA)
    row = work.hot.one(_BY_IDENTIFIER, tenant=work.tenant_id, identifier=stored_as(work, identifier))
    if row is None:
        return None
    data = {name: value for name, value in row.data.items() if value is not None}
    return ResourceServerConfig(
        id=row.id,
        identifier=identifier,
        name=row.name,
        is_system=row.is_system,
        signing_secret=secret(work, row.id, row.signing_secret_sealed) if row.signing_secret_sealed else None,
        data=msgspec.convert(fitting(data, ResourceServerData), ResourceServerData),
    )


def stored_as(work: Work, identifier: str) -> str:
    """The identifier of the row behind ``identifier``: APIs of our own are one under every domain."""
    return shared_signals.stored_as(work, my_account.stored_as(work, identifier))


def secret(work: Work, id: str, sealed: str) -> str:
    """The secret that tokens of the API with that id are signed with (HS256)."""
    return work.sealer(ResourceServer.signing_secret_sealed, id=id).open(sealed)


def detail_types(work: Work) -> list[str]:
    """Types of ``authorization_details`` that the tenant's APIs offer (RFC 9396 10): one read of all of them, for who
    remembers it with the configuration.
    """
    offers = (row.data.get("authorization_details") or () for row in work.hot.all(_OFFERS, tenant=work.tenant_id))
    named = {each.get("type") for offered in offers for each in offered if isinstance(each, dict)}
    return sorted(each for each in named if isinstance(each, str))
