"""Invitations to an application on the dashboard (issue 9.10)."""

from __future__ import annotations

from tests.admin.conftest import Desk
from tests.world.world import World

LIST = "/admin/users/invitations"


def test_somebody_is_invited_asked_again_and_not_any_more(world: World, desk: Desk) -> None:
    app = world.client()
    desk.open(f"{LIST}/new")
    desk.browser.submit(
        **{"invitee.email": "new@example.com", "client_id": app.client_id, "inviter.name": "Ada"},
    )
    assert "/u/invitation?ticket=" in desk.browser.shown.html, "the link is shown once"
    world.work()
    assert len(world.mails("new@example.com")) == 1
    (made,) = world.caller().get("/invitations").get_json()
    desk.open(LIST)
    assert desk.rows() == ["new@example.com"]
    assert "The web app" in desk.text, "people know it by its name"
    assert app.client_id not in desk.text
    desk.open(f"{LIST}/{made['id']}")
    assert "to the application The web app." in desk.text
    desk.browser.submit("invitations-resend")
    world.work()
    assert len(world.mails("new@example.com")) == 2


def test_what_is_refused_of_an_invitation_stands_at_its_field(world: World, desk: Desk) -> None:
    app, there = world.client(), world.user("there@example.com", email_verified=True)
    desk.open(f"{LIST}/new").browser.submit(
        **{"invitee.email": "new@example.com", "client_id": "The web app", "inviter.name": "Ada"}
    )
    assert desk.say("field-client-id-problem") == "The client does not exist."
    desk.browser.submit(**{"invitee.email": there.email, "client_id": app.client_id})
    assert desk.say("field-invitee-email-problem") == "The user already exists."
