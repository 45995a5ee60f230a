"""``urn:ietf:params:oauth:grant-type:token-exchange`` (RFC 8693): tokens of others by a profile of the tenant, access
tokens of ours on behalf of their user, and what social providers give native applications. Which of them it is the type
of the subject token says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from connectors.contract import UNAVAILABLE, ConnectorError, NativeArrival, TakesNativeTokens
from idp.applications.clients.runtime import TOKEN_EXCHANGE, ClientConfig
from idp.applications.exchange_profiles import runtime as profiles
from idp.applications.resource_servers import runtime as resource_servers
from idp.directory.connections import runtime as connections
from idp.foundation.kernel import strict_json
from idp.foundation.kernel.errors import OAuthError, invalid_grant, invalid_request, unauthorized_client
from idp.foundation.kernel.strict_json import InvalidJson
from idp.protocol.oauth import actors, bearer, trusted
from idp.protocol.oauth.grants.contract import Grant, TokenRequest
from idp.protocol.oauth.grants.resource_owner import ResourceOwner
from idp.protocol.oauth.log_types import OAuthLog
from idp.protocol.oauth.trusted import NotTrusted
from idp.protocol.tokens import delegation
from idp.protocol.tokens.found import FoundToken
from idp.protocol.tokens.proofs import DelegationProof, PersonProof
from idp.signin.attack_protection import throttling
from idp.signin.login import direct
from idp.signin.login.direct import Proven

NATIVE: Final = "http://auth0.com/oauth/token-type/"
"""What types begin with that social providers' tokens have."""
MOST_AHEAD_S: Final = 86_400
"""How far ahead the end of a subject token may lie: they are not made to last."""
MOST_TYPE: Final = 200
MOST_PROFILE: Final = 4_096
WRONG: Final = "The subject token is not valid, or belongs to nobody here."


class _Exchange(ResourceOwner):
    """What a person's token of elsewhere has in common with their password."""

    grant_type = TOKEN_EXCHANGE
    needs = ("subject_token", "subject_token_type")
    has_actors = False
    gty = "token_exchange"

    def find(self, request: TokenRequest) -> None:
        """What is missing is said; what cannot be had is not begun."""
        super().find(request)
        _check_parameters(request.params)
        if not self.has_actors and request.params.get("actor_token"):
            raise invalid_request("Nobody else acts with a token of that type: actor_token is not supported")

    def prove(self, request: TokenRequest, client: ClientConfig, found: None) -> PersonProof:
        """Who it is, and that an access token is what is answered (RFC 8693 2.2.1)."""
        proof = super().prove(request, client, found)
        return replace(proof, told={"issued_token_type": delegation.ACCESS})

    def wrong(self) -> str:
        """The words for a token that does not count."""
        return WRONG


class CustomToken(_Exchange):
    """A token whose type the tenant defined (``/token-exchange-profiles``), checked by the profile's own issuer."""

    success, failure = OAuthLog.TOKEN_EXCHANGED, OAuthLog.TOKEN_EXCHANGE_FAILED
    has_actors = True

    def proven(self, request: TokenRequest, client: ClientConfig) -> Proven:
        """See above."""
        work, params = request.work, request.params
        profile = profiles.find(work, params["subject_token_type"])
        if profile is None:
            raise invalid_request("No token exchange profile is of that subject_token_type")
        if not client.exchanges(profile.type):
            raise unauthorized_client("The client may not exchange tokens of that type.")
        if profile.trusted is None:
            raise OAuthError("invalid_request", "The profile names no issuer that could be checked")
        refused = throttling.before_exchange(work)
        if refused is not None:
            raise direct.TooMany(refused.wait_s)
        try:
            said = trusted.claims(
                work, client, profile.trusted, params["subject_token"], most_s=MOST_AHEAD_S, once=False
            )
            act = actors.acting(work, client, profile, params, said)
        except NotTrusted as error:
            throttling.exchange_failed(work)
            raise OAuthError("invalid_grant", WRONG, detail=str(error)) from error
        return replace(trusted.person(work, client, profile.trusted, said), act=act)


class NativeToken(_Exchange):
    """What a social provider gave a native application (``native_social_login``)."""

    success, failure = OAuthLog.NATIVE_SIGN_IN, OAuthLog.NATIVE_SIGN_IN_FAILED

    def proven(self, request: TokenRequest, client: ClientConfig) -> Proven:
        """See above."""
        work, params = request.work, request.params
        kind = params["subject_token_type"]
        able = [
            (each, each.source.native)
            for each in connections.for_client(work, client.client_id)
            if each.source.native is not None and each.source.native.token_type == kind and each.can(TakesNativeTokens)
        ]
        allowed = [(each, native) for each, native in able if client.takes_native(native.switch)]
        if not allowed:
            raise unauthorized_client("Native social sign-in of that kind is not enabled for the client.")
        refused = throttling.before_exchange(work)
        if refused is not None:
            raise direct.TooMany(refused.wait_s)
        connection, native = allowed[0]
        ios = client.data.mobile.ios if client.data.mobile else None
        arrival = NativeArrival(
            token=params["subject_token"],
            client_id=ios.app_bundle_identifier if ios and native.kind == "code" else None,
            profile=_profile(params.get("user_profile")),
        )
        connector: Any = connections.runtime.open(work, connection)
        try:
            identity = connector.native(arrival)
        except ConnectorError as error:
            if error.code == UNAVAILABLE:
                raise
            throttling.exchange_failed(work)
            raise OAuthError("invalid_grant", WRONG, detail=error.detail or error.message) from error
        return direct.with_identity(work, connection, identity, (connection.source.amr,))


class OnBehalfOf:
    """An access token that the client was sent as an API, for one of the API that it calls next. See
    :class:`idp.protocol.oauth.grants.contract.Grant`.
    """

    grant_type = TOKEN_EXCHANGE
    success, failure = OAuthLog.DELEGATED, OAuthLog.DELEGATION_FAILED

    def find(self, request: TokenRequest) -> FoundToken | None:
        """The subject token with its family."""
        params = request.params
        if not params.get("subject_token"):
            raise invalid_request("Missing required parameter: subject_token")
        _check_parameters(params)
        if params.get("actor_token"):
            raise invalid_request("Who acts is the client that asks: actor_token is not supported")
        found, said = bearer.find(request.work, params["subject_token"])
        return found if found is not None and found.kind == "access" and said is not None else None

    def prove(self, request: TokenRequest, client: ClientConfig, found: FoundToken | None) -> DelegationProof:
        """The token is for an API that the client is, and the client is authenticated as such."""
        if client.public or not client.exchanges("on_behalf_of_token_exchange"):
            raise unauthorized_client("The client may not exchange access tokens on behalf of their users.")
        audience = request.audience
        if not audience:
            raise invalid_request("Missing required parameter: audience")
        api = resource_servers.find(request.work, found.audience) if found is not None and found.audience else None
        if found is None or api is None or api.data.client_id != client.client_id:
            raise invalid_grant(WRONG)
        act = delegation.acting(client.known_as, found.granted.request.act)
        return DelegationProof(subject=found, act=act, audience=audience, scope=request.params.get("scope"))


_ON_BEHALF_OF, _NATIVE, _CUSTOM = OnBehalfOf(), NativeToken(), CustomToken()


def variant(params: Mapping[str, str]) -> Grant:
    """Which exchange it is that a request asks for."""
    kind = params.get("subject_token_type", "")
    if kind == delegation.ACCESS:
        return _ON_BEHALF_OF
    return _NATIVE if kind.startswith(NATIVE) else _CUSTOM


def _check_parameters(params: Mapping[str, str]) -> None:
    if params.get("requested_token_type", delegation.ACCESS) != delegation.ACCESS:
        raise invalid_request(f"requested_token_type must be {delegation.ACCESS}")
    actors.check_parameters(params)
    if len(params.get("subject_token_type", "")) > MOST_TYPE:
        raise invalid_request("subject_token_type is too long")


def _profile(raw: str | None) -> Mapping[str, Any]:
    """``user_profile``: what the provider tells the application alone."""
    if not raw:
        return {}
    try:
        said = strict_json.decode(raw.encode()) if len(raw) <= MOST_PROFILE else None
    except InvalidJson as error:
        raise invalid_request("user_profile is not valid JSON") from error
    if not isinstance(said, dict):
        raise invalid_request(f"user_profile is an object of at most {MOST_PROFILE} characters")
    return said
