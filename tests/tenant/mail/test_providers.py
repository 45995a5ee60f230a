"""A tenant's own e-mail provider: kept sealed, told without secrets, and used for its mails."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from sqlalchemy import text

from idp.foundation.queue.tasks import GiveUp, TryLater
from idp.tenant.mail import administration, delivery, providers
from idp.tenant.mail.message import Mail
from idp.tenant.mail.providers import amazon, by_http, microsoft
from tests.counterparts.smtp import SmtpSink
from tests.security.rows import row
from tests.world.management import Api
from tests.world.templates import BARE, Template
from tests.world.world import World

MAIL = Mail(
    sender="login@acme.example",
    sender_name='Acme "the" Co',
    to="jane@example.com",
    subject="Überraschung",
    text="Hello\n",
    html="<p>Hello</p>",
    message_id="<abc@acme.example>",
)
CREDENTIALS: dict[str, dict[str, Any]] = {
    "sendgrid": {"api_key": "SG.k"},
    "mailgun": {"api_key": "mg-key-1", "domain": "mg.acme.example", "region": "eu"},
    "mandrill": {"api_key": "md-key-1"},
    "sparkpost": {"api_key": "sp-key-1", "region": "eu"},
    "resend": {"api_key": "re-key-1"},
    "ses": {"accessKeyId": "AKIDEXAMPLE", "secretAccessKey": "wJalr", "region": "eu-central-1"},
    "smtp": {"smtp_host": "127.0.0.1", "smtp_port": 1, "smtp_user": "u", "smtp_pass": "pass-word-1"},
    "azure_cs": {"connectionString": "endpoint=http://127.0.0.1:1/;accesskey=c2VjcmV0"},
    "ms365": {"tenantId": "tenant-1", "clientId": "client-1", "clientSecret": "secret-1"},
    "custom": {},
}
SHOWN: dict[str, dict[str, Any]] = {
    "mailgun": {"domain": "mg.acme.example", "region": "eu"},
    "sparkpost": {"region": "eu"},
    "ses": {"region": "eu-central-1"},
    "smtp": {"smtp_host": "127.0.0.1", "smtp_port": 1, "smtp_user": "u"},
}


@pytest.fixture
def template() -> Template:
    return BARE


@pytest.fixture
def environment() -> dict[str, str]:
    return {"IDP_RATE_LIMITS": "off"}


@pytest.fixture
def api(world: World) -> Api:
    return world.caller()


@pytest.mark.parametrize("name", CREDENTIALS)
def test_every_provider_is_kept_and_told_without_secrets(api: Api, world: World, name: str) -> None:
    body = {"name": name, "enabled": True, "credentials": CREDENTIALS[name], "default_from_address": "a@acme.example"}
    made = api.post("/emails/provider", body)
    assert made.status_code == 201, made.json
    shown = {**body, "credentials": SHOWN.get(name, {})}
    assert made.json == api.get("/emails/provider").json == shown
    assert api.get("/emails/provider", fields="name").json == {"name": name}
    with world.platform.db.hot() as hot:
        kept = hot.connection().execute(text("SELECT document FROM tenant_documents")).scalar_one()
    hidden = {value for member, value in CREDENTIALS[name].items() if member not in SHOWN.get(name, {})}
    assert not [value for value in hidden if str(value) in kept]
    (entry,) = world.logs("sapi")
    assert not [value for value in hidden if len(str(value)) > 2 and str(value) in str(entry.data)]


def test_there_is_one_and_it_goes(api: Api) -> None:
    missing = api.get("/emails/provider")
    assert (missing.status_code, missing.json["errorCode"]) == (404, "inexistent_email_provider")
    assert api.patch("/emails/provider", {"enabled": False}).status_code == 404
    assert api.delete("/emails/provider").status_code == 204
    body = {"name": "mailgun", "credentials": CREDENTIALS["mailgun"]}
    assert api.post("/emails/provider", body).status_code == 201
    assert api.post("/emails/provider", body).status_code == 409
    answer = api.patch("/emails/provider", {"credentials": {"region": None}, "settings": {"headers": {"X": "y"}}}).json
    assert answer["credentials"] == {"domain": "mg.acme.example"}
    assert answer["settings"] == {"headers": {"X": "y"}}
    other = api.patch("/emails/provider", {"name": "ses"})
    assert other.status_code == 400
    assert api.patch("/emails/provider", {"name": "ses", "credentials": CREDENTIALS["ses"]}).json["name"] == "ses"
    assert api.delete("/emails/provider").status_code == 204
    assert api.get("/emails/provider").status_code == 404


@pytest.mark.parametrize(
    ("changes", "password"),
    [
        ({"smtp_host": "mail.evil.example"}, None),
        ({"smtp_port": 2525}, None),
        ({"smtp_host": "127.0.0.1", "smtp_user": "other"}, "pass-word-1"),
        ({"smtp_host": "mail.acme.example", "smtp_pass": "new"}, "new"),
    ],
)
def test_a_password_goes_to_the_server_it_was_given_for(
    api: Api, world: World, changes: dict[str, Any], password: str | None
) -> None:
    api.post("/emails/provider", {"name": "smtp", "credentials": CREDENTIALS["smtp"]})
    assert api.patch("/emails/provider", {"credentials": changes}).status_code == 200
    with world.writing() as work:
        kept = administration.active(work)
    assert kept is not None
    assert kept["credentials"].get("smtp_pass") == password


@pytest.mark.parametrize(
    "body",
    [
        {"name": "postmark", "credentials": {}},
        {"name": "sendgrid", "credentials": {}},
        {"name": "sendgrid", "credentials": {"api_key": "x", "domain": "y"}},
        {"name": "mailgun", "credentials": {"api_key": "x", "domain": "y", "region": "us"}},
        {"name": "smtp", "credentials": {"smtp_host": "a b", "smtp_port": 25}},
        {"name": "smtp", "credentials": {"smtp_host": "a", "smtp_port": 70_000}},
        {"name": "smtp", "credentials": {"smtp_host": "a"}},
        {"name": "sendgrid", "credentials": {"api_key": "x"}, "default_from_address": "nobody"},
        {"name": "sendgrid", "credentials": {"api_key": "x"}, "default_from_address": "a@b.c\r\nBcc: d@e.f"},
        {"name": "sendgrid", "credentials": {"api_key": "x"}, "more": 1},
        {"credentials": {"api_key": "x"}},
    ],
)
def test_what_no_provider_takes_is_refused(api: Api, body: dict[str, Any]) -> None:
    answer = api.post("/emails/provider", body)
    assert (answer.status_code, answer.json["errorCode"]) == (400, "invalid_body")
    assert api.get("/emails/provider").status_code == 404


class Sink:
    """Somebody's API: keeps what it is sent, and answers what it is told to."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, str], bytes]] = []
        self.status, self.answer = 200, b'{"access_token": "tok"}'
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                sink.seen.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(sink.status)
                self.send_header("Content-Length", str(len(sink.answer)))
                self.end_headers()
                self.wfile.write(sink.answer)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()


@pytest.fixture
def sink(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    made = Sink()
    for name in by_http.BASES:
        monkeypatch.setitem(by_http.BASES, name, made.url)
    monkeypatch.setattr(amazon, "BASE", made.url)
    monkeypatch.setattr(microsoft, "TOKENS", made.url)
    monkeypatch.setattr(microsoft, "GRAPH", made.url)
    yield made
    made.server.shutdown()
    made.server.server_close()


def send(world: World, sink: Sink, name: str, **settings: Any) -> tuple[str, dict[str, str], Any]:
    credentials = {
        **CREDENTIALS[name],
        **({"connectionString": f"endpoint={sink.url}/;accesskey=c2VjcmV0"} if name == "azure_cs" else {}),
    }
    providers.deliver(world.platform.settings, name, credentials, settings, MAIL)
    path, headers, body = sink.seen[-1]
    kind = headers["content-type"]
    return path, headers, json.loads(body) if "json" in kind else parse_qs(body.decode()) if "form" in kind else body


def test_sendgrid(world: World, sink: Sink) -> None:
    path, headers, sent = send(world, sink, "sendgrid")
    assert (path, headers["authorization"]) == ("/v3/mail/send", "Bearer SG.k")
    assert sent["personalizations"] == [{"to": [{"email": "jane@example.com"}]}]
    assert [part["type"] for part in sent["content"]] == ["text/plain", "text/html"]


def test_mailgun(world: World, sink: Sink) -> None:
    path, headers, sent = send(world, sink, "mailgun")
    assert path == "/v3/mg.acme.example/messages"
    assert headers["authorization"] == "Basic " + base64.b64encode(b"api:mg-key-1").decode()
    assert sent["from"] == ['"Acme the Co" <login@acme.example>']
    assert sent["subject"] == ["Überraschung"]


def test_mandrill_sparkpost_and_resend(world: World, sink: Sink) -> None:
    path, _, sent = send(world, sink, "mandrill", message={"view_content_link": True})
    assert (path, sent["key"], sent["message"]["view_content_link"]) == (
        "/api/1.0/messages/send.json",
        "md-key-1",
        True,
    )
    path, headers, sent = send(world, sink, "sparkpost")
    assert (path, headers["authorization"]) == ("/api/v1/transmissions", "sp-key-1")
    assert sent["recipients"] == [{"address": {"email": "jane@example.com"}}]
    path, headers, sent = send(world, sink, "resend")
    assert (path, headers["authorization"], sent["to"]) == ("/emails", "Bearer re-key-1", ["jane@example.com"])


def test_ses_is_signed(world: World, sink: Sink) -> None:
    path, headers, sent = send(world, sink, "ses", message={"configuration_set_name": "main"})
    assert path == "/v2/email/outbound-emails"
    assert sent["ConfigurationSetName"] == "main"
    assert b"To: jane@example.com" in base64.b64decode(sent["Content"]["Raw"]["Data"])
    assert "/eu-central-1/ses/aws4_request, SignedHeaders=content-type;host;x-amz-date" in headers["authorization"]


def test_azure_and_microsoft_365(world: World, sink: Sink) -> None:
    path, headers, sent = send(world, sink, "azure_cs")
    assert path.startswith("/emails:send")
    assert sent["recipients"] == {"to": [{"address": "jane@example.com"}]}
    assert headers["authorization"].startswith(
        "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature="
    )
    path, headers, sent = send(world, sink, "ms365")
    assert sink.seen[-2][0] == "/tenant-1/oauth2/v2.0/token"
    assert (path, headers["authorization"]) == ("/v1.0/users/login@acme.example/sendMail", "Bearer tok")
    assert b"To: jane@example.com" in base64.b64decode(sent)


@pytest.mark.parametrize(("status", "kind"), [(400, GiveUp), (401, TryLater), (429, TryLater), (503, TryLater)])
def test_what_a_refusal_means(world: World, sink: Sink, status: int, kind: type[Exception]) -> None:
    sink.status, sink.answer = status, b"no"
    with pytest.raises(kind, match=str(status)) as found:
        send(world, sink, "sendgrid")
    assert "SG.k" not in str(found.value)


@row("P4")
def test_a_provider_of_the_inside_is_not_reached(open_world: Any) -> None:
    world = open_world(IDP_OUTBOUND_ALLOW="example.test")
    with pytest.raises(TryLater, match="private"):
        providers.deliver(world.platform.settings, "smtp", CREDENTIALS["smtp"], {}, MAIL)


def test_mails_leave_by_the_tenants_server(api: Api, world: World) -> None:
    sink = SmtpSink()
    sink.start()
    try:
        host, _, port = sink.url.removeprefix("smtp://").partition(":")
        body = {
            "name": "smtp",
            "credentials": {"smtp_host": host, "smtp_port": int(port)},
            "default_from_address": "Acme <login@acme.example>",
            "settings": {"headers": {"X-SES-Configuration-Set": "main", "Bcc": "eve@example.test"}},
        }
        assert api.post("/emails/provider", body).status_code == 201
        with world.context() as work:
            wanted = delivery.Wanted(
                "reset_email", "jane@example.com", "en", {"email": "j", "url": "https://x/", "expires_in": 60}, "<a@b>"
            )
            delivery.deliver(work, wanted.as_payload())
        (message,) = sink.messages
        assert (message["From"], message["X-SES-Configuration-Set"]) == ("Acme <login@acme.example>", "main")
        assert message["Bcc"] is None
        assert world.mails() == []
        api.patch("/emails/provider", {"enabled": False})
        with world.context() as work:
            delivery.deliver(work, wanted.as_payload())
        assert (len(sink.messages), len(world.mails())) == (1, 1)
    finally:
        sink.stop()


@pytest.mark.parametrize("member", ["region", "api_user", "domain", "smtp_user"])
def test_a_member_that_is_null_is_none(world: World, member: str) -> None:
    """Of credentials that are new as of those that change."""
    caller = world.caller()
    sent = {"name": "sparkpost", "credentials": {"api_key": "k", member: None}}
    made = caller.post("/emails/provider", sent)
    assert made.status_code in {200, 201}, made.text
    assert made.json["credentials"] == {}
    assert caller.patch("/emails/provider", sent).json["credentials"] == {}
    assert caller.get("/emails/provider").json["credentials"] == {}
