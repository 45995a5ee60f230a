"""Mails to people that administrators have sent: operations of the dashboard, which the Management API lacks."""

from __future__ import annotations

from http import HTTPStatus

from idp.foundation.apikit import Api
from idp.foundation.kernel.formats import UserId
from idp.foundation.tenancy.work import Work
from idp.signin.login import reset_mails

api = Api("user-mails")


@api.post(
    "/users/{id}/password-reset-mail",
    scopes={"create:user_tickets"},
    status=HTTPStatus.NO_CONTENT,
    summary="Mail a user a link that sets a new password",
)
def send_reset(work: Work, id: UserId) -> None:
    """The link goes to the address of the user, to nobody else."""
    reset_mails.send(work, id)
