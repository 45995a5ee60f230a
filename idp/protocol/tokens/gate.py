"""The gate: every token and every authorization code is issued here, under the configuration of this moment, and what
was issued is looked at here again when it is presented.

A grant proves something (:mod:`.proofs`) and knows nothing of what is checked here: whether the client may use it, what
client and API require, client grants, whether the user is blocked, their connection still enabled and their consent on
record. So no grant can forget it, and neither can an endpoint that takes a token (security.md rule 2).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from msgspec.structs import replace as changed

from idp.applications.clients import runtime as clients
from idp.applications.clients.runtime import ClientConfig
from idp.applications.resource_servers import runtime as resource_servers
from idp.applications.resource_servers.runtime import ResourceServerConfig
from idp.directory.connections import runtime as connections
from idp.directory.roles import runtime as roles
from idp.foundation.kernel import clock, scopes
from idp.foundation.kernel.errors import OAuthError, invalid_grant, unauthorized_client
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens import (
    audiences,
    beginnings,
    binding,
    codes,
    delegation,
    details,
    extension,
    holders,
    impersonated,
    issuer,
    multi,
    online,
    own_access,
    own_account,
    requirements,
    store,
    vault,
)
from idp.protocol.tokens.binding import NOTHING, Binding, Shown
from idp.protocol.tokens.codes import NewAuthorization
from idp.protocol.tokens.found import FoundToken
from idp.protocol.tokens.issuer import FrontChannel, Issued
from idp.protocol.tokens.proofs import ClientProof, DelegationProof, PersonProof, Proof, UserProof, VaultProof
from idp.protocol.tokens.store import Granted
from idp.signin.user_grants import consent
from idp.signin.user_grants.consent import Wanted

BLOCKED = "user is blocked"
LEAVING = "the account is to be deleted"
NOT_ENABLED = "the connection is not enabled for this client"
"""Why somebody gets nothing through a client (spec/account-lifecycle.md, security.md A14)."""


def issue(work: Work, client: ClientConfig, grant_type: str, proof: Proof, shown: Shown = NOTHING) -> Issued:
    """Check, sign, then spend and store. ``client`` has authenticated; ``shown`` is what it possesses.

    :raises OAuthError: something does not allow it now.
    """
    if not client.allows(grant_type):
        raise unauthorized_client(f"Grant type '{grant_type}' not allowed for the client.")
    requirements.check_client(work, client)
    if isinstance(proof, ClientProof):
        return own_access.issue(work, client, proof, shown)
    if isinstance(proof, PersonProof):
        return _for_person(work, client, proof, shown)
    if isinstance(proof, VaultProof):
        return _from_vault(work, client, proof, shown)
    if isinstance(proof, DelegationProof):
        impersonated.refuse(proof.subject.granted)
        proof = delegation.begun(work, client, proof, stands=presented(work, proof.subject) is not None)
    return _for_user(work, client, proof, shown)


@dataclass(frozen=True)
class Authorized:
    """What the browser takes to the client, and the statement that makes it good: whoever answers calls ``store``, in
    the transaction of the sign-in where there is one.
    """

    params: dict[str, str]
    store: Callable[[], None]


def authorize(
    work: Work, client: ClientConfig, authorization: NewAuthorization, asked: FrontChannel, *, blocked: bool
) -> Authorized:
    """The code of a user's session (RFC 6749 4.1.2), and the tokens that the response type names. ``blocked``: the user
    is. What was changed while they signed in counts here. Nothing is written yet.

    :raises OAuthError: in the words of the authorization endpoint.
    """
    permitted = authorized(work, client, authorization, asked.words, blocked=blocked)
    new, api, permissions = permitted.authorization, permitted.api, permitted.permissions
    family = codes.new_id()
    code = codes.code_of(work, family) if "code" in asked.words else None
    if code is not None and len(asked.words) == 1:
        return Authorized({"code": code}, partial(codes.insert, work, client, family, new))
    subject = store.subject(work, new.user_id)
    if subject is None:
        raise OAuthError("access_denied", "The user does not exist any more")
    granted = codes.granted(client, family, new, subject)
    told = told_of(work, client, granted) if "id_token" in asked.words else {}
    params = issuer.for_browser(work, client, granted, api, asked, code=code, permissions=permissions, told=told)
    return Authorized(params, partial(codes.insert_answered, work, client, granted, new, asked.words))


@dataclass(frozen=True)
class Permitted:
    """What is allowed of an authorization, the API that it is for, and what the person may do there where that enforces
    it.
    """

    authorization: NewAuthorization
    api: ResourceServerConfig | None
    permissions: Sequence[str] | None


def authorized(
    work: Work, client: ClientConfig, authorization: NewAuthorization, words: Collection[str], *, blocked: bool
) -> Permitted:
    """What is allowed of it now, for an answer of that response type. Reads and decides.

    :raises OAuthError: in the words of the authorization endpoint.
    """
    requirements.check_response_type(client, words)
    requirements.check_client(work, client)
    if blocked:
        raise OAuthError("unauthorized", BLOCKED)
    if not connections.enabled(work, client.client_id, authorization.connection_id):
        raise OAuthError("unauthorized", NOT_ENABLED)
    api = audiences.of_authorization(work, authorization.audience, None)
    if api is None and authorization.audience is not None:
        raise OAuthError("access_denied", "Service not found: the audience names no registered API")
    if "token" in words:
        binding.check_front_channel(client, api)
    offline = authorization.offline and requirements.offline_allowed(client, api)
    lent = authorization.session_id is not None and requirements.online_allowed(client, api, ephemeral=False)
    allowed = requirements.scopes_of_user(work, client, api, scopes.parse(authorization.scope))
    permissions = roles.enforced(work, authorization.user_id, api)
    allowed = requirements.permitted(allowed, permissions)
    scope = scopes.join(requirements.lasting(allowed, offline=offline, online=lent))
    request = changed(authorization.request, api_id=api.id if api else None)
    return Permitted(replace(authorization, scope=scope, offline=offline, request=request), api, permissions)


@dataclass(frozen=True)
class Presented:
    """What a token gives now: to which client, and of its scopes those that it would get again. ``asks``: what the
    client may learn of the person is what they consented to.
    """

    client: ClientConfig
    scopes: list[str]
    asks: bool = False


def presented(work: Work, found: FoundToken) -> Presented | None:
    """What somebody's stored token is good for at this moment; None: nothing, and the holder is told no more."""
    client = clients.find(work, found.client_id)
    if client is None or not found.live(clock.now_ms()):
        return None
    try:
        delegation.check_origin(work, found.granted)
        multi.check(work, client, found.granted)
        allowed = standing(work, client, found.granted, found.scope)
    except OAuthError:  # whatever refuses the next token refuses this one
        return None
    if (
        found.kind == "refresh"
        and not allowed.offline
        and online.lent(work, client, allowed.api, found.granted) is None
    ):
        return None
    if found.kind == "access" and not binding.fits(client, allowed.api, found.bound):
        return None
    return Presented(client, allowed.scopes, allowed.asks)


def presented_by_client(
    work: Work, client_id: str, audience: str, said: Collection[str], bound: Binding | None = None
) -> Presented | None:
    """The same for a client's own token, of which nothing is stored: ``said`` are the scopes that stand in it, and
    ``bound`` is what it says that it is bound to.
    """
    client, carried = clients.find(work, client_id), frozenset(said)
    api = resource_servers.find(work, audience[: audiences.MAX_AUDIENCE])
    allowed = requirements.reach_of_client(work, client, api)
    if client is None or allowed is None or not binding.fits(client, api, bound):
        return None
    return Presented(client, [each for each in allowed if each in carried])


def told_of(work: Work, client: ClientConfig, granted: Granted) -> dict[str, Any]:
    """What an ID token says beside the standard claims: what the Authorization Extension has it say, and who is in the
    application as the person.
    """
    said = extension.claims(work, client, granted)
    return {**said, **impersonated.claims(work, client, granted), **impersonated.acting(granted)}


def may_learn(work: Work, client: ClientConfig, granted: Granted, claim: str) -> bool:
    """Whether consent on record covers a single claim of that person, for a client that has to ask."""
    wanted = Wanted(scopes=(), claims=(claim,), audience=granted.audience)
    return consent.on_record(work, client, granted.user_id, wanted)


@dataclass(frozen=True)
class Standing:
    """What an authorization gives now; ``offline``: refresh tokens too, ``asks``: only with consent on record,
    ``permissions``: what the person may do with an API that enforces it.
    """

    api: ResourceServerConfig | None
    scopes: list[str]
    offline: bool
    asks: bool
    permissions: tuple[str, ...] | None = None


def _for_user(work: Work, client: ClientConfig, proof: UserProof, shown: Shown) -> Issued:
    granted = proof.authorization
    if granted.client_id != client.client_id or not granted.live(clock.now_ms()):
        raise invalid_grant("The authorization is another client's, or it has ended")
    if proof.beside is not None:
        granted = multi.elsewhere(work, client, granted, proof.beside)
    elif proof.resource not in (None, granted.audience):
        raise OAuthError("invalid_target", "The authorization is for another resource")
    holders.check(proof, shown)
    allowed = standing(work, client, granted, scopes.join(requirements.part_of(granted.scope, proof.scope)))
    granted = details.narrowed(work, client, allowed.api, granted, proof.details)
    if proof.gty == "refresh_token" and allowed.api is not None and allowed.api.is_system:
        own_account.check_recent(work, client, granted, allowed.api, proof.scope)
    lent = online.lent(work, client, allowed.api, granted)
    lasts = allowed.offline or lent is not None
    if proof.offline and not lasts:
        raise invalid_grant(online.OVER if granted.online else "Offline access is no longer allowed")
    bound = binding.wanted(client, allowed.api, shown)
    generation = granted.generation + (proof.spend is not None) if proof.refresh and lasts else None
    refresh_bound = holders.of_refresh_token(work, client, proof, bound)
    online.check_proof(client, lent, refresh_bound)
    issued = issuer.for_user(
        work,
        client,
        granted,
        allowed.api,
        scopes.join(requirements.lasting(allowed.scopes, offline=allowed.offline, online=lent is not None)),
        gty=proof.gty,
        refresh=generation,
        keeps=proof.offline or generation is not None,
        permissions=allowed.permissions,
        told=told_of(work, client, granted),
        bound=bound,
        refresh_bound=refresh_bound,
        forgotten_at=lent.forgotten_at if lent is not None else None,
    )
    shown.spend()
    if proof.spend is not None and issued.exchange is not None:
        proof.spend(issued.exchange)
    return replace(issued, answer={**issued.answer, **proof.told}) if proof.told else issued


def _for_person(work: Work, client: ClientConfig, proof: PersonProof, shown: Shown) -> Issued:
    """An authorization like any other, made and redeemed at once. Nothing is stored of one that is not allowed."""
    subject = store.subject(work, proof.user_id)
    if subject is None:
        raise invalid_grant("The user does not exist any more")
    audience = proof.audience or work.config.default_audience
    if audience == f"{work.config.issuer}userinfo":
        audience = None
    api = audiences.of_authorization(work, audience[: audiences.MAX_AUDIENCE] if audience else None, None)
    if api is None and audience:
        raise OAuthError("access_denied", "Service not found: the audience names no registered API")
    if not scopes.is_valid(proof.scope or ""):
        raise OAuthError("invalid_scope", "The scope parameter is malformed")
    wanted = requirements.scopes_of_user(work, client, api, scopes.parse(proof.scope))
    wanted = requirements.permitted(wanted, roles.enforced(work, proof.user_id, api))
    delegation.check_api(api, acts=proof.act is not None)
    offline = "offline_access" in wanted and requirements.offline_allowed(client, api) and proof.act is None
    new = NewAuthorization(
        user_id=proof.user_id,
        connection_id=proof.connection_id,
        session_id=None,
        scope=scopes.join(requirements.lasting(wanted, offline=offline)),
        audience=api.identifier if api else None,
        offline=offline,
        request=beginnings.request_of(proof, api),
        given_at=proof.given_at,
    )
    granted = codes.granted(client, codes.new_id(), new, subject)
    spend = partial(beginnings.of_person, work, client, granted, new, proof)
    made = UserProof(
        authorization=granted,
        scope=proof.narrowed,
        details=proof.part,
        refresh=offline,
        offline=proof.adopts is not None,
        gty=proof.gty,
        spend=spend,
        told=proof.told,
    )
    return _for_user(work, client, made, shown)


def standing(
    work: Work, client: ClientConfig, granted: Granted, requested: str, *, consented: bool = False
) -> Standing:
    """What is allowed now of an authorization that was given once. Raises OAuthError where nothing is. ``consented``:
    consent need not be on record.

    What follows from the configuration alone is remembered with it: this runs whenever a token is presented. What
    somebody's roles and permissions are is read each time, and only for APIs that enforce them.
    """
    if granted.user.blocked:
        raise invalid_grant(BLOCKED)
    if granted.user.deletion_due is not None:
        raise invalid_grant(LEAVING)
    impersonated.check(work, granted)
    request = granted.request
    local = consent.at_localhost(request.redirect_uri)
    key = (
        f"{client.client_id}\0{granted.connection_id}\0{granted.audience}\0{request.api_id}"
        f"\0{granted.offline}{granted.online}\0{local}\0{request.origin is not None}\0{requested}"
    )
    allowed = work.config.remember("allowed", key, lambda: _configured(work, client, granted, requested, local=local))
    permissions = roles.enforced(work, granted.user_id, allowed.api)
    if permissions is not None:
        may = requirements.permitted(allowed.scopes, permissions)
        allowed = replace(allowed, scopes=may, permissions=permissions)
    if allowed.asks and not consented:
        wanted = Wanted(
            scopes=tuple(allowed.scopes),
            claims=consent.claim_names(request.id_token_claims, request.userinfo_claims),
            audience=granted.audience,
        )
        if not consent.on_record(work, client, granted.user_id, wanted):
            raise invalid_grant("The user's consent is not on record")
    return allowed


def _configured(work: Work, client: ClientConfig, granted: Granted, requested: str, *, local: bool) -> Standing:
    requirements.check_client(work, client)
    acts = granted.request.origin is not None  # the person signed in to another application
    if not acts and not connections.enabled(work, client.client_id, granted.connection_id):
        raise invalid_grant(NOT_ENABLED)
    api = audiences.of_authorization(work, granted.audience, granted.request.api_id)
    if api is None and granted.audience is not None:
        raise invalid_grant("The API of this authorization does not exist any more")
    offline = granted.offline and requirements.offline_allowed(client, api)
    lent = granted.online and requirements.online_allowed(client, api, ephemeral=False)
    allowed = requirements.scopes_of_user(work, client, api, scopes.parse(requested))
    asks = consent.has_to_ask(work, client, granted.audience, local=local) and not (acts and client.is_first_party)
    return Standing(api, requirements.lasting(allowed, offline=offline, online=lent), offline, asks)


def _from_vault(work: Work, client: ClientConfig, proof: VaultProof, shown: Shown) -> Issued:
    binding.wanted(client, None, shown)
    impersonated.refuse(proof.subject.granted)
    vault.check(work, client, proof.subject, shown)
    if presented(work, proof.subject) is None:
        raise invalid_grant("The subject token is not valid")
    shown.spend()
    answer = vault.give(work, client, proof)
    return Issued(answer, str(answer.get("scope", "")), None, proof.subject.granted.user)
