"""``/co/authenticate``: a form of an application, in the application's own page, signs somebody in
(spec/authentication-api.md section 7). The answer is a ticket that ``/authorize`` redeems, and a cookie that binds it
to the browser.
"""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from connectors.contract import ConnectorError, InvalidCredentials
from idp.applications.clients.cross_origin import origins_of
from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel import ids
from idp.foundation.tenancy import cookies, http
from idp.foundation.tenancy.thin_edge import Route
from idp.foundation.tenancy.work import Work
from idp.foundation.web.exchange import Call, Reply
from idp.protocol.authentication import answers
from idp.protocol.authentication.answers import Refused, Sent, json_reply
from idp.protocol.authentication.log_types import CrossOriginLog
from idp.protocol.oauth.grants import resource_owner
from idp.signin.login import direct, login_tickets
from idp.signin.login.direct import Proven
from idp.signin.passwordless import service as passwordless
from idp.tenant.audit import failures, log

PASSWORD, REALM, OTP = "password", resource_owner.PasswordRealm.grant_type, resource_owner.PasswordlessOtp.grant_type
COOKIE_S = 900
blueprint = Blueprint("cross_origin", __name__)


def authenticate(work: Work, call: Call, sent: Sent) -> Reply:
    """A password or a code that was typed elsewhere."""
    client = answers.client_of(work, sent)
    if not client.data.cross_origin_authentication:
        raise _refused("unauthorized_client", "Cross origin login not allowed.")
    if (call.origin or "").lower() not in origins_of(client.data):
        raise _refused("unauthorized_client", f"Origin {(call.origin or '')[:200]} is not allowed.")
    try:
        proven = _proven(work, client, sent)
    except direct.TooMany as error:
        raise answers.too_many(error.wait_s, "too_many_attempts") from error
    except InvalidCredentials as error:
        _failed(work, client, "wrong credentials")
        otp = sent.text("credential_type") == OTP
        raise _refused("access_denied", direct.WRONG_CODE if otp else direct.WRONG) from error
    except direct.NeedsChallenge as error:
        raise _refused("requires_verification", direct.NEEDS_CHALLENGE, status=401) from error
    except direct.Breached as error:
        _failed(work, client, "the password is known from a data breach")
        raise _refused("password_leaked", direct.BREACHED, status=401) from error
    except direct.Blocked as error:
        _failed(work, client, "user is blocked")
        raise _refused("blocked_user", "user is blocked") from error
    except ConnectorError as error:
        _failed(work, client, error.message, detail=error.detail)
        raise _refused("temporarily_unavailable", error.message, status=503) from error
    browser = cookies.get(work, login_tickets.COOKIE) or ids.token()
    with work.transaction():
        ticket = login_tickets.create(work, client, proven, browser)
        log.write(
            work,
            CrossOriginLog.SUCCEEDED,
            client_id=client.client_id,
            client_name=client.name,
            user_id=proven.user.user_id,
            user_name=proven.user.email,
            connection=proven.connection.name,
        )
    reply = json_reply({"login_ticket": ticket, "co_verifier": ids.token(), "co_id": ids.alphanumeric(12)})
    carrier = Response()
    cookies.send(work, carrier, login_tickets.COOKIE, browser, max_age_s=COOKIE_S)
    reply.headers.extend(("Set-Cookie", each) for each in carrier.headers.getlist("Set-Cookie"))
    return reply


def _proven(work: Work, client: ClientConfig, sent: Sent) -> Proven:
    """Who it is. Raises Refused, and what :mod:`idp.signin.login.direct` raises."""
    kind, username, realm = sent.text("credential_type"), sent.text("username", 320), sent.text("realm", 128)
    if kind == OTP:
        connection = passwordless.enabled(work, client.client_id, realm)
        asked = passwordless.of_client(work, client.client_id, connection, username) if connection else None
        if asked is None:
            raise InvalidCredentials
        return direct.with_code(work, client, asked, sent.text("otp", 64))
    if kind not in {PASSWORD, REALM}:
        raise _refused("invalid_request", "Unsupported credential_type.", status=400)
    named = direct.takes_passwords(work, client, realm) if realm else direct.default_directory(work, client)
    if named is None:
        raise _refused("invalid_request", "The realm is not enabled for this client.", status=400)
    return direct.with_password(work, client, named, username, sent.texts.get("password", ""))


def _refused(error: str, description: str, *, status: int = 403) -> Refused:
    return Refused({"error": error, "error_description": description, "code": error}, status=status)


def _failed(work: Work, client: ClientConfig, why: str, *, detail: str | None = None) -> None:
    failures.write(
        work,
        CrossOriginLog.FAILED,
        why,
        client_id=client.client_id,
        client_name=client.name,
        details={"detail": detail} if detail else None,
    )


http.add_route(
    blueprint, Route("/co/authenticate", ("POST", "OPTIONS"), answers.endpoint(authenticate, credentials=True))
)
