"""``/simulations``: an operation of our own."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from idp.foundation.apikit import Api, Body, View, changes
from idp.foundation.kernel.formats import Audience, ClientId, ConnectionName, IpAddress, UserId
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth.simulation import service
from idp.protocol.oauth.simulation.outcome import Scenario

api = Api("simulations")
SCOPES = frozenset({"read:users", "read:clients", "read:connections"})
"""An answer shows all three: the person's claims, what the application gets of them, how its connections ask."""
Words = Annotated[str, Meta(max_length=2_000)]


class SimulationBody(Body):
    """POST /simulations: an authorization request, who makes it and from where. ``signed_in_ago`` (seconds): they have
    a session; ``verified``: with a second factor proven; ``known_device``: in a browser that knows their device.
    """

    user_id: UserId
    client_id: ClientId
    connection: ConnectionName | UnsetType | None = UNSET
    scope: Words = "openid profile email"
    audience: Audience | UnsetType | None = UNSET
    acr_values: Words | UnsetType | None = UNSET
    prompt: Annotated[str, Meta(max_length=100)] | UnsetType | None = UNSET
    max_age: Annotated[int, Meta(ge=0, le=2_147_483_647)] | UnsetType | None = UNSET
    claims: Annotated[str, Meta(max_length=10_000)] | UnsetType | None = UNSET
    screen_hint: Annotated[str, Meta(max_length=100)] | UnsetType | None = UNSET
    signed_in_ago: Annotated[int, Meta(ge=0, le=2_147_483_647)] | UnsetType | None = UNSET
    verified: bool = False
    known_device: bool = False
    ip: IpAddress | UnsetType | None = UNSET


class StepView(View):
    """A rule that was asked."""

    stage: str
    rule: str
    outcome: str
    screens: list[str]
    error: str
    detail: str


class SourceView(View):
    """Where a claim comes from."""

    kind: str
    name: str
    scope: str


class ClaimView(View):
    """A claim."""

    name: str
    value: Any
    source: SourceView


class ToldView(View):
    """The claims of ``id_token``, ``access_token`` or ``userinfo``."""

    name: str
    claims: list[ClaimView]


class RemovedView(View):
    """What was asked for and is not there."""

    name: str
    reason: str


class SimulationView(View):
    """What would happen."""

    steps: list[StepView]
    screens: list[str]
    refused_by: str
    told: list[ToldView]
    scopes: list[str]
    removed: list[RemovedView]
    access_token: str
    expires_in: int
    refresh_token: bool


@api.post(
    "/simulations",
    scopes=SCOPES,
    every=True,
    status=HTTPStatus.OK,
    summary="Simulate a sign-in",
)
def simulate(work: Work, body: SimulationBody) -> SimulationView:
    """What somebody would see and get in an application. Nobody is signed in, and no token is made."""
    said = {name: value for name, value in changes(body).items() if value is not None}
    found = service.simulate(work, Scenario(**said))
    document = msgspec.to_builtins(found) | {"screens": found.screens, "refused_by": found.refused_by}
    return msgspec.convert(document, SimulationView)
