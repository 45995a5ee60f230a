"""What an application asks for, checked (WS-Federation 1.2, 13.2.2 and 13.2.4)."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from idp.foundation.kernel import redirects, sizes
from idp.foundation.kernel.errors import PageError
from idp.protocol.saml.settings import SamlApplication

MAX_REALM = 1024
MAX_FRESH = 8
"""Digits of ``wfresh``."""
NOT_OFFERED = ("wreq", "wreqptr", "wresultptr")
"""Parameters that ask for more than a token of the usual kind, or to fetch something."""


class SignInRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """A request all of whose checks passed. Kept in the login transaction as it is. ``reply`` is where the answer goes,
    ``realm`` whom the token is for, ``max_age`` in seconds.
    """

    client_id: str
    reply: str
    realm: str
    context: str | None = None
    max_age: int | None = None
    login_hint: str | None = None


def sign_in(application: SamlApplication, params: Mapping[str, str]) -> SignInRequest:
    """The request.

    :raises PageError: it is not to be answered; where an answer could go is not proven then.
    """
    asked_for = next((name for name in NOT_OFFERED if params.get(name)), None)
    if asked_for is not None:
        raise PageError("invalid_request", f"The parameter {asked_for} is not supported.")
    context = params.get("wctx")
    if context is not None and len(context) > sizes.STATE.most:
        raise PageError("invalid_request", f"The parameter wctx is longer than {sizes.STATE.most} characters.")
    hint = params.get("login_hint") or params.get("username") or ""
    return SignInRequest(
        client_id=application.client.client_id,
        reply=reply(application, params.get("wreply")),
        realm=_realm(application, params.get("wtrealm")),
        context=context,
        max_age=_max_age(params.get("wfresh")),
        login_hint=hint[: sizes.HINT.most] or None,
    )


def reply(application: SamlApplication, asked: str | None) -> str:
    """Where the answer goes: as asked, if it is a callback of the application, else its first one.

    :raises PageError: it is none, or there are none.
    """
    callbacks = application.client.data.callbacks
    if not asked and callbacks:
        return callbacks[0]
    if not asked or not redirects.matches(asked, callbacks):
        raise PageError(
            "invalid_request",
            "Callback URL mismatch. The wreply is not in the list of allowed callback URLs.",
            detail=f"{str(asked)[:200]!r} of client {application.client.client_id}",
        )
    return asked


def client_of(realm: str) -> str:
    """The id of the client in a ``wtrealm`` that names nothing else."""
    return realm.removeprefix("urn:")


def _realm(application: SamlApplication, asked: str | None) -> str:
    """Whom the token is for: requests carry no signature, so that only registered names count.

    :raises PageError: the application is not known by that name.
    """
    client = application.client
    fixed = application.settings.audience
    if fixed or not asked:
        return fixed or next(iter(client.data.client_aliases), f"urn:{client.client_id}")
    if len(asked) > MAX_REALM or not application.registered(asked):
        raise PageError(
            "invalid_request",
            "The wtrealm is not registered for this application.",
            detail=f"{asked[:200]!r}: add it to client_aliases of client {client.client_id}",
        )
    return asked


def _max_age(fresh: str | None) -> int | None:
    """``wfresh`` is how old a sign-in may be, in minutes; 0 asks for a new one.

    :raises PageError: it is no number.
    """
    if fresh is None or fresh == "":
        return None
    if not (fresh.isascii() and fresh.isdigit()) or len(fresh) > MAX_FRESH:
        raise PageError("invalid_request", "The parameter wfresh is no number of minutes.")
    return int(fresh) * 60
