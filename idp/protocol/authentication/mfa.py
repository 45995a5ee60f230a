"""``/mfa/...``: applications that show pages of their own ask for second factors and set them up
(spec/authentication-api.md section 5). The ``mfa_token`` that ``/oauth/token`` answered comes along in the header or in
the body.
"""

from __future__ import annotations

from flask import Blueprint

from idp.applications.clients.runtime import ClientConfig
from idp.directory.users import provision
from idp.foundation.ephemeral import limits
from idp.foundation.kernel.errors import OAuthError
from idp.foundation.tenancy import http
from idp.foundation.tenancy.thin_edge import Route
from idp.foundation.tenancy.work import Work
from idp.foundation.web.exchange import Call, Reply
from idp.protocol.authentication import answers
from idp.protocol.authentication.answers import Sent, json_reply
from idp.protocol.oauth import client_auth
from idp.signin.factors import api_tokens
from idp.signin.factors.api_tokens import Held
from idp.signin.factors.kinds.contract import Asked

blueprint = Blueprint("mfa", __name__)
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
    """What the person has."""
    if call.method == "OPTIONS":
        return answers.preflight(work, call)
    work.refresh()
    try:
        token = api_tokens.held(work, _bearer(call))
        reply = json_reply(api_tokens.authenticators(work, token.pending.user_id))
        return answers.with_origin(work, call, reply, token.pending.client_id)
    except OAuthError as problem:
        body = {"error": problem.error, "error_description": problem.description}
        return answers.with_origin(work, call, json_reply(body, problem.status), None)


def _held(work: Work, call: Call, sent: Sent) -> tuple[Held, ClientConfig | None]:
    """The token of the call, and its client, which authenticates where it is one that can. Raises OAuthError."""
    if limits.exceeded(work, limits.FACTOR_FORMS, work.network) is not None:
        raise OAuthError("too_many_attempts", "Too many attempts. Try again in some minutes.", status=429)
    client = None
    if sent.text("client_id") or (call.authorization or "").lower().startswith("basic "):
        client = client_auth.authenticate(work, client_auth.presented(call.authorization, sent.texts))
        if not any(client.allows(grant) for grant in GRANTS):
            raise OAuthError("unauthorized_client", "No grant type of second factors is allowed for the client.")
    value = sent.text("mfa_token") or _bearer(call)
    return api_tokens.held(work, value, client.client_id if client else None), client


def _bearer(call: Call) -> str:
    scheme, _, value = (call.authorization or "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else ""


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
