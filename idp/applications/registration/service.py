"""Use cases on clients that register themselves (RFC 7591, 7592). They open their own transactions: what they fetch
comes before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from idp.applications.clients import sectors, stored, tls
from idp.applications.clients import service as clients
from idp.applications.clients.encryption import WITHOUT_SECRET
from idp.applications.clients.models import Client
from idp.applications.registration import initial_tokens, metadata, policy, statements
from idp.applications.registration.log_types import RegistrationLog
from idp.applications.registration.metadata import Metadata
from idp.applications.registration.models import InitialAccessToken, Registration
from idp.applications.registration.policy import Allowed
from idp.foundation.ephemeral import limits
from idp.foundation.ephemeral.limits import Limit
from idp.foundation.kernel import clock, ids
from idp.foundation.kernel.errors import BadRequest, OAuthError
from idp.foundation.kernel.secrets import digest, equal
from idp.foundation.tenancy.models import Tenant
from idp.foundation.tenancy.work import Work
from idp.tenant.audit import log

DCR, CIMD, FEDERATION = "dcr", "cimd", "oidf"
RULES = "rules of the initial access token"
"""Under which a registration keeps what let its client in: no member of the standard is called so."""
TRUST = "trust of a federation"
"""Under which one keeps what chain let its client in."""
NOT_VALID = "The registration access token is not valid"
NEVER_SENT = frozenset(
    {"registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"}
)
"""Members that a client never sends back (RFC 7592 2.2)."""


class NoRoom(OAuthError):
    """The tenant takes no more clients of that kind."""

    def __init__(self) -> None:
        text = "As many clients registered as are taken here: an administrator can help"
        super().__init__("temporarily_unavailable", text, status=429)


@dataclass(frozen=True)
class Registered:
    """A client as its registration says it. ``token`` is its registration access token, where it is known."""

    client_id: str
    secret: str | None
    token: str
    made_at: int
    metadata: Mapping[str, Any]


def register(work: Work, document: Mapping[str, Any], token: str | None) -> Registered:
    """Make a client of what it says of itself.

    :raises OAuthError: ``invalid_token`` (401) without a good initial access token where one is needed,
        ``access_denied`` where nobody registers here, and what is wrong with the document.
    """
    _check_offered(work)
    let_in = _let_in(work, token)
    said = _read(work, document, let_in.policy if let_in else None)
    with work.transaction():
        work.rows.lock_one(Tenant, work.tenant_id)  # it stands for the number of them
        if let_in is not None and not initial_tokens.spend(work, let_in.id):
            raise _invalid_token("The initial access token is used up")
        check_room(work, DCR)
        client = create(work, said, external_metadata_type=DCR, external_metadata_created_by="client")
        registration_token = ids.token()
        row = Registration(
            tenant_id=work.tenant_id,
            client_id=client.client_id,
            kind=DCR,
            token_hash=digest(registration_token),
            initial_token_id=let_in.id if let_in else None,
            document={**metadata.kept(said), **_statement(document), **_rules(let_in.policy if let_in else None)},
            created_at=clock.now_ms(),
        )
        work.rows.add(row)
        work.rows.flush()
        _log(work, RegistrationLog.REGISTERED, client, initial_token=row.initial_token_id)
        return _registered(work, client, row, registration_token)


def read(work: Work, client_id: str, token: str | None) -> Registered:
    """The client's registration as it stands (RFC 7592 2.1).

    :raises OAuthError: ``invalid_token`` (401).
    """
    _check_offered(work)
    _check_token(work, client_id, token)
    with work.transaction():
        row, client = _of_token(work, client_id, token)
        return _registered(work, client, row, str(token))


def replace(work: Work, client_id: str, token: str | None, document: Mapping[str, Any]) -> Registered:
    """Put another registration in the place of the one there is (RFC 7592 2.2). The client gets another token; the one
    it has is good until it used that.

    :raises OAuthError: as :func:`register`; ``access_denied`` for a client that an administrator trusts by now.
    """
    _check_offered(work)
    _check_token(work, client_id, token)
    with work.transaction():
        _refuse_trusted(_of_token(work, client_id, token)[1])
    counted(work, limits.REGISTRATIONS_CHANGED, client_id)
    _check_sent(work, client_id, document)
    rules = _policy_of(work, client_id)
    said = _read(work, document, rules)
    with work.transaction():
        row, client = _of_token(work, client_id, token)
        _refuse_trusted(client)
        change(work, client, said)
        fresh = ids.token()
        row.former_hash, row.token_hash = digest(str(token)), digest(fresh)
        row.document = {**metadata.kept(said), **_statement(document), **_rules(rules)}
        work.rows.flush()
        _log(work, RegistrationLog.CHANGED, client)
        return _registered(work, client, row, fresh)


def remove(work: Work, client_id: str, token: str | None) -> None:
    """The client goes, and whatever it was given with it (RFC 7592 2.3).

    :raises OAuthError: ``invalid_token`` (401); ``access_denied`` for a client that an administrator trusts by now.
    """
    _check_offered(work)
    _check_token(work, client_id, token)
    with work.transaction():
        _, client = _of_token(work, client_id, token)
        _refuse_trusted(client)
        _log(work, RegistrationLog.REMOVED, client)
        clients.delete(work, client_id)


def create(work: Work, said: Metadata, **beside: Any) -> Client:
    """A client of somebody else's, in the caller's transaction. Raises OAuthError ``invalid_client_metadata``."""
    given = {name: value for name, value in metadata.members(said).items() if value is not None}
    try:
        return clients.create(work, {**given, **beside, "is_first_party": False})
    except BadRequest as problem:
        raise OAuthError("invalid_client_metadata", problem.message) from problem


def change(work: Work, client: Client, said: Metadata) -> None:
    """The client as it is said to be now. Raises OAuthError ``invalid_client_metadata``."""
    try:
        clients.update(work, client, metadata.members(said))
    except BadRequest as problem:
        raise OAuthError("invalid_client_metadata", problem.message) from problem


def check_room(work: Work, kind: str) -> None:
    """Refuse one client more than the tenant has room for. Raises NoRoom."""
    count = (
        select(func.count())
        .select_from(Registration)
        .where(Registration.tenant_id == work.tenant_id, Registration.kind == kind)
    )
    if int(work.rows.scalar(count) or 0) >= work.config.settings.client_registration.max_clients:
        raise NoRoom


def of_client(work: Work, client_id: str) -> Registration | None:
    """How the client made itself known; None where an administrator made it."""
    return work.rows.get(Registration, (work.tenant_id, client_id))


def counted(work: Work, limit: Limit, who: str) -> None:
    """Count a call of strangers. Raises OAuthError ``temporarily_unavailable`` (429)."""
    if limits.exceeded(work, limit, who) is not None:
        raise OAuthError("temporarily_unavailable", "Too many registrations: try again later", status=429)


def _check_offered(work: Work) -> None:
    if not work.config.settings.flags.enable_dynamic_client_registration:
        raise OAuthError("access_denied", "Dynamic client registration is switched off", status=403)


def _let_in(work: Work, token: str | None) -> InitialAccessToken | None:
    """The initial access token, None where anybody may register without."""
    if token is None:
        if not work.config.settings.client_registration.open:
            counted(work, limits.REGISTRATIONS_TRIED, work.network)
            raise _invalid_token("An initial access token is needed")
        counted(work, limits.REGISTRATIONS, work.network)
        return None
    found = initial_tokens.find(work, token)
    if found is None:
        counted(work, limits.REGISTRATIONS_TRIED, work.network)
        raise _invalid_token("The initial access token is not valid")
    counted(work, limits.REGISTRATIONS_BY_TOKEN, found.id)
    return found


def _read(work: Work, document: Mapping[str, Any], narrower: Mapping[str, Any] | None) -> Metadata:
    said = metadata.read(statements.applied(work, document), development=work.platform.settings.development)
    policy.check(said, Allowed.of(work.config.settings.client_registration, narrower))
    if said.token_endpoint_auth_method in tls.METHODS and said.token_endpoint_auth_method not in tls.offered(work):
        raise OAuthError("invalid_client_metadata", "token_endpoint_auth_method: nobody tells us certificates here")
    try:
        sectors.read(work, {}, metadata.members(said))
    except BadRequest as problem:
        raise OAuthError("invalid_client_metadata", problem.message, detail=problem.detail) from problem
    return said


def _policy_of(work: Work, client_id: str) -> Mapping[str, Any] | None:
    """The rules that let the client in, whether that token is still there or not; None for the tenant's."""
    row = of_client(work, client_id)
    if row is not None and RULES in row.document:
        return dict(row.document[RULES])
    token_id = row.initial_token_id if row else None
    token = work.rows.get(InitialAccessToken, (work.tenant_id, token_id)) if token_id else None
    return token.policy if token else None


def _rules(policy: Mapping[str, Any] | None) -> dict[str, Any]:
    return {} if policy is None else {RULES: dict(policy)}


def _statement(document: Mapping[str, Any]) -> dict[str, Any]:
    raw = document.get(statements.MEMBER)
    return {} if raw is None else {statements.MEMBER: raw}


def _check_sent(work: Work, client_id: str, document: Mapping[str, Any]) -> None:
    """RFC 7592 2.2: the client says who it is, and nothing that is not its to say."""
    client = clients.get(work, client_id)
    secret, known = document.get("client_secret"), stored.secret(work, client_id, client.secret_sealed)
    rules = (
        (document.get("client_id") == client_id, "client_id is missing, or another one"),
        (NEVER_SENT.isdisjoint(document), "The request holds members that only answers have"),
        (
            secret is None or (isinstance(secret, str) and known is not None and equal(secret, known)),
            "client_secret is not the client's: leave it out",
        ),
    )
    problem = next((text for holds, text in rules if not holds), None)
    if problem is not None:
        raise OAuthError("invalid_client_metadata", problem)


def _check_token(work: Work, client_id: str, token: str | None) -> None:
    """Count a token that is none of the client's, before any transaction: one that ends with a refusal counts nothing.
    Raises OAuthError ``invalid_token``, or that there were too many.
    """
    if not _opens(of_client(work, client_id), token):
        counted(work, limits.REGISTRATIONS_TRIED, work.network)
        raise _invalid_token(NOT_VALID)


def _opens(row: Registration | None, token: str | None) -> bool:
    if row is None or not token:
        return False
    hashed = digest(token)
    return any([equal(hashed, each) for each in (row.token_hash, row.former_hash) if each is not None])


def _of_token(work: Work, client_id: str, token: str | None) -> tuple[Registration, Client]:
    """The registration that the token is of. To use the newer one ends the one before."""
    row = work.rows.lock_one(Registration, client_id)
    client = work.rows.get(Client, (work.tenant_id, client_id)) if _opens(row, token) else None
    if row is None or client is None:
        raise _invalid_token(NOT_VALID)
    if row.former_hash is not None and equal(digest(str(token)), row.token_hash or ""):
        row.former_hash = None
        work.rows.flush()
    return row, client


def _refuse_trusted(client: Client) -> None:
    """People are not asked before they go to a client of the tenant's own: who sends them where is no longer the
    registration's to say (security.md A1).
    """
    if client.is_first_party:
        raise OAuthError("access_denied", "An administrator manages this client by now", status=403)


def _registered(work: Work, client: Client, row: Registration, token: str) -> Registered:
    document = stored.opened(work, client)
    shown = document.get("token_endpoint_auth_method") not in WITHOUT_SECRET
    secret = stored.secret(work, client.client_id, client.secret_sealed) if shown else None
    beside = {name: value for name, value in row.document.items() if name != RULES}
    said = metadata.described(document, client.name, beside)
    return Registered(client.client_id, secret, token, row.created_at, said)


def _log(work: Work, kind: RegistrationLog, client: Client, **details: Any) -> None:
    about = {name: value for name, value in details.items() if value}
    log.write(work, kind, client_id=client.client_id, client_name=client.name, details=about or None)


def _invalid_token(text: str) -> OAuthError:
    return OAuthError("invalid_token", text, status=401)
