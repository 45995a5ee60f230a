"""Requirements of clients and APIs that are not supported here: their requests are refused, never served with less
protection.

The Management API stores every documented member, so that settings can be carried over; this table says which of them
must not be passed over. A member leaves it when what it requires is built.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from idp.applications.clients import compliance, sectors
from idp.applications.clients import runtime as clients
from idp.applications.clients.runtime import ClientConfig, ClientData
from idp.applications.federation import entities
from idp.applications.resource_servers import my_account
from idp.applications.resource_servers import runtime as resource_servers
from idp.applications.resource_servers.runtime import ResourceServerConfig, ResourceServerData
from idp.directory.authorization import runtime as authorization
from idp.directory.users.attributes import STANDARD_SCOPES
from idp.foundation.kernel import scopes
from idp.foundation.kernel.errors import OAuthError, invalid_client, invalid_request, unauthorized_client
from idp.foundation.kernel.secrets import signs_hs256
from idp.foundation.tenancy.work import Work


@dataclass(frozen=True)
class Requirement:
    """``name`` stands in the error; ``applies`` says whether the data of a client or an API asks for it."""

    name: str
    applies: Callable[[Any], bool]


FRONT_CHANNEL = frozenset({"token", "id_token"})
"""Words of a response type that ask for tokens in the answer itself."""
OF_CLIENTS: tuple[Requirement, ...] = (
    Requirement("an organization", lambda data: data.organization_usage == "require"),
    Requirement(
        "the compliance level that it is set to",
        lambda data: data.compliance_level not in (None, "none") and compliance.of(data.compliance_level) is None,
    ),
)
OF_ASSERTIONS: tuple[Requirement, ...] = (
    *OF_CLIENTS,
    Requirement("proof of possession", lambda data: data.require_proof_of_possession),
    Requirement("a compliance level", lambda data: compliance.of(data.compliance_level) is not None),
    Requirement("subjects of its own", lambda data: data.subject_type == sectors.PAIRWISE),
)
"""Of clients that are told by an assertion, which nothing binds to its holder, and which names people by their ids."""
OF_APIS: tuple[Requirement, ...] = (
    Requirement("encrypted tokens", lambda data: bool(data.token_encryption)),
    Requirement("transactional authorization", lambda data: data.consent_policy is not None),
)


def check_client(work: Work, client: ClientConfig) -> None:
    """Refuse a client with a requirement that is not supported, and one of a federation by which nobody trusts it any
    more. Raises OAuthError ``invalid_request``.
    """
    entities.check_trusted(work, client)
    _check("client", client.data, OF_CLIENTS)
    data = client.data
    by_secret = "HS256" in (data.jwt_configuration.alg, data.authorization_signed_response_alg)
    if by_secret and client.secret and not signs_hs256(client.secret):
        raise invalid_request("The client's ID tokens are signed with its secret (HS256), which is too short for that")


def check_response_type(client: ClientConfig, words: Collection[str]) -> None:
    """The grants that a response type is (OIDC Registration 2, ``response_types``): a code is one, tokens that come to
    the browser another, off unless it is switched on (security.md A5). Raises ``unauthorized_client``.
    """
    needed = [("authorization_code", "code" in words), ("implicit", not FRONT_CHANNEL.isdisjoint(words))]
    for grant_type, wanted in needed:
        if wanted and not client.allows(grant_type):
            raise unauthorized_client(f"Grant type '{grant_type}' not allowed for the client.")


def check_assertions(client: ClientConfig) -> None:
    """The same for a client that is told who somebody is by an assertion, for which no token is signed."""
    _check("client", client.data, OF_ASSERTIONS)


def check_api(api: ResourceServerConfig) -> None:
    """Refuse an API with a requirement that is not supported. Raises OAuthError ``invalid_request``."""
    _check("API", api.data, OF_APIS)


def check_profile(client: ClientConfig) -> None:
    """A client with a profile authenticates as that says (FAPI 2.0 Security Profile 5.3.2.1). Raises
    ``invalid_client``.
    """
    profile = client.profile
    if profile is not None and client.auth_method not in profile.authenticates_by:
        raise invalid_client(detail=f"client {client.client_id}: {client.auth_method} is not of its profile")


def check_authentication(client: ClientConfig) -> None:
    """A client set to keys or certificates does not authenticate with a secret. Raises ``invalid_client``."""
    if client.data.client_authentication_methods:
        raise invalid_client(detail=f"client {client.client_id} authenticates by a method that is not offered")


def scopes_of_client(work: Work, client: ClientConfig, api: ResourceServerConfig) -> list[str]:
    """The API's scopes that the client may have on its own behalf. Raises ``access_denied`` (security.md E6)."""
    _check_signature(client, api)
    if api.policy("client") == "deny_all":
        raise OAuthError("access_denied", f"The API {api.identifier} does not serve clients on their own behalf")
    granted = clients.granted_scopes(work, client.client_id, resource_servers.stored_as(work, api.identifier))
    if granted is None:
        raise OAuthError(
            "access_denied",
            f'Client is not authorized to access "{api.identifier}". You need to create a "client-grant" for it.',
        )
    return _granted(granted, api)


def reach_of_client(work: Work, client: ClientConfig | None, api: ResourceServerConfig | None) -> list[str] | None:
    """Scopes of the API that the client's own tokens hold at this moment; None where it is given none of them."""
    if client is None or api is None or client.public or not client.allows("client_credentials"):
        return None
    try:
        check_client(work, client)
        check_api(api)
        return scopes_of_client(work, client, api)
    except OAuthError:
        return None


def scopes_of_user(
    work: Work, client: ClientConfig, api: ResourceServerConfig | None, requested: list[str]
) -> list[str]:
    """Those of ``requested`` that users may grant to the client, before anybody is asked: identity scopes, and what
    the API offers them. Raises ``access_denied``.
    """
    offered = frozenset(_offered_to_users(work, client, api)) if api is not None else frozenset()
    return [scope for scope in requested if scope in STANDARD_SCOPES or scope in offered]


def offline_allowed(client: ClientConfig, api: ResourceServerConfig | None) -> bool:
    """Whether people may give the client access that outlives their session: the client takes refresh tokens, and the
    API, where there is one, allows them.
    """
    return client.allows("refresh_token") and (api is None or api.data.allow_offline_access)


def online_allowed(client: ClientConfig, api: ResourceServerConfig | None, *, ephemeral: bool) -> bool:
    """Whether people may lend the client their session: it takes refresh tokens, and the API, where there is one,
    allows them. ``ephemeral``: the session ends with the browser, which an API has to allow by itself.
    """
    if not client.allows("refresh_token"):
        return False
    if api is None:
        return not ephemeral
    return api.data.allow_online_access and (api.data.allow_online_access_with_ephemeral_sessions or not ephemeral)


def _offered_to_users(work: Work, client: ClientConfig, api: ResourceServerConfig) -> list[str]:
    """Of the Management API that is what concerns themselves. Of an API with ``enforce_policies`` each person gets of
    it what their permissions hold (:func:`permitted`).
    """
    _check_signature(client, api)
    if api.identifier == authorization.AUDIENCE:
        raise OAuthError("unauthorized", "no_end_users")
    if api.id == resource_servers.MFA and not client.is_first_party:
        raise OAuthError("access_denied", f"The API {api.identifier} serves applications of the tenant's own alone")
    policy = api.policy("user")
    if policy == "deny_all":
        raise OAuthError("access_denied", f"The API {api.identifier} does not serve people")
    offered = api.scope_values()
    if policy == "require_client_grant":
        named = resource_servers.stored_as(work, api.identifier)
        granted = clients.granted_scopes(work, client.client_id, named, subject="user")
        if granted is None:
            raise OAuthError("access_denied", f"The client is not authorized to access {api.identifier} for people")
        offered = _granted(granted, api)
    if api.is_system and not my_account.is_audience(work, api.identifier):
        return [scope for scope in offered if ":current_user" in scope]
    return offered


def _check_signature(client: ClientConfig, api: ResourceServerConfig) -> None:
    """What is made for a client with a profile is signed as that says, tokens for APIs included (FAPI 2.0 Security
    Profile 5.4.1). Raises ``invalid_request``.
    """
    alg = api.data.signing_alg
    if client.profile is not None and alg not in compliance.ALGORITHMS:
        raise invalid_request(
            f"The API {api.identifier} signs its tokens with {alg}, which the client's profile forbids"
        )


def permitted(wanted: list[str], permissions: Collection[str] | None) -> list[str]:
    """Those of ``wanted`` that somebody with these ``permissions`` (None: any) may have: identity scopes always."""
    if permissions is None:
        return wanted
    return [scope for scope in wanted if scope in STANDARD_SCOPES or scope in permissions]


def lasting(allowed: list[str], *, offline: bool, online: bool = False) -> list[str]:
    """The scopes, ``offline_access`` and ``online_access`` among them only where there are refresh tokens of that
    kind. Of both the first one counts: it outlives the other.
    """
    gone = set() if offline else {"offline_access"}
    if not online or (offline and "offline_access" in allowed):
        gone.add("online_access")
    return [each for each in allowed if each not in gone]


def part_of(granted: str, requested: str | None) -> list[str]:
    """The requested part of what was granted (security.md F4). Raises ``invalid_scope`` for anything beyond it."""
    had, wanted = scopes.parse(granted), scopes.parse(requested)
    if not set(wanted) <= set(had):
        raise OAuthError("invalid_scope", "The requested scope exceeds what was granted")
    return [scope for scope in had if scope in wanted] if requested else had


def _granted(granted: clients.GrantedScopes, api: ResourceServerConfig) -> list[str]:
    if granted.needs_organization:
        raise invalid_request("This grant needs an organization, and organizations are not available")
    offered = api.scope_values()
    if granted.everything:
        return offered
    known = frozenset(offered)
    return [scope for scope in granted.scopes if scope in known]


def _check(who: str, data: ClientData | ResourceServerData, requirements: tuple[Requirement, ...]) -> None:
    for requirement in requirements:
        if requirement.applies(data):
            raise invalid_request(f"The {who} requires {requirement.name}, which is not available here")
