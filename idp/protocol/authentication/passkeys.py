"""``/passkey/register`` and ``/passkey/challenge``: an application with pages of its own asks for a passkey
(spec/authentication-api.md section 3). What the authenticator answers goes to ``/oauth/token``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from flask import Blueprint

from idp.applications.clients.native_apps import WEBAUTHN_GRANT
from idp.applications.clients.runtime import ClientConfig
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import service as users
from idp.directory.users.identifiers import valid_email, valid_username
from idp.foundation.kernel import ids
from idp.foundation.kernel.errors import OAuthError, PageError, invalid_request, unauthorized_client
from idp.foundation.tenancy import http
from idp.foundation.tenancy.thin_edge import Route
from idp.foundation.tenancy.work import Work
from idp.foundation.web import params
from idp.foundation.web.exchange import Call, Reply
from idp.protocol.authentication import answers
from idp.protocol.authentication.answers import Sent, json_reply
from idp.protocol.authentication.dbconnections import attributes_of, locale_of, metadata_of
from idp.protocol.oauth import client_auth
from idp.protocol.oauth.client_auth import forwarded
from idp.signin.login import direct, passkey_sign_in
from idp.signin.passkeys import enrolment
from idp.signin.passkeys import service as passkeys
from idp.signin.webauthn.challenges import TooMany

NO_REALM = "The realm is not enabled for this client, or has no passkeys."
blueprint = Blueprint("passkeys", __name__)


def challenge(work: Work, call: Call, sent: Sent) -> Reply:
    """Ask for whichever passkey somebody has."""
    client = _client(work, call, sent)
    _connection(work, client, sent)
    session = ids.token()
    return _answer(session, lambda: passkeys.ask_by_api(work, direct.passkey_session(client, session)))


def register(work: Work, call: Call, sent: Sent) -> Reply:
    """Ask for a new passkey, with which an account is made. Whether anybody has that address is not told."""
    client = _client(work, call, sent)
    connection = _connection(work, client, sent)
    if not passkey_sign_in.for_signup(connection):
        raise OAuthError("access_denied", "public signup is disabled", status=400)
    account = {**_account(connection, sent), "locale": locale_of(call)}
    session = ids.token()
    name = str(account.get("email") or account.get("username"))
    return _answer(
        session,
        lambda: enrolment.offer_by_api(
            work,
            direct.passkey_session(client, session),
            connection_id=connection.id,
            account=account,
            name=name,
            display_name=str(account.get("name") or name),
        ),
    )


def _answer(session: str, ask: Callable[[], dict[str, Any]]) -> Reply:
    try:
        return json_reply({"auth_session": session, "authn_params_public_key": ask()})
    except TooMany as error:
        raise answers.too_many(error.wait_s) from error
    except PageError as error:
        raise invalid_request(error.message) from error


def _client(work: Work, call: Call, sent: Sent) -> ClientConfig:
    """The client, which has to have the grant, and to authenticate where it says a secret. Raises OAuthError."""
    client = answers.client_of(work, sent)
    if sent.text("client_secret") or call.authorization:
        client_auth.authenticate(work, client_auth.presented(call.authorization, sent.texts))
        work.ip = forwarded.address(call.environ.get(forwarded.HEADER), client) or work.ip
    if not client.allows(WEBAUTHN_GRANT):
        raise unauthorized_client(f"Grant type '{WEBAUTHN_GRANT}' not allowed for the client.")
    return client


def _connection(work: Work, client: ClientConfig, sent: Sent) -> ConnectionConfig:
    found = direct.for_passkeys(work, client, sent.text("realm", 128))
    if found is None:
        raise unauthorized_client(NO_REALM)
    return found


def _account(connection: ConnectionConfig, sent: Sent) -> dict[str, Any]:
    """``user_profile``, checked. Raises OAuthError, Refused."""
    said = sent.document.get("user_profile")
    if not isinstance(said, dict):
        raise invalid_request("Missing required parameter: user_profile")
    texts = {name: value for name, value in said.items() if isinstance(value, str)}
    profile = Sent(params.from_json(msgspec.json.encode(texts)), said)
    email = valid_email(profile.text("email", 320).strip())
    if email is None:
        raise invalid_request("user_profile.email is missing or not valid")
    found: dict[str, Any] = {**attributes_of(profile), **metadata_of(profile), "email": email}
    limits = users.username_limits(connection)
    if limits is not None:
        username = profile.text("username", 320)
        if not valid_username(username, low=limits[0], high=limits[1]):
            raise invalid_request("user_profile.username is missing or not valid")
        found["username"] = username
    return found


http.add_route(blueprint, Route("/passkey/challenge", ("POST", "OPTIONS"), answers.endpoint(challenge)))
http.add_route(blueprint, Route("/passkey/register", ("POST", "OPTIONS"), answers.endpoint(register)))
