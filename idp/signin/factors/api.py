"""``/guardian``: factors, policies, timeouts, and enrolments."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final, Literal

from msgspec import Meta

from idp.foundation.apikit import Api, as_view, changes
from idp.foundation.kernel.formats import Reference
from idp.foundation.tenancy.work import Work
from idp.signin.factors import administration, render
from idp.signin.factors import settings_service as service
from idp.signin.factors.schemas import (
    EnrollmentView,
    FactorSwitch,
    FactorView,
    Policy,
    SettingsBody,
    SettingsView,
    SwitchView,
    TicketBody,
    TicketView,
)

api = Api("guardian")
READ, UPDATE = {"read:guardian_factors"}, {"update:guardian_factors"}
FactorName = Literal[
    "push-notification",
    "sms",
    "email",
    "duo",
    "otp",
    "webauthn-roaming",
    "webauthn-platform",
    "recovery-code",
]
KEPT: Final = frozenset({"push-notification", "duo"})
"""Factors that are stored as tools set them, and that nobody is asked for here (docs/compatibility.md)."""


@api.get("/guardian/factors", scopes=READ, summary="Get factors")
def list_factors(work: Work) -> list[FactorView]:
    """Every factor, and whether it is on."""
    return [as_view(FactorView, each) for each in service.factors(work)]


@api.put("/guardian/factors/{name}", scopes=UPDATE, summary="Switch a factor on or off")
def switch_factor(work: Work, name: FactorName, body: FactorSwitch) -> SwitchView:
    """People are asked for it from now on, or no more."""
    service.switch(work, name, enabled=body.enabled)
    return SwitchView(enabled=body.enabled)


@api.get("/guardian/policies", scopes={"read:mfa_policies"}, summary="Get multi-factor authentication policies")
def list_policies(work: Work) -> list[str]:
    """Who is asked: everybody, those whose sign-in looks odd, or nobody."""
    return service.policies(work)


@api.put("/guardian/policies", scopes={"update:mfa_policies"}, summary="Set multi-factor authentication policies")
def set_policies(work: Work, body: Annotated[list[Policy], Meta(max_length=2)]) -> list[str]:
    """Who is asked from now on."""
    return service.set_policies(work, body)


@api.get("/guardian/settings", scopes=READ, summary="Get how long a second factor is remembered")
def get_settings(work: Work) -> SettingsView:
    """Timeouts in seconds, and whether people are offered that a browser is not asked again."""
    return as_view(SettingsView, service.read(work, "settings"))


@api.put("/guardian/settings", scopes=UPDATE, summary="Set how long a second factor is remembered")
def set_settings(work: Work, body: SettingsBody) -> SettingsView:
    """Browsers that are trusted obey at once."""
    return as_view(SettingsView, service.set_settings(work, changes(body)))


@api.post(
    "/guardian/enrollments/ticket",
    scopes={"create:guardian_enrollment_tickets"},
    status=HTTPStatus.OK,
    summary="Create an enrollment ticket",
)
def create_ticket(work: Work, body: TicketBody) -> TicketView:
    """A link by which the user sets a factor up, once."""
    value, url = administration.ticket(work, changes(body))
    return TicketView(ticket_id=value, ticket_url=url)


@api.get("/guardian/enrollments/{id}", scopes={"read:guardian_enrollments"}, summary="Get an enrollment")
def get_enrollment(work: Work, id: Reference) -> EnrollmentView:
    """One method, whoever has it."""
    return render.enrollment(administration.enrollment(work, id))


@api.delete("/guardian/enrollments/{id}", scopes={"delete:guardian_enrollments"}, summary="Delete an enrollment")
def delete_enrollment(work: Work, id: Reference) -> None:
    """Its owner is told."""
    administration.delete_enrollment(work, id)
