"""``/mfa/...``: applications that show pages of their own ask for second factors and set them up
(spec/authentication-api.md section 5). The ``mfa_token`` that ``/oauth/token`` answered comes along in the header or in
the body.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from flask import Blueprint, Response, request

from idp.applications.clients.runtime import ClientConfig
from idp.directory.users import provision
from idp.foundation.ephemeral import limits
from idp.foundation.kernel.errors import OAuthError
from idp.foundation.tenancy import http
from idp.foundation.tenancy.thin_edge import Route
from idp.foundation.tenancy.work import Work
from idp.foundation.web.exchange import NO_STORE, Call, Reply
from idp.foundation.web.security import BASE_HEADERS
from idp.protocol.authentication import answers
from idp.protocol.authentication.answers import Sent, json_reply
from idp.protocol.authentication.mfa_access import access_token, is_access_token
from idp.protocol.oauth import client_auth
from idp.protocol.possession import resource
from idp.protocol.possession.resource import Sent as AccessToken
from idp.signin.factors import api_tokens
from idp.signin.factors.api_tokens import Held
from idp.signin.factors.kinds.contract import Asked

blueprint = Blueprint("mfa", __name__)
API = "mfa/"
GRANTS = tuple(f"http://auth0.com/oauth/grant-type/mfa-{name}" for name in ("otp", "oob", "recovery-code"))


def associate(work: Work, call: Call, sent: Sent) -> Reply:
    """Set a factor up: the key of an app, or a phone that a code goes to."""
    token, client = _held(work, call, sent)
    if client is None and sent.text("client_id"):
        raise OAuthError("invalid_request", "The client_id is unknown.")
    wanted, channels = _texts(sent, "authenticator_types"), _texts(sent, "oob_channels")
    if "otp" in wanted:
        user = provision.by_id(work, token.pending.user_id)
        account = (user.email or user.username or user.user_id) if user else token.pending.user_id
        return json_reply(api_tokens.associate_app(work, token, account=account))
    if "oob" not in wanted or not channels:
        raise OAuthError("invalid_request", "authenticator_types and oob_channels say which factor to set up.")
    asked = _asked(call, token, client)
    return json_reply(
        api_tokens.associate_address(work, token, asked, channel=channels[0], to=sent.text("phone_number", 64))
    )


def challenge(work: Work, call: Call, sent: Sent) -> Reply:
    """Ask for a factor; a code is sent where that has to be."""
    token, client = _held(work, call, sent)
    wanted = sent.text("challenge_type", 100).split() or ["otp", "oob"]
    asked = _asked(call, token, client)
    return json_reply(
        api_tokens.challenge(work, token, asked, wanted=wanted, method_id=sent.text("authenticator_id", 64))
    )


def authenticators(work: Work, call: Call) -> Reply:
    """What the person has; whoever holds an ``mfa_token`` may know, or an access token with the scope for it."""
    return _answered(work, call, _listed)


def authenticator(work: Work, call: Call, method_id: str) -> Reply:
    """Take one of them away: only with an access token, for which a second factor was proven."""
    return _answered(work, call, lambda *_: _removed(work, call, method_id))


def _answered(work: Work, call: Call, answer: Callable[[Work, Call], tuple[str, Reply]]) -> Reply:
    """What calls without a body share."""
    if call.method == "OPTIONS":
        return answers.preflight(work, call)
    work.refresh()
    try:
        client_id, reply = answer(work, call)
        return answers.with_origin(work, call, reply, client_id)
    except OAuthError as problem:
        body = {"error": problem.error, "error_description": problem.description}
        reply = json_reply(body, problem.status).add(problem.headers)
        if problem.status == HTTPStatus.UNAUTHORIZED:
            reply.headers.extend(resource.challenges(work, API, call, problem if call.authorization else None))
        return answers.with_origin(work, call, reply, None)


def _listed(work: Work, call: Call) -> tuple[str, Reply]:
    came = _token(call)
    if is_access_token(came.token):
        token = access_token(work, call, came, "read:authenticators")
        return token.client_id, json_reply(api_tokens.authenticators(work, token.user_id))
    pending = api_tokens.held(work, came.token).pending
    return pending.client_id, json_reply(api_tokens.authenticators(work, pending.user_id, pending))


def _removed(work: Work, call: Call, method_id: str) -> tuple[str, Reply]:
    if limits.exceeded(work, limits.FACTOR_FORMS, work.network) is not None:
        raise OAuthError("too_many_attempts", "Too many attempts. Try again in some minutes.", status=429)
    token = access_token(work, call, _token(call), "remove:authenticators")
    api_tokens.remove(work, token.user_id, method_id[:64])
    return token.client_id, Reply(204, [NO_STORE, *BASE_HEADERS.items()])


def _held(work: Work, call: Call, sent: Sent) -> tuple[Held, ClientConfig | None]:
    """The token of the call, and its client, which authenticates where it is one that can. Raises OAuthError."""
    if limits.exceeded(work, limits.FACTOR_FORMS, work.network) is not None:
        raise OAuthError("too_many_attempts", "Too many attempts. Try again in some minutes.", status=429)
    client = None
    if sent.text("client_id") or (call.authorization or "").lower().startswith("basic "):
        client = client_auth.authenticate(work, client_auth.presented(call.authorization, sent.texts))
        if not any(client.allows(grant) for grant in GRANTS):
            raise OAuthError("unauthorized_client", "No grant type of second factors is allowed for the client.")
    named = sent.text("mfa_token", api_tokens.LONGEST)
    came = AccessToken(named) if named else _token(call)
    if is_access_token(came.token):
        return _held_by_access_token(work, call, came, client), client
    return api_tokens.held(work, came.token, client.client_id if client else None), client


def _held_by_access_token(work: Work, call: Call, came: AccessToken, client: ClientConfig | None) -> Held:
    """Whoever may enrol by an access token goes on with it as with an ``mfa_token``."""
    token = access_token(work, call, came, "enroll")
    if client is not None and client.client_id != token.client_id:
        raise OAuthError("invalid_token", "The access token is another client's", status=401)
    pending = api_tokens.Pending(
        user_id=token.user_id,
        client_id=token.client_id,
        connection_id=token.connection_id,
        methods=token.methods,
        audience=token.audience,
        scope=token.scope,
        gty="mfa",
        several=token.proven,
    )
    return api_tokens.by_access_token(work, came.token, pending)


def _token(call: Call) -> AccessToken:
    return resource.sent(call.authorization) or AccessToken("")


def _asked(call: Call, token: Held, client: ClientConfig | None) -> Asked:
    locale = str(call.environ.get("HTTP_X_REQUEST_LANGUAGE") or "")[:100]
    name = client.name if client else ""
    return Asked(bound_to="", client_id=token.pending.client_id, application=name, locale=locale)


def _texts(sent: Sent, name: str) -> list[str]:
    """A list of texts of a JSON body, or words of a form."""
    given = sent.document.get(name)
    if isinstance(given, list):
        return [each for each in given[:10] if isinstance(each, str)]
    return given.split()[:10] if isinstance(given, str) else []


http.add_route(blueprint, Route("/mfa/associate", ("POST", "OPTIONS"), answers.endpoint(associate)))
http.add_route(blueprint, Route("/mfa/challenge", ("POST", "OPTIONS"), answers.endpoint(challenge)))
http.add_route(blueprint, Route("/mfa/authenticators", ("GET", "OPTIONS"), authenticators))


@blueprint.route("/mfa/authenticators/<path:method_id>", methods=["DELETE", "OPTIONS"], provide_automatic_options=False)
def authenticator_view(method_id: str) -> Response:
    """One authenticator, by an address with its id in it."""
    return http.answered(authenticator(http.current(), Call(request.environ), method_id))
