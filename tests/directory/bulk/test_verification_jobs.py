"""POST /jobs/verification-email (spec/account-lifecycle.md)."""

from __future__ import annotations

from tests.directory.bulk.conftest import Bulk
from tests.world.world import Person


def test_the_mail_is_sent(bulk: Bulk, jane: Person) -> None:
    answer = bulk.api.post("/jobs/verification-email", {"user_id": jane.user_id})
    assert answer.status_code == 201
    body = answer.get_json()
    assert (body["type"], body["status"]) == ("verification_email", "pending")
    assert [mail.to for mail in bulk.world.mails(jane.email)] == [jane.email]
    assert bulk.job(body["id"])["status"] == "completed"


def test_the_account_may_be_named(bulk: Bulk, jane: Person) -> None:
    identity = {"user_id": jane.account_id, "provider": "auth0"}
    asked = {"user_id": jane.user_id, "identity": identity, "client_id": bulk.world.client().client_id}
    assert bulk.api.post("/jobs/verification-email", asked).status_code == 201
    assert len(bulk.world.mails(jane.email)) == 1


def test_what_cannot_be_is_refused(bulk: Bulk, jane: Person) -> None:
    def status(**body: object) -> int:
        return bulk.api.post("/jobs/verification-email", body).status_code

    assert status() == 400
    assert status(user_id="auth0|nobody") == 404
    assert status(user_id=jane.user_id, identity={"user_id": "nobody", "provider": "auth0"}) == 400
    assert status(user_id=jane.user_id, identity={"user_id": jane.account_id, "provider": "github"}) == 400
    assert status(user_id=jane.user_id, organization_id="org_0123456789abcdef") == 400
    assert status(user_id=jane.user_id, extra=1) == 400
    assert (
        bulk.world.caller("read:users").post("/jobs/verification-email", {"user_id": jane.user_id}).status_code == 403
    )
    assert bulk.world.mails(jane.email) == []
