"""Impersonation in applications that are told by an assertion who somebody is: SAML and WS-Federation. The answer comes
from the code that answers every sign-in of theirs; what stands for the session of ours that there is none of ends with
the assertion.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from connectors.saml_format.documents import new_id
from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import BadRequest, PageError
from idp.foundation.kernel.log_types import LogType
from idp.foundation.tenancy.work import Work
from idp.protocol.saml import answers as saml_answers
from idp.protocol.saml import person, settings
from idp.protocol.saml.attempts import SCOPE
from idp.protocol.saml.log_types import SamlLog
from idp.protocol.saml.requests import SamlRequest
from idp.protocol.saml.settings import SamlApplication
from idp.protocol.tokens import gate, impersonated
from idp.protocol.tokens.codes import NewAuthorization
from idp.protocol.tokens.store import Granted
from idp.protocol.wsfed import answers as wsfed_answers
from idp.protocol.wsfed import requests as wsfed_requests
from idp.protocol.wsfed import service as wsfed
from idp.protocol.wsfed.log_types import WsFedLog
from idp.protocol.wsfed.requests import SignInRequest

SAML, WSFED = settings.ADDON, wsfed.ADDON
ADDONS = frozenset({SAML, WSFED})
"""Protocols of the older call that are those of an add-on, by whose name they go."""


class Stand(msgspec.Struct, frozen=True):
    """What an assertion says of a sign-in without a session of ours. Times in ms."""

    id: str
    authenticated_at: int
    expires_at: int


@dataclass(frozen=True)
class Asserted:
    """The form fields that the browser posts to the application, and what the log says of them."""

    fields: Mapping[str, str]
    entry: LogType


def check(work: Work, client: ClientConfig, protocol: str) -> None:
    """Raises BadRequest where the client could not be answered so: its add-on is off, or it needs what assertions do
    not offer.
    """
    try:
        settings.find(work, client.client_id, protocol)
    except PageError as problem:
        raise BadRequest(str(problem), "operation_not_supported") from problem


def scope() -> tuple[str, ...]:
    """What an assertion tells, in the words of consent."""
    return SCOPE


def answer(
    work: Work, client: ClientConfig, protocol: str, new: NewAuthorization, granted: Granted, state: str | None
) -> Asserted:
    """The assertion about that person, which says who acts.

    :raises OAuthError: something does not allow it now.
    :raises PageError: the application does not sign in that way any more.
    """
    application = settings.find(work, client.client_id, protocol)
    gate.standing(work, client, granted, new.scope)
    target, now = str(new.request.redirect_uri), clock.now_ms()
    about = person.described(work, application, new.user_id, _beside(impersonated.claims(work, client, granted)))
    stand = Stand(new_id(), now, now + application.settings.lifetimeInSeconds * 1000)
    way = _WAYS[protocol]
    return Asserted(way.answered(work, application, way.asked(application, target, state), stand, about), way.issued)


def _beside(claims: Mapping[str, Any]) -> dict[str, Any]:
    """What profiles say of it, as attributes: those of the impersonator each have one."""
    who = claims["impersonator"]
    return {
        impersonated.MARK: claims[impersonated.MARK],
        **{f"impersonator/{name}": value for name, value in who.items()},
    }


def _asked_of_saml(application: SamlApplication, target: str, state: str | None) -> SamlRequest:
    said = state if state is not None else application.settings.RelayState
    return SamlRequest(application.client.client_id, target, relay_state=said)


def _asked_of_wsfed(application: SamlApplication, target: str, state: str | None) -> SignInRequest:
    params = {"wreply": target, **({"wctx": state} if state is not None else {})}
    return wsfed_requests.sign_in(application, params)


@dataclass(frozen=True)
class _Way:
    """How the applications of a protocol are answered."""

    asked: Callable[[SamlApplication, str, str | None], Any]
    """What stands for the request that nobody sent, by where the answer goes and the state that comes with it."""
    answered: Callable[[Work, SamlApplication, Any, Stand, person.Described], dict[str, str]]
    issued: LogType
    """What the log says where an assertion is issued, whoever is in the application by it."""


_WAYS: Mapping[str, _Way] = {
    SAML: _Way(_asked_of_saml, saml_answers.response, SamlLog.ISSUED),
    WSFED: _Way(_asked_of_wsfed, wsfed_answers.token, WsFedLog.ISSUED),
}
