"""Use cases on impersonation: a link is made, and used once (spec/misc.md, "Impersonation")."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from idp.applications.clients import runtime as clients
from idp.applications.clients.runtime import ClientConfig
from idp.directory.connections import runtime as connections
from idp.directory.users import provision
from idp.directory.users import service as users
from idp.directory.users.models import User
from idp.foundation.ephemeral import one_time
from idp.foundation.kernel import clock, ids, redirects, scopes
from idp.foundation.kernel.actor import DASHBOARD
from idp.foundation.kernel.errors import BadRequest, Forbidden, NotFound, OAuthError, PageError
from idp.foundation.kernel.log_types import LogType
from idp.foundation.tenancy.work import Work
from idp.protocol.impersonation import assertions
from idp.protocol.impersonation.log_types import ImpersonationLog
from idp.protocol.tokens import codes, gate, impersonated, requirements, store
from idp.protocol.tokens.codes import NewAuthorization
from idp.protocol.tokens.issuer import FrontChannel
from idp.protocol.tokens.store import AuthorizationRequest
from idp.tenant.audit import failures, log
from idp.tenant.members import service as administrators

KIND = "impersonation"
LIFETIME_MS = 300_000
"""How long a link is good: five minutes."""
MAX_TICKET = 200
WORDS: Mapping[str, frozenset[str]] = {
    "code": frozenset({"code"}),
    "token": frozenset({"token", "id_token"}),
    "id_token": frozenset({"id_token"}),
}
"""What the application is given, by ``response_type``: Auth0's ``token`` brings an ID token along."""
OAUTH2 = "oauth2"
POSTED = "form_post"
USED_UP = "This link was used, or is too old. Whoever made it can make another one."


class Link(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a link is good for: who becomes whom in which application, and how that is told."""

    user_id: str
    impersonator_id: str
    client_id: str
    callback_url: str
    response_type: str
    mode: str
    scope: str
    state: str | None = None
    nonce: str | None = None
    code_challenge: str | None = None
    by_administrator: bool = False
    protocol: str = OAUTH2


@dataclass(frozen=True)
class Made:
    """A link that was made, and when it is good no more (ms)."""

    url: str
    expires_at: int


@dataclass(frozen=True)
class Entered:
    """The answer that the browser takes to the application. ``asserted``: it is an assertion, and ``params`` are the
    fields of its form as they are.
    """

    client: ClientConfig
    mode: str
    callback_url: str
    state: str | None
    params: Mapping[str, str]
    asserted: bool = False


@dataclass(frozen=True)
class _Answer:
    """An answer that is not good yet, and what makes it so."""

    params: Mapping[str, str]
    store: Callable[[], None]


def create(work: Work, user_id: str, members: Mapping[str, Any]) -> Made:
    """A link by which ``members["impersonator_id"]`` gets into an application as that user; ``members`` have Auth0's
    names (spec/misc.md).

    :raises Forbidden: the tenant allows none of it, the caller names somebody else as themselves, or that user is an
        administrator with more rights than the caller.
    :raises NotFound: no such user.
    :raises BadRequest: the impersonator or the client is unknown, the client could not be gone back to, or the user
        could not sign in to it.
    """
    if not impersonated.allowed(work):
        raise Forbidden(
            "Impersonation is switched off for this tenant: flags.disable_impersonation.", "impersonation_disabled"
        )
    user, impersonator_id = users.get(work, user_id), str(members["impersonator_id"])
    administrators.refuse_stronger(work, [user.user_id])
    _check_impersonator(work, user, impersonator_id)
    link = _link(work, user, impersonator_id, members)
    value = ids.token()
    with work.transaction():
        one_time.put(work, KIND, value, link, ttl_ms=LIFETIME_MS, subject=user.user_id)
        _write(work, ImpersonationLog.LINK_MADE, link, None)
    path = f"users/{quote(impersonator_id, safe='')}/impersonate"
    return Made(f"{work.config.url}{path}?{urlencode({'ticket': value})}", clock.now_ms() + LIFETIME_MS)


def enter(work: Work, impersonator_id: str, ticket: str) -> Entered:
    """Use the link: the application's answer, good from now on. Under the configuration of this moment, as every other
    authorization (:mod:`idp.protocol.tokens.gate`).

    :raises PageError: it was used or is too old, or something does not allow it any more.
    """
    link, _ = one_time.read(work, KIND, ticket, Link) if 0 < len(ticket) <= MAX_TICKET else (None, None)
    if link is None or link.impersonator_id != impersonator_id:
        _note_second_use(work, ticket)
        raise PageError("invalid_request", USED_UP)
    client = clients.find(work, link.client_id)
    if client is None:
        raise PageError("invalid_request", "The application is no longer registered.")
    try:
        answer = _answer(work, client, link)
    except OAuthError as problem:
        failures.write(work, ImpersonationLog.FAILED, problem.description, **_about(link))
        raise PageError(problem.error, f"{problem.description}.") from problem
    except PageError as problem:
        failures.write(work, ImpersonationLog.FAILED, str(problem), **_about(link))
        raise
    with work.transaction():
        if not one_time.take(work, KIND, ticket):
            raise PageError("invalid_request", USED_UP)
        answer.store()
        _write(work, ImpersonationLog.USED, link, client)
    return Entered(client, link.mode, link.callback_url, link.state, answer.params, link.protocol != OAUTH2)


def _check_impersonator(work: Work, user: User, impersonator_id: str) -> None:
    if work.actor.user_id is not None and work.actor.user_id != impersonator_id:
        raise Forbidden("Nobody impersonates in the name of somebody else.", "insufficient_rights")
    if impersonator_id == user.user_id:
        raise BadRequest("Nobody impersonates themselves.", "invalid_body")
    try:
        impersonator = users.get(work, impersonator_id)
    except NotFound as error:
        raise BadRequest("The impersonator does not exist.", "inexistent_user") from error
    if impersonator.blocked:
        raise BadRequest("The impersonator is blocked.", "user_blocked")
    if user.blocked:
        raise BadRequest("The user is blocked.", "user_blocked")


def _link(work: Work, user: User, impersonator_id: str, members: Mapping[str, Any]) -> Link:
    protocol = str(members["protocol"])
    if protocol != OAUTH2 and protocol not in assertions.ADDONS:
        known = ", ".join([OAUTH2, *sorted(assertions.ADDONS)])
        raise BadRequest(f"The protocol {protocol} is not supported: use one of {known}.", "operation_not_supported")
    client = clients.find(work, members["client_id"])
    if client is None:
        raise BadRequest("The client does not exist.", "inexistent_client")
    more: Mapping[str, Any] = members.get("additionalParameters") or {}
    callback = more.get("callback_url") or next(iter(client.data.callbacks), "")
    if not callback or not _takes(client, callback):
        raise BadRequest("The callback_url is not one of the client's callbacks.", "invalid_callback_url")
    person = provision.by_id(work, user.user_id)
    if person is None or not connections.enabled(work, client.client_id, person.connection_id):
        raise BadRequest("The user's connection is not enabled for this client.", "connection_not_enabled")
    if protocol == OAUTH2:
        kind, mode = _oauth2(work, client, more)
        said = scopes.join(_scopes(more.get("scope") or "openid"))
    else:
        assertions.check(work, client, protocol)
        kind, mode, said = protocol, POSTED, scopes.join(assertions.scope())
    return Link(
        user_id=user.user_id,
        impersonator_id=impersonator_id,
        client_id=client.client_id,
        callback_url=callback,
        response_type=kind,
        mode=mode,
        scope=said,
        state=more.get("state"),
        nonce=more.get("nonce"),
        code_challenge=more.get("code_challenge"),
        by_administrator=work.actor.channel == DASHBOARD,
        protocol=protocol,
    )


def _oauth2(work: Work, client: ClientConfig, more: Mapping[str, Any]) -> tuple[str, str]:
    """Response type and mode. Raises BadRequest where they do not go together, or the client has no use for them."""
    kind = more.get("response_type", "code")
    mode = more.get("response_mode") or ("query" if kind == "code" else "fragment")
    if kind != "code" and mode == "query":
        raise BadRequest("Tokens do not travel in a query: response_mode is fragment or form_post.", "invalid_body")
    _check_client(work, client, kind, more.get("code_challenge"))
    return kind, mode


def _check_client(work: Work, client: ClientConfig, kind: str, challenge: str | None) -> None:
    """Raises BadRequest where the client could do nothing with the answer."""
    if kind == "code" and client.public and not challenge and not client.compatibility.public_clients_without_pkce:
        raise BadRequest("Public clients must use PKCE: code_challenge is missing.", "invalid_body")
    try:
        requirements.check_response_type(client, WORDS[kind])
        requirements.check_client(work, client)
    except OAuthError as problem:
        raise BadRequest(f"{problem.description.removesuffix('.')}.", "operation_not_supported") from problem


def _scopes(said: str) -> list[str]:
    if not scopes.is_valid(said):
        raise BadRequest("The scope is malformed.", "invalid_body")
    return [each for each in scopes.parse(said) if each != "offline_access"]


def _takes(client: ClientConfig, callback: str) -> bool:
    return redirects.matches(callback, client.data.callbacks, native=client.native)


def _answer(work: Work, client: ClientConfig, link: Link) -> _Answer:
    """What the application is given, not good yet. Raises OAuthError, or PageError where its add-on is off by now."""
    if not _takes(client, link.callback_url):
        raise OAuthError("invalid_request", "The application no longer takes answers at that address")
    person, subject = provision.by_id(work, link.user_id), store.subject(work, link.user_id)
    if person is None or subject is None:
        raise OAuthError("access_denied", "The user does not exist any more")
    new = _authorization(link, person.connection_id)
    impersonated.impersonator(work, new.request, link.user_id)
    blocked = person.blocked or subject.deletion_due is not None
    granted = codes.granted(client, "", new, subject)
    if link.protocol != OAUTH2:
        told = assertions.answer(work, client, link.protocol, new, granted, link.state)
        return _Answer(told.fields, partial(_write, work, told.entry, link, client))
    gate.standing(work, client, granted, new.scope)  # consent on record, above all
    asked = FrontChannel(WORDS[link.response_type], link.state)
    authorized = gate.authorize(work, client, new, asked, blocked=blocked)
    return _Answer(authorized.params, authorized.store)


def _authorization(link: Link, connection_id: str) -> NewAuthorization:
    """Without a session, without an API and without refresh tokens: what comes of it is good for ``/userinfo`` alone
    (spec/misc.md: ``audience`` is ignored).
    """
    return NewAuthorization(
        user_id=link.user_id,
        connection_id=connection_id,
        session_id=None,
        scope=link.scope,
        audience=None,
        offline=False,
        request=AuthorizationRequest(
            redirect_uri=link.callback_url,
            nonce=link.nonce,
            code_challenge=link.code_challenge,
            code_challenge_method="S256" if link.code_challenge else None,
            auth_time=clock.now(),
            impersonator=link.impersonator_id,
            by_administrator=link.by_administrator,
        ),
    )


def _note_second_use(work: Work, ticket: str) -> None:
    """The log has it where the link was one of ours."""
    known = one_time.peek(work, KIND, ticket, Link) if 0 < len(ticket) <= MAX_TICKET else None
    if known is not None:
        failures.write(work, ImpersonationLog.FAILED, "used before, too old, or another's", **_about(known))


def _write(work: Work, kind: LogType, link: Link, client: ClientConfig | None) -> None:
    log.write(work, kind, client_name=client.name if client else None, **_about(link))


def _about(link: Link) -> dict[str, Any]:
    return {
        "user_id": link.user_id,
        "client_id": link.client_id,
        "details": {
            "impersonator_id": link.impersonator_id,
            "protocol": link.protocol,
            "response_type": link.response_type,
        },
    }
