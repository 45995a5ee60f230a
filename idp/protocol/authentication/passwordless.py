"""``/passwordless/start`` and ``/passwordless/verify``: an application has a code or a link sent
(spec/authentication-api.md section 4). The answer is the same whoever has the address (security.md I3).
"""

from __future__ import annotations

from flask import Blueprint

from connectors.contract import TextSender
from idp.applications.clients.runtime import ClientConfig
from idp.foundation.ephemeral import limits
from idp.foundation.kernel import sizes
from idp.foundation.kernel.errors import OAuthError, PageError
from idp.foundation.tenancy import http
from idp.foundation.tenancy.thin_edge import Route
from idp.foundation.tenancy.work import Work
from idp.foundation.web.exchange import Call, Reply
from idp.protocol.authentication import answers
from idp.protocol.authentication.answers import Sent, json_reply, refused
from idp.protocol.oauth import client_auth
from idp.protocol.oauth.authorize import pipeline
from idp.protocol.oauth.authorize.request import Draft
from idp.protocol.oauth.client_auth import forwarded
from idp.signin.attack_protection import challenges
from idp.signin.login import direct
from idp.signin.passwordless import service as passwordless
from idp.signin.passwordless.service import Asked, Request

FIELDS = {"email": "email", "phone_number": "phone_number"}
"""The parameter that names the address, by the attribute it becomes."""
CODES = {"email": "bad.email", "phone_number": "bad.phone_number"}
VERIFIED = {"email": "email_verified", "phone_number": "phone_verified"}
blueprint = Blueprint("passwordless", __name__)


def start(work: Work, call: Call, sent: Sent) -> Reply:
    """Have a code or a link sent."""
    client = _client(work, call, sent)
    if challenges.door_closed(work, challenges.PASSWORDLESS):
        raise refused("requires_verification", direct.NEEDS_CHALLENGE, status=401)
    asked = _asked(work, call, sent, client)
    by = str(asked.connection.passwordless_by)
    if asked.connection.can(TextSender) and passwordless.in_trouble(work, asked.connection):
        raise refused("sms_provider_error", "Text messages cannot be sent at the moment.")
    if by == "email" and (sent.text("send") or "link") != "code":
        given = _link_parameters(work, client, sent)
        said = passwordless.send_link(work, asked, params=given)
        waiting = said if isinstance(said, Asked) else None
    else:
        waiting = passwordless.send_code(work, asked)
    if waiting is not None:
        raise answers.too_many(waiting.wait_s)
    return json_reply({"_id": passwordless.ids_of(asked)[:24], by: asked.address.value, VERIFIED[by]: False})


def verify(work: Work, call: Call, sent: Sent) -> Reply:
    """Whether a code is right; it is not spent, which the redirect or the grant does next. Each call is a try."""
    client = answers.client_of(work, sent)
    asked = _asked(work, call, sent, client)
    wait = limits.exceeded(work, limits.CODES_TYPED, work.network)
    if wait is not None:
        raise answers.too_many(wait)
    if not passwordless.guess(work, asked, sent.text("verification_code", 64), spend=False):
        raise refused("invalid_user_password", "Wrong email or verification code.", status=401)
    return json_reply({})


def _client(work: Work, call: Call, sent: Sent) -> ClientConfig:
    """The client, which has to authenticate where it says a secret or the tenant wants it. What such a client says of
    the person's address counts.
    """
    client = answers.client_of(work, sent)
    enforced = work.config.settings.flags.enforce_client_authentication_on_passwordless_start and not client.public
    if enforced or sent.text("client_secret") or call.authorization:
        client_auth.authenticate(work, client_auth.presented(call.authorization, sent.texts))
        work.ip = forwarded.address(call.environ.get(forwarded.HEADER), client) or work.ip
    return client


def _asked(work: Work, call: Call, sent: Sent, client: ClientConfig) -> Request:
    connection = passwordless.enabled(work, client.client_id, sent.text("connection", 128))
    if connection is None:
        raise refused("bad.connection", "The connection does not exist, or is not enabled for this client.")
    by = str(connection.passwordless_by)
    asked = passwordless.of_client(
        work,
        client.client_id,
        connection,
        sent.text(FIELDS[by], 320),
        application=client.name,
        locale=str(call.environ.get("HTTP_X_REQUEST_LANGUAGE") or "")[: sizes.HINT.most],
    )
    if asked is None:
        raise refused(CODES[by], f"The {by} is missing or not valid.")
    return asked


def _link_parameters(work: Work, client: ClientConfig, sent: Sent) -> dict[str, str]:
    """The authorization request that the link goes on with, checked as it will be then. Raises Refused."""
    given = sent.document.get("authParams") or {}
    if not isinstance(given, dict) or any(not isinstance(value, str | int | bool) for value in given.values()):
        raise refused("bad.authParams", "authParams must be an object of texts.")
    params = {str(name): str(value) for name, value in given.items() if value is not None}
    params |= {"client_id": client.client_id}
    params.setdefault("response_type", "code")
    callbacks = client.data.callbacks
    if "redirect_uri" not in params and len(callbacks) == 1:
        params["redirect_uri"] = callbacks[0]
    draft = Draft(work, dict(params), looking=True)
    try:
        pipeline.prove(draft)
        pipeline.check(draft)
    except (OAuthError, PageError) as problem:
        raise refused("bad.authParams", problem.message) from problem
    return params


http.add_route(blueprint, Route("/passwordless/start", ("POST", "OPTIONS"), answers.endpoint(start)))
http.add_route(blueprint, Route("/passwordless/verify", ("POST", "OPTIONS"), answers.endpoint(verify)))
