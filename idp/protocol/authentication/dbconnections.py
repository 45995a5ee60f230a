"""``/dbconnections/signup`` and ``/dbconnections/change_password``: forms that applications show themselves
(spec/account-lifecycle.md).
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from idp.applications.clients.runtime import ClientConfig
from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import service as users
from idp.directory.users.password_policy import Policy, Verdict
from idp.foundation.ephemeral import limits
from idp.foundation.kernel import sizes
from idp.foundation.tenancy import http
from idp.foundation.tenancy.thin_edge import Route
from idp.foundation.tenancy.work import Work
from idp.foundation.web.exchange import NO_STORE, Call, Reply
from idp.foundation.web.security import BASE_HEADERS
from idp.protocol.authentication import answers
from idp.protocol.authentication.answers import Refused, Sent, json_reply
from idp.signin.attack_protection import challenges
from idp.signin.login import direct, registration, reset
from idp.signin.login.registration import BREACHED, InvalidRegistration, TooMany

SENT = b"We've just sent you an email to reset your password."
"""Auth0's own sentence, whoever has the address (security.md I3)."""
NAMES = {"given_name": 150, "family_name": 150, "name": 300, "nickname": 300, "picture": 2_048}
"""Attributes that an application's form may have, and how long they may be."""
MOST_METADATA, LONGEST_METADATA = 10, 500
FAULTS = {
    "strength": ("invalid_password", "PasswordStrengthError", "Password is too weak"),
    "too_long": ("invalid_password", "PasswordStrengthError", "Password is too long"),
    "dictionary": ("password_dictionary_error", "PasswordDictionaryError", "Password is too common"),
    "user_info": ("password_no_user_info_error", "PasswordNoUserInfoError", "Password contains user information"),
}
TAKEN = {"email-exists": "user_exists", "username-taken": "username_exists"}
blueprint = Blueprint("dbconnections", __name__)


def signup(work: Work, call: Call, sent: Sent) -> Reply:
    """A new account; the mail that proves its address goes out as from our own page."""
    client = answers.client_of(work, sent)
    connection = _connection(work, client, sent)
    if connection is None or not connection.signup_enabled:
        raise _refused("invalid_signup", "public signup is disabled")
    _refuse_programs(work, challenges.PASSWORD)
    wait = limits.exceeded(work, limits.SIGNUP, work.network)
    if wait is not None:
        raise answers.too_many(wait, "too_many_attempts")
    email, username, password = sent.text("email", 320), sent.text("username", 320), sent.texts.get("password", "")
    more = {**attributes_of(sent), **metadata_of(sent)}
    verdict = Policy.of(connection.password_rules).check(password, {**more, "email": email, "username": username})
    if verdict.problem is not None and connection.asks_for_password:
        raise _weak(verdict)
    try:
        made = registration.register(
            work,
            connection,
            client,
            email=email,
            username=username,
            password=password,
            phone_number=sent.text("phone_number", 64),
            locale=locale_of(call),
            more=more,
        )
    except InvalidRegistration as invalid:
        raise _invalid(work, invalid) from invalid
    except TooMany as error:
        raise answers.too_many(error.wait_s, "too_many_attempts") from error
    shown = {name: value for name, value in made.profile.items() if value is not None}
    return json_reply({"_id": made.user_id, **shown, "email_verified": False})


def change_password(work: Work, call: Call, sent: Sent) -> Reply:
    """Have a link mailed, if there is such an account: the worker looks."""
    client = answers.client_of(work, sent)
    connection = _connection(work, client, sent)
    if connection is None or not users.keeps_passwords(connection):
        raise _refused("invalid_request", "The connection does not exist, or its accounts have no password here.")
    identifier = sent.text("email", 320) or sent.text("username", 320)
    if not identifier:
        raise _refused("invalid_request", "email is required")
    _refuse_programs(work, challenges.PASSWORD_RESET)
    wait = limits.exceeded(work, limits.RESET_BY_IP, work.network)
    if wait is not None:
        raise answers.too_many(wait)
    if reset.too_soon(work, connection, identifier) is None:
        with work.transaction():
            reset.ask_for_link(work, connection, identifier, client_id=client.client_id, locale=locale_of(call))
    return Reply(200, [("Content-Type", "text/html; charset=utf-8"), NO_STORE, *BASE_HEADERS.items()], SENT)


def _refuse_programs(work: Work, flow: str) -> None:
    """Raises Refused where our own pages would ask a challenge."""
    if challenges.door_closed(work, flow):
        code, words = "requires_verification", direct.NEEDS_CHALLENGE
        raise Refused({"name": "BadRequestError", "code": code, "description": words, "statusCode": 401}, status=401)


def _connection(work: Work, client: ClientConfig, sent: Sent) -> ConnectionConfig | None:
    name = sent.text("connection", 128) or sent.text("realm", 128)
    return next((each for each in connections.for_client(work, client.client_id) if each.name == name), None)


def attributes_of(sent: Sent) -> dict[str, str]:
    """Checked attributes that a form may have. Raises Refused."""
    found = {name: sent.texts[name].strip() for name in NAMES if sent.texts.get(name, "").strip()}
    for name, value in found.items():
        if len(value) > NAMES[name] or not value.isprintable():
            raise _refused("invalid_signup", f"{name} is too long, or holds characters that are not allowed")
    if "picture" in found and not found["picture"].startswith(("https://", "http://")):
        raise _refused("invalid_signup", "picture must be a URL")
    return found


def metadata_of(sent: Sent) -> dict[str, Any]:
    """``user_metadata``: at most ten texts (spec/metadata.md). Raises Refused."""
    given = sent.document.get("user_metadata")
    if given is None:
        return {}
    fits = isinstance(given, dict) and len(given) <= MOST_METADATA
    if not fits or any(not isinstance(value, str) or len(value) > LONGEST_METADATA for value in given.values()):
        raise _refused("invalid_signup", f"user_metadata takes {MOST_METADATA} texts of {LONGEST_METADATA} characters")
    if any("." in name or "$" in name or "\0" in f"{name}{value}" for name, value in given.items()):
        raise _refused("invalid_signup", "user_metadata has names or values that are not allowed")
    return {"user_metadata": given}


def locale_of(call: Call) -> str:
    """The language of whoever sits before the form."""
    return str(call.environ.get("HTTP_X_REQUEST_LANGUAGE") or call.environ.get("HTTP_ACCEPT_LANGUAGE") or "")[
        : sizes.HINT.most
    ]


def _invalid(work: Work, invalid: InvalidRegistration) -> Refused:
    keys = [problem.key for problem in invalid.problems]
    if BREACHED in keys:
        return _refused("password_leaked", "This password is known from a data breach.")
    taken = next((TAKEN[key] for key in keys if key in TAKEN), None)
    if taken is not None and work.config.settings.flags.enable_public_signup_user_exists_error:
        return _refused(taken, "The user already exists.")
    return _refused("invalid_signup", "Invalid sign up")


def _weak(verdict: Verdict) -> Refused:
    code, name, words = FAULTS[str(verdict.problem)]
    rules = [rule.as_json() for rule in verdict.rules]
    body: dict[str, Any] = {"name": name, "message": words, "code": code, "statusCode": 400}
    if name == "PasswordStrengthError":
        body["description"] = {"rules": rules, "verified": all(rule.verified for rule in verdict.rules)}
        body["policy"] = "\n".join(f"* {rule.message % rule.format}" for rule in verdict.rules)
    else:
        body["description"] = words
    return Refused(body)


def _refused(code: str, description: str) -> Refused:
    return Refused({"name": "BadRequestError", "code": code, "description": description, "statusCode": 400})


http.add_route(blueprint, Route("/dbconnections/signup", ("POST", "OPTIONS"), answers.endpoint(signup)))
http.add_route(
    blueprint, Route("/dbconnections/change_password", ("POST", "OPTIONS"), answers.endpoint(change_password))
)
