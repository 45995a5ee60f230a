"""Logs: one line each, machine-readable, without secrets (security.md SEC3, LOG3)."""

import io
import json
import logging as standard

import pytest
import structlog

from idp.foundation import logging

SECRETS = {
    "password": "hunter2",
    "client_secret": "s1",
    "access_token": "s2",
    "refresh_token": "s3",
    "id_token": "s4",
    "code": "s5",
    "Authorization": "Bearer s6",
    "cookie": "auth0=s7",
    "client_assertion": "s8",
    "code_verifier": "s9",
    "csrf": "s10",
    "ticket": "s11",
}


@pytest.fixture
def stream() -> io.StringIO:
    made = io.StringIO()
    logging.configure("info", stream=made)
    return made


def test_secrets_are_hidden_wherever_they_stand(stream: io.StringIO) -> None:
    log = structlog.get_logger("test")
    log.info("flat", **SECRETS)
    log.info("deep", request={"headers": [SECRETS], "form": {"again": SECRETS}})
    standard.getLogger("library").warning("said", extra=SECRETS)
    for value in SECRETS.values():
        assert value not in stream.getvalue()
    assert stream.getvalue().count(logging.REDACTED) == 4 * len(SECRETS)


def test_what_is_no_secret_stays(stream: io.StringIO) -> None:
    structlog.get_logger("test").info(
        "x", status_code=200, error_code="e", token_type="Bearer", grant_type="g", client_id="c"
    )
    assert json.loads(stream.getvalue()) | {"at": ""} == {
        "at": "",
        "level": "info",
        "event": "x",
        "status_code": 200,
        "error_code": "e",
        "token_type": "Bearer",
        "grant_type": "g",
        "client_id": "c",
    }


@pytest.mark.parametrize("readable", [False, True])
def test_a_value_never_begins_a_line_of_its_own(readable: bool) -> None:
    stream = io.StringIO()
    logging.configure("info", readable=readable, stream=stream)
    structlog.get_logger("test").info('x\n{"level":"error"}', path="/a\r\nforged", name="\x1b[31mred")
    assert stream.getvalue().count("\n") == 1
    assert "\x1b" not in stream.getvalue()


def test_levels_are_obeyed() -> None:
    stream = io.StringIO()
    logging.configure("warning", stream=stream)
    structlog.get_logger("test").info("quiet")
    standard.getLogger("library").info("quiet")
    assert stream.getvalue() == ""


def test_a_traceback_is_one_line(stream: io.StringIO) -> None:
    try:
        int("told")
    except ValueError:
        structlog.get_logger("test").exception("broke")
    assert "ValueError" in json.loads(stream.getvalue())["exception"]


def test_lines_carry_their_request(stream: io.StringIO) -> None:
    mark = logging.request_id.set("abc123")
    structlog.get_logger("test").info("x")
    logging.request_id.reset(mark)
    assert json.loads(stream.getvalue())["request_id"] == "abc123"
