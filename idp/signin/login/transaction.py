"""The login transaction: one attempt, named by ``state``, bound to one browser, good for an hour and once (security.md
H6).
"""

from __future__ import annotations

from typing import Any

import msgspec

from idp.applications.clients import runtime as clients
from idp.applications.clients.runtime import ClientConfig
from idp.foundation.ephemeral import limits, one_time
from idp.foundation.kernel import ids
from idp.foundation.kernel.errors import PageError
from idp.foundation.kernel.secrets import equal
from idp.foundation.tenancy.work import Work

KIND = "login"
LIFETIME_MS = 3_600_000
MAX_STATE = 200


class Linking(msgspec.Struct, frozen=True):
    """Somebody who signed in as ``user_id``, and was sent to sign in to another account of theirs: the session they
    have, and when they proved who they are (ms).
    """

    user_id: str
    session_id: str
    authenticated_at: int


class Proving(msgspec.Struct, frozen=True):
    """Somebody who proved who they are by ``methods`` (values of ``amr``), and has to prove an ``address`` of theirs
    with a code before they get in: ``by`` says whether it is their ``email`` or their ``phone_number``.
    """

    connection_id: str
    account_id: str
    user_id: str
    address: str = msgspec.field(name="email")
    methods: tuple[str, ...] = ()
    by: str = "email"


class FactorStep(msgspec.Struct, omit_defaults=True):
    """Where an attempt is with the second factor. ``method_id`` is what is asked for now, and ``sent`` that of which a
    message went out; ``picking``: they want another one. ``enrolling`` is the method that is being enrolled, ``chosen``
    the kind that they picked for it.

    ``proven`` are the values of ``amr`` of what was right, and ``remember`` whether the browser shall not be asked
    again: both take effect when nothing is left to be shown. ``code_sealed`` is a recovery code to show before that.
    ``done``: the session says it. ``session_id``: all of it is of that session, and says nothing of another one that
    the browser has meanwhile (security.md O1).
    """

    method_id: str | None = None
    sent: str | None = None
    by: str | None = None
    """``sms`` or ``voice``, where they chose how the code comes to their phone this time."""
    naming: str | None = None
    """A security key that was set up, whose owner is asked for a name for it."""
    picking: bool = False
    enrolling: str | None = None
    chosen: str | None = None
    proven: tuple[str, ...] = ()
    remember: bool = False
    code_sealed: str | None = None
    done: bool = False
    logged: bool = False
    ticket: str | None = None
    session_id: str | None = None


class Transaction(msgspec.Struct, omit_defaults=True):
    """What a login attempt knows: what is wanted of it
    (:class:`idp.signin.login.policy.AuthenticationRequest`), and what was proven since. ``request`` is the protocol's
    own checked request and opaque here. ``connection_id`` is the connection it asked for, ``picked_id`` the one that
    the person picked on a page; ``link_id`` is the newest link that was mailed for this attempt, ``link_number`` what
    its page shows.

    ``overdue`` names an account whose password has to be changed at its source before anybody is signed in with it: the
    id of the connection, and the source's own of the account, told to whoever had the password.

    ``authenticated_at`` (ms) is set by a real authentication inside this transaction; ``consented`` by a yes on the
    consent page, which notes in ``asked`` whom it asked about what; ``picked`` says that the person chose
    ``ui_locales`` on our own page.
    """

    device_hash: str
    resume: str
    client_id: str
    request: dict[str, Any]
    redirect_uri: str
    prompt: tuple[str, ...] = ()
    max_age: int | None = None
    hinted_user: str | None = None
    other_user_may_sign_in: bool = False
    ui_locales: str | None = None
    picked: bool = False
    login_hint: str | None = None
    screen_hint: str | None = None
    connection_id: str | None = None
    connection_scope: str | None = None
    picked_id: str | None = None
    link_id: str | None = None
    link_number: str | None = None
    overdue: tuple[str, str] | None = None
    scope: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    audience: str | None = None
    details: tuple[dict[str, Any], ...] = ()
    acr_values: tuple[str, ...] = ()
    factor_max_age: int | None = None
    identifier: str | None = None
    user_id: str | None = None
    session_id: str | None = None
    authenticated_at: int | None = None
    consent_user: str | None = None
    consented: bool = False
    asked: str | None = None
    offer: str | None = None
    """Path of the page that offers a passkey to whoever just signed in, until they have answered."""
    profile: bool | None = None
    """Whether the tenant's form about the person is due; False once they have answered it in this attempt."""
    linking: Linking | None = None
    """The first of two accounts that are to be joined."""
    proving: Proving | None = None
    resetting: str | None = None
    """What a code was sent to for a new password: ``email`` or ``phone_number``."""
    entering: str | None = None
    """What a code was sent to for a sign-in to an account of a database: ``email`` or ``phone_number``."""
    factor: FactorStep | None = None
    """Where it is with the second factor, once that was asked for."""
    denied: tuple[str, str] | None = None
    """(error, description) once a page ended the attempt: cancelled, blocked, consent denied."""

    def code_is_for(
        self, *, proving: Proving | None = None, resetting: str | None = None, entering: str | None = None
    ) -> None:
        """What the code that is asked for next is good for: one of these, which share their pages, or none."""
        self.proving, self.resetting, self.entering = proving, resetting, entering


class Expired(PageError):
    """The attempt took too long, was used, or belongs to another browser. ``client`` and ``redirect_uri`` name the
    application it was for, where that is known.
    """

    def __init__(
        self, *, client: ClientConfig | None = None, redirect_uri: str = "", ui_locales: str | None = None
    ) -> None:
        super().__init__("invalid_request", "This page has expired.", status=400)
        self.client = client
        self.redirect_uri = redirect_uri
        self.ui_locales = ui_locales


def begin(work: Work, transaction: Transaction) -> str:
    """Store it; answers its ``state``. Raises PageError where the network begins too many."""
    state = ids.token()
    with work.transaction():
        wait = limits.exceeded(work, limits.SIGN_INS_BEGUN, work.network)
        if wait is None:
            one_time.put(work, KIND, state, transaction, ttl_ms=LIFETIME_MS)
    if wait is not None:
        raise PageError(
            "too_many_requests",
            "Too many sign-ins were begun from your network. Wait a few minutes and try again.",
            status=429,
        )
    return state


def load(work: Work, state: str | None, device_hash: str | None) -> Transaction:
    """The transaction of ``state`` if the browser of ``device_hash`` began it. Raises Expired."""
    if not state or len(state) > MAX_STATE:
        raise Expired
    found, _ = one_time.read(work, KIND, state, Transaction)
    if found is not None and _same_device(found, device_hash):
        return found
    used = one_time.peek(work, KIND, state, Transaction)
    if used is not None and _same_device(used, device_hash):
        raise expired(work, used)
    raise Expired  # another browser learns nothing


def save(work: Work, state: str, transaction: Transaction) -> None:
    """Store its new form. Raises Expired when it was used meanwhile."""
    if not one_time.change(work, KIND, state, transaction):
        raise expired(work, transaction)


def deny(work: Work, state: str, transaction: Transaction, error: str, description: str) -> None:
    """A page ended the attempt: whoever began it is given this error. Raises Expired when it was used meanwhile."""
    transaction.denied = (error, description)
    save(work, state, transaction)


def finish(work: Work, state: str, transaction: Transaction) -> None:
    """Spend it, inside the transaction that issues. Raises Expired for the second of two tabs or a double click.

    What stays until its hour is over is who may be told so, and the way back: of the request, of who signed in and how
    nothing is needed any more.
    """
    left = Transaction(
        device_hash=transaction.device_hash,
        resume="",
        client_id=transaction.client_id,
        request={},
        redirect_uri=transaction.redirect_uri,
        ui_locales=transaction.ui_locales,
    )
    if not one_time.take_and_leave(work, KIND, state, left):
        raise expired(work, transaction)


def expired(work: Work, transaction: Transaction) -> Expired:
    """The error to raise for an attempt that is over, with the way back to its application."""
    client = clients.find(work, transaction.client_id) if transaction.client_id else None
    return Expired(client=client, redirect_uri=transaction.redirect_uri, ui_locales=transaction.ui_locales)


def _same_device(transaction: Transaction, device_hash: str | None) -> bool:
    return device_hash is not None and equal(transaction.device_hash, device_hash)
