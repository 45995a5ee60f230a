"""``/risk-assessments/settings`` and ``/users/{id}/risk-assessments/clear``: whether sign-ins are assessed where no
policy asks for that, and how long a browser is known (spec/login-factors.md, "Management settings").
"""

from __future__ import annotations

from http import HTTPStatus

from idp.foundation.apikit import Api, as_view, changes
from idp.foundation.kernel.formats import UserId
from idp.foundation.tenancy.work import Work
from idp.signin.factors import administration
from idp.signin.factors import settings_service as service
from idp.signin.factors.schemas import AssessmentsClear, NewDeviceBody, NewDeviceView, RiskBody, RiskView

api = Api("risk-assessments")
READ, UPDATE = {"read:attack_protection"}, {"update:attack_protection"}


@api.get("/risk-assessments/settings", scopes=READ, summary="Get risk assessment settings")
def get_risk_settings(work: Work) -> RiskView:
    """Whether every sign-in is assessed."""
    return as_view(RiskView, service.read(work, "risk/settings"))


@api.patch("/risk-assessments/settings", scopes=UPDATE, summary="Update risk assessment settings")
def update_risk_settings(work: Work, body: RiskBody) -> RiskView:
    """From now on the log says of each sign-in how much it looks like the person's own, or no more."""
    return as_view(RiskView, service.change(work, "risk/settings", changes(body)))


@api.get("/risk-assessments/settings/new-device", scopes=READ, summary="Get new device assessment settings")
def get_new_device_settings(work: Work) -> NewDeviceView:
    """Days."""
    return as_view(NewDeviceView, service.read(work, "risk/new-device"))


@api.patch("/risk-assessments/settings/new-device", scopes=UPDATE, summary="Update new device assessment settings")
def update_new_device_settings(work: Work, body: NewDeviceBody) -> NewDeviceView:
    """Days for which a browser is known that somebody does not sign in with."""
    return as_view(NewDeviceView, service.change(work, "risk/new-device", changes(body)))


@api.post(
    "/users/{id}/risk-assessments/clear",
    scopes={"update:users"},
    status=HTTPStatus.NO_CONTENT,
    summary="Clear risk assessment data of a user",
)
def clear_assessments(work: Work, id: UserId, body: AssessmentsClear) -> None:
    """No browser of the user is known any more."""
    administration.forget_known_browsers(work, id, body.connection)
