"""``POST /u/passkeys/options``: what the script of a page gives to the browser. A page itself asks for no challenge, so
that one which nobody uses a passkey on costs nothing more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from flask import Blueprint, Response

from idp.directory.users import provision
from idp.directory.users.identifiers import valid_email
from idp.foundation.tenancy import http
from idp.signin.invitations.service import INVITATION
from idp.signin.login import connection_choice, device_offer, device_sign_in, factor_keys, pages, passkey_sign_in
from idp.signin.login.policy import PASSKEY_OFFERS
from idp.signin.login.screen_request import ScreenRequest
from idp.signin.login.screens import invitation
from idp.signin.passkeys import enrolment, service
from idp.signin.passkeys.enrolment import TooManyPasskeys
from idp.signin.webauthn import challenges
from idp.signin.webauthn.challenges import TooMany

blueprint = Blueprint("passkey_options", __name__)
_FACTORS = {
    "factor": factor_keys.ask,
    "factor-enrol": factor_keys.offer,
    "device-enrol": device_offer.options,
    "device-login": device_sign_in.options,
}


@blueprint.post("/u/passkeys/options")
def options() -> Response:
    """Options for signing in, for signing up, for a passkey that was offered, or for a second factor."""
    work = http.current()
    raw = pages.posted_form(work)
    try:
        if raw.get("ticket") and raw.get("for") == "invitation":
            found = invitation.passkey_options(pages.opened_ticket(work, raw["ticket"], INVITATION))
        elif raw.get("ticket"):
            found = factor_keys.before_reset(pages.opened_ticket(work, raw["ticket"]), raw.get("kind", ""))
        else:
            found = _found(pages.opened(work, raw.get("state", "")), raw)
    except TooMany as error:
        return answer({"error": "too_many_requests"}, 429, retry_after=error.wait_s)
    except TooManyPasskeys:
        return answer({"error": "passkey-enrollment-max-allowed-reached"}, 409)
    return answer({"error": "invalid_request"}, 400) if found is None else answer(found)


def answer(body: Mapping[str, Any], status: int = 200, *, retry_after: int | None = None) -> Response:
    """JSON that no cache keeps."""
    response = Response(msgspec.json.encode(body), status=status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _found(request: ScreenRequest, raw: Mapping[str, str]) -> dict[str, Any] | None:
    """The options; None for what nobody can be offered here. Raises TooMany, TooManyPasskeys."""
    wanted = raw.get("for", "")
    if wanted in _FACTORS:
        return _FACTORS[wanted](request, raw.get("kind", ""))
    work, state = request.work, request.state
    match wanted:
        case "login":
            form = passkey_sign_in.form(request)
            return service.ask(work, challenges.LOGIN, state) if form is not None and form.options_url else None
        case "signup":
            return _for_newcomer(request, raw.get("email", "").strip())
        case "enrol" if request.transaction.offer in PASSKEY_OFFERS:
            user = provision.by_id(work, request.just_signed_in.user_id)
            return enrolment.offer_to(work, user, state) if user is not None else None
        case _:
            return None


def _for_newcomer(request: ScreenRequest, typed: str) -> dict[str, Any] | None:
    connection = connection_choice.for_signup(request.work, request.client, request.wish())
    email = valid_email(typed)
    if email is None or connection is None or not passkey_sign_in.for_signup(connection):
        return None
    return enrolment.offer_to_newcomer(request.work, request.state, name=email)
