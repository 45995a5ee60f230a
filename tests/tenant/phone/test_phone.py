"""Phone providers and templates: kept as official tools send them, credentials sealed and never told."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from tests.world.fixtures import OpenWorld
from tests.world.management import Api
from tests.world.templates import BARE, Template
from tests.world.world import World


@pytest.fixture
def template() -> Template:
    return BARE


@pytest.fixture
def environment() -> dict[str, str]:
    return {"IDP_RATE_LIMITS": "off"}


@pytest.fixture
def api(world: World) -> Api:
    return world.caller()


TWILIO: dict[str, Any] = {
    "name": "twilio",
    "disabled": False,
    "configuration": {"sid": "AC1", "default_from": "+1555", "delivery_methods": ["text", "voice"]},
    "credentials": {"auth_token": "a-secret-token"},
}
PROVIDERS, TEMPLATES = "/branding/phone/providers", "/branding/phone/templates"


def test_a_provider_is_kept_without_telling_its_token(api: Api, world: World) -> None:
    assert api.get(PROVIDERS).json == {"providers": []}
    made = api.post(PROVIDERS, TWILIO)
    assert made.status_code == 201
    assert "credentials" not in made.json
    assert made.json["configuration"] == TWILIO["configuration"]
    assert (made.json["channel"], made.json["tenant"], made.json["disabled"]) == ("phone", "default", False)
    path = f"{PROVIDERS}/{made.json['id']}"
    assert api.get(path).json == made.json
    assert api.get(PROVIDERS).json == {"providers": [made.json]}
    assert api.get(PROVIDERS, disabled="true").json == {"providers": []}
    assert api.post(PROVIDERS, TWILIO).status_code == 409
    with world.platform.db.hot() as hot:
        kept = hot.connection().execute(text("SELECT document FROM tenant_documents")).scalar_one()
    assert "a-secret-token" not in kept
    assert all("a-secret-token" not in str(entry.data) for entry in world.logs("sapi", "fapi"))
    assert api.patch(path, {"disabled": True}).json["disabled"] is True
    assert api.patch(path, {"name": "custom"}).json["name"] == "custom"
    assert api.patch(path, {"name": "twilio"}).status_code == 400
    assert api.delete(path).status_code == 204
    assert {api.get(path).status_code, api.delete(path).status_code, api.patch(path, {}).status_code} == {404}


@pytest.mark.parametrize(
    "body",
    [
        {**TWILIO, "name": "vonage"},
        {**TWILIO, "credentials": {}},
        {name: value for name, value in TWILIO.items() if name != "credentials"},
        {**TWILIO, "configuration": {"sid": "AC1", "delivery_methods": ["text"]}},
        {**TWILIO, "configuration": {"sid": "A/C", "default_from": "1", "delivery_methods": ["text"]}},
        {**TWILIO, "configuration": {"sid": "AC1", "default_from": "1", "delivery_methods": []}},
        {**TWILIO, "more": 1},
    ],
)
def test_what_no_provider_takes_is_refused(api: Api, body: dict[str, Any]) -> None:
    answer = api.post(PROVIDERS, body)
    assert (answer.status_code, answer.json["errorCode"]) == (400, "invalid_body")
    assert api.get(PROVIDERS).json == {"providers": []}


def test_templates_begin_with_words_and_are_reset(api: Api) -> None:
    assert api.get(TEMPLATES).json == {"templates": []}
    made = api.post(TEMPLATES, {"type": "otp_verify", "content": {"from": "+1", "body": {"text": "Mine {{ code }}"}}})
    assert made.status_code == 201
    content = made.json["content"]
    assert (content["syntax"], content["from"], content["body"]["text"]) == ("liquid", "+1", "Mine {{ code }}")
    assert "{{ code }}" in content["body"]["voice"]
    assert api.post(TEMPLATES, {"type": "otp_verify"}).status_code == 409
    path = f"{TEMPLATES}/{made.json['id']}"
    changed = api.patch(path, {"content": {"body": {"voice": "Say {{ code }}"}}, "disabled": True}).json
    assert (changed["disabled"], changed["content"]["body"]["text"]) == (True, "Mine {{ code }}")
    assert "Mine" not in api.patch(f"{path}/reset", {}).json["content"]["body"]["text"]
    assert api.patch(path, {"content": {"body": {"text": "{{ code"}}}).status_code == 400
    assert api.delete(path).status_code == 204
    assert {api.get(path).status_code, api.delete(path).status_code, api.patch(path, {}).status_code} == {404}


def test_a_provider_and_a_template_are_tried(api: Api, world: World) -> None:
    """Development keeps the message in its mailbox where nobody sends it."""
    made = api.post(TEMPLATES, {"type": "otp_verify", "content": {"body": {"text": "{{ code }} for you"}}}).json
    sent = api.post(f"{TEMPLATES}/{made['id']}/try", {"to": "+1 202 555 0123"})
    assert (sent.status_code, sent.json) == (202, {"code": 202, "message": "Message sent"})
    (mail,) = world.mails("+12025550123")
    assert mail.text.startswith("123456 for you")
    for body in ({"to": "12"}, {"to": "+12025550123", "delivery_method": "voice"}, {}, {"to": "+12025550123", "x": 1}):
        assert api.post(f"{TEMPLATES}/{made['id']}/try", body).status_code == 400
    assert api.post(f"{TEMPLATES}/tem_x/try", {"to": "+12025550123"}).status_code == 404
    assert api.post(f"{PROVIDERS}/pro_x/try", {"to": "+12025550123"}).status_code == 404
    refused = world.caller("read:phone_templates").post(f"{TEMPLATES}/{made['id']}/try", {"to": "+12025550123"})
    assert refused.status_code == 403


def test_trials_have_a_limit(open_world: OpenWorld) -> None:
    """Whoever may write templates sends no messages by the thousand (toll fraud)."""
    world = open_world(IDP_RATE_LIMITS="on")
    api = world.caller()
    made = api.post(TEMPLATES, {"type": "otp_verify"}).json
    answers = [api.post(f"{TEMPLATES}/{made['id']}/try", {"to": "+12025550123"}).status_code for _ in range(21)]
    assert set(answers[:20]) == {202}
    assert answers[20] == 429
