"""Mails: one recipient, safe headers, carried by SMTP as servers really answer."""

from email.message import EmailMessage
from email.policy import SMTP

import pytest

from idp.foundation.queue.tasks import GiveUp, Outage, TryLater
from idp.tenant.mail.mailbox import KeptMail
from idp.tenant.mail.message import InvalidMail, Mail, compose
from idp.tenant.mail.smtp import Smtp
from tests.counterparts.smtp import SmtpSink


def mail(**changes: str) -> Mail:
    parts = {
        "sender": "no-reply@id.example.test",
        "sender_name": "Acme, Inc.",
        "to": "ann@example.test",
        "subject": "Überprüfung: bestätigen Sie Ihre Adresse",
        "text": "Hello\nhttps://id.example.test/x?ticket=abc\n",
        "html": "<p>Hello <a href='https://id.example.test/x?ticket=abc'>x</a></p>",
        "message_id": "<abc@id.example.test>",
    }
    return Mail(**(parts | changes))


def test_a_mail_has_both_parts_and_its_headers() -> None:
    made = compose(mail())
    assert made["To"] == "ann@example.test"
    assert made["From"] == '"Acme, Inc." <no-reply@id.example.test>'
    assert made["Subject"] == "Überprüfung: bestätigen Sie Ihre Adresse"
    assert made["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in made.iter_parts()] == ["text/plain", "text/html"]
    assert "ticket=abc" in made.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert max(map(len, made.as_bytes(policy=SMTP).splitlines())) <= 998


@pytest.mark.parametrize(
    "changes",
    [
        {"to": "ann@example.test\r\nBcc: eve@example.test"},
        {"to": "ann@example.test, eve@example.test"},
        {"to": "ann@example.test;eve@example.test"},
        {"to": "<ann@example.test>"},
        {"to": "ann"},
        {"to": ""},
        {"subject": "Hello\r\nBcc: eve@example.test"},
        {"message_id": "<a@b>\nX: y"},
        {"sender": "a@b\r\nX: y"},
    ],
)
def test_nothing_gets_into_the_headers(changes: dict[str, str]) -> None:
    with pytest.raises(InvalidMail):
        compose(mail(**changes))


def test_a_tenants_name_with_line_breaks_stays_one_line() -> None:
    assert "\n" not in str(compose(mail(sender_name="Acme\r\nBcc: eve@example.test"))["From"])


def smtp(sink: SmtpSink) -> Smtp:
    return Smtp.from_url(sink.url, None)


def test_a_server_takes_it(smtp_sink: SmtpSink) -> None:
    smtp(smtp_sink).deliver(mail())
    arrived = smtp_sink.wait_for(lambda message: True)
    assert isinstance(arrived, EmailMessage)
    assert (arrived["to"], arrived["message-id"]) == ("ann@example.test", "<abc@id.example.test>")
    assert arrived["subject"] == "Überprüfung: bestätigen Sie Ihre Adresse"


def test_a_refusal_for_now_is_tried_again(smtp_sink: SmtpSink) -> None:
    smtp_sink.refuse_next = 1
    with pytest.raises(TryLater, match="451"):
        smtp(smtp_sink).deliver(mail())
    smtp(smtp_sink).deliver(mail())
    assert len(smtp_sink.messages) == 1


def test_no_server_is_an_outage() -> None:
    with pytest.raises(Outage):
        Smtp.from_url("smtp://127.0.0.1:1", None).deliver(mail())


def test_an_impossible_address_is_given_up(smtp_sink: SmtpSink) -> None:
    with pytest.raises(GiveUp):
        smtp(smtp_sink).deliver(mail(to="nobody"))


def test_a_password_never_goes_out_in_clear(smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Smtp, "_on_this_machine", lambda _self: False)
    port = smtp_sink.url.rpartition(":")[2]
    with pytest.raises(Outage, match="TLS"):
        Smtp.from_url(f"smtp://user:secret@127.0.0.1:{port}", None).deliver(mail())
    assert smtp_sink.messages == []


@pytest.mark.parametrize(
    ("url", "port", "tls", "sender"),
    [
        ("smtp://mail.test", 25, False, None),
        ("smtp://user:p%40ss@mail.test", 587, False, None),
        ("smtps://login%40example.test:x@mail.test", 465, True, "login@example.test"),
        ("smtp://mail.test:2525?from=hello@example.test", 2525, False, "hello@example.test"),
    ],
)
def test_what_the_url_says(url: str, port: int, tls: bool, sender: str | None) -> None:
    found = Smtp.from_url(url, None)
    assert (found.port, found.implicit_tls, found.sender) == (port, tls, sender)
    assert found.password in {None, "p@ss", "x"}


def test_links_of_a_kept_mail() -> None:
    kept = KeptMail(
        "1", "a@b.test", "s", "See https://a.test/x?y=z. Or (https://b.test/).\nhttps://a.test/x?y=z", "", 0
    )
    assert kept.links == ["https://a.test/x?y=z", "https://b.test/"]
