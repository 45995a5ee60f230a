"""``idp serve`` and ``idp doctor`` name everything that is wrong, at once, and nothing secret."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from flask import Flask, Response

from idp.foundation.environment import weak_key
from idp.foundation.settings import Settings, SettingsError
from idp.operations.health import checks
from idp.processes.cli.words import without_secrets
from tests.counterparts.local_site import local_site
from tests.counterparts.product import idp, product_environment

KEY = "a master key that is only for tests and long enough"
SOUND = {"IDP_ENV": "production", "IDP_SECRET_KEY": KEY, "IDP_PUBLIC_URL": "https://login.example.test/"}
PASSWORD = "hunter2-s3cret"


def environment(**changes: str | None) -> dict[str, str]:
    """A production environment with these changes."""
    env = {name: value for name, value in product_environment().items() if name != "IDP_RATE_LIMITS"}
    return {name: value for name, value in {**env, **SOUND, **changes}.items() if value is not None}


def problems(**changes: str | None) -> list[str]:
    """What is wrong with the settings."""
    env = {name: value for name, value in {**SOUND, **changes}.items() if value is not None}
    try:
        Settings.from_env(env, create_key=False)
    except SettingsError as error:
        return list(error.problems)
    return []


BAD = {
    "IDP_OUTBOUND_ALLOW": [
        "10.0.0.0/99",
        "10.0.0.300",
        "a b",
        "http://x.example/",
        "localhost,10.0.0.0/8,::1/200",
        "host:",
    ],
    "REDIS_URL": [
        "http://x",
        "localhost:6379",
        f"redis://:{PASSWORD}#x@host/0",
        "redis://",
        "rediss://h/0?ssl_cert_reqs=none",
    ],
    "SMTP_URL": [
        f"smtp://user:{PASSWORD}#x@mail.example:587",
        f"smtp://user:{PASSWORD}/x@mail.example",
        f"smtp://user:{PASSWORD}@x@mail.example",
        "mail.example:25",
        "smtp://mail.example:99999",
        "smtp://",
    ],
    "DATABASE_URL": [
        f"mysql://u:{PASSWORD}@h/db",
        f"postgres://u:{PASSWORD}@h:port/db",
        f"postgres://u:{PASSWORD}@h:/db",
        "sqlite:///nowhere/at/all.db",
        "sqlite:///x.db?synchronous=never",
    ],
    "IDP_PUBLIC_URL": [
        f"https://user:{PASSWORD}@login.example.test/",
        "login.example.test",
        "https://login.example.test/?x",
        "https://login.example.test/#x",
        "https://login.example.test/a/b/c/d/",
        "https://login.example.test/a%2Fb/",
        "https://login.example.test/../",
        "https://login.example.test/api/",
        "https://login.example.test:99999/",
        "http://login.example.test/",
        "https://login.exämple.test/",
    ],
    "IDP_SECRET_KEY": ["short", "a" * 48, "ab" * 20, "changeme" * 5, "0123456789" * 4, f"{KEY},short", ","],
    "IDP_TRUSTED_PROXIES": ["-1", "many", "99", "٣"],
    "IDP_METRICS": ["perhaps"],
    "IDP_RATE_LIMITS": ["off", "no"],
    "IDP_OUTBOUND_CA": ["/nowhere/ca.pem"],
    "IDP_MTLS_KEY": ["/nowhere/key.pem", f"/{'x' * 300}"],
    "IDP_MTLS_PORT": ["0x", "70000"],
    "PORT": ["0", "70000", "9" * 5000, "²"],
    "WEB_CONCURRENCY": ["0", "x"],
    "LOG_LEVEL": ["loud"],
    "IDP_ENV": ["staging"],
    "IDP_PUBLIC_URI": ["https://x.example/"],
}
CASES = [(name, value) for name, values in BAD.items() for value in values]


@pytest.mark.parametrize(("name", "value"), CASES, ids=[f"{name} {value[:40]}" for name, value in CASES])
def test_what_can_not_be_used_is_refused_in_one_line_without_the_secret(name: str, value: str) -> None:
    (problem,) = problems(**{name: value})
    assert name in problem
    assert PASSWORD not in problem
    assert "\n" not in problem


def test_a_port_that_asks_for_certificates_has_one_and_is_not_the_first() -> None:
    certificate, key = problems(IDP_MTLS_PORT="8443")
    assert "IDP_MTLS_CERTIFICATE" in certificate
    assert "IDP_MTLS_KEY" in key
    given = {"IDP_MTLS_CERTIFICATE": __file__, "IDP_MTLS_KEY": __file__}
    assert not problems(PORT="9000", IDP_MTLS_PORT="9001", **given)
    (same,) = problems(PORT="9000", IDP_MTLS_PORT="9000", **given)
    assert "another port than PORT" in same


GOOD = {
    "IDP_OUTBOUND_ALLOW": [
        "",
        "localhost,127.0.0.1,::1",
        "[::1]:8080",
        "10.0.0.0/8,fd00::/8",
        "idp.internal:8443",
        "host_1.",
    ],
    "REDIS_URL": ["redis://localhost:6379/0", f"rediss://:{PASSWORD}@h:6380", "unix:///run/redis.sock"],
    "SMTP_URL": [f"smtp://user%40x:{PASSWORD}%23@mail.example:587?from=a@b.example", "smtps://mail.example"],
    "DATABASE_URL": [f"postgres://u:{PASSWORD}#@h/db", "sqlite:///x.db?synchronous=FULL"],
    "IDP_PUBLIC_URL": ["https://example.com/auth", "https://example.com/a/b/c/", "https://example.com:8443/"],
    "IDP_SECRET_KEY": [KEY, secrets.token_hex(16), secrets.token_urlsafe(48), f"{secrets.token_hex(32)},{'a' * 40}"],
}
FINE = [(name, value) for name, values in GOOD.items() for value in values]


@pytest.mark.parametrize(("name", "value"), FINE, ids=[f"{name} {number}" for number, (name, _) in enumerate(FINE)])
def test_what_can_be_used_is_taken(name: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert problems(**{name: value}) == []


def test_random_keys_are_never_called_weak() -> None:
    made = [make(16) for make in (secrets.token_hex,) for _ in range(2_000)] + [
        secrets.token_urlsafe(24) for _ in range(2_000)
    ]
    assert [key for key in made if weak_key(key)] == []


@pytest.mark.parametrize("command", ["serve", "worker", "doctor"])
def test_everything_is_named_at_once(tmp_path: Path, command: str) -> None:
    env = environment(
        IDP_SECRET_KEY="x" * 40,
        IDP_PUBLIC_URL=None,
        IDP_OUTBOUND_ALLOW="10.0.0.0/99",
        REDIS_URL="http://x",
        SMTP_URL=f"smtp://u:{PASSWORD}#@h",
        IDP_METRICS="perhaps",
        IDP_PUBLIC_URI="x",
    )
    done = idp(command, cwd=tmp_path, env=env)
    said = done.stdout + done.stderr
    assert done.returncode in {1, 2}
    for name in ("SECRET_KEY", "PUBLIC_URL must", "OUTBOUND_ALLOW", "REDIS_URL", "SMTP_URL", "METRICS", "PUBLIC_URI"):
        assert name in said, said
    assert PASSWORD not in said
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


def doctors(tmp_path: Path, **changes: str | None) -> str:
    """What the doctor says of an installed deployment with these changes."""
    done = idp("doctor", cwd=tmp_path, env=environment(**changes))
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    done = idp("init", "--json", cwd=tmp_path, env=environment())
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["issuer"] == "https://login.example.test/"
    return tmp_path


def test_the_doctor_knows_a_wrong_master_key(installed: Path) -> None:
    assert "is not the key" not in doctors(installed)
    assert "is not the key" in doctors(installed, IDP_SECRET_KEY="another master key that is long enough as well")
    both = doctors(installed, IDP_SECRET_KEY=f"another master key that is long enough as well,{KEY}")
    assert "is not the key" not in both


def test_the_doctor_knows_a_weak_old_key(installed: Path) -> None:
    found = doctors(installed, IDP_SECRET_KEY=f"{KEY},{'a' * 40}")
    assert "key 2 of IDP_SECRET_KEY is long, but easy to guess" in found
    assert "keys reencrypt" in found


def test_a_server_with_the_wrong_master_key_does_not_start(installed: Path) -> None:
    done = idp("serve", cwd=installed, env=environment(IDP_SECRET_KEY="another master key that is long enough as well"))
    assert done.returncode == 1
    assert "IDP_SECRET_KEY" in done.stderr
    assert "Traceback" not in done.stderr


class Proxy:
    """What answers at the public address."""

    def __init__(self) -> None:
        self.answer = Response("", 404)
        self.app = Flask("proxy")
        self.app.add_url_rule("/<path:path>", "all", lambda path: self.answer)


ANSWERS = {
    "the host is not passed on": (Response("", 404), "does not know that address"),
    "another issuer": (
        Response('{"issuer": "http://10.0.0.1:8000/"}', 200, mimetype="application/json"),
        "says that its issuer is http://10.0.0.1:8000/",
    ),
    "a redirect": (Response("", 301, {"Location": "https://www.example.test/"}), "has to be the address itself"),
    "something else": (Response("hello", 200), "is not this provider"),
}


@pytest.mark.parametrize("name", list(ANSWERS))
def test_the_doctor_asks_at_the_public_address(name: str) -> None:
    proxy = Proxy()
    proxy.answer, said = ANSWERS[name]
    with local_site(proxy.app) as base_url:
        env = {"IDP_SECRET_KEY": KEY, "IDP_PUBLIC_URL": f"{base_url}/", "IDP_OUTBOUND_ALLOW": "other.test"}
        settings = Settings.from_env(env, create_key=False)
        found = list(checks.proxy_problems(settings))
    assert [line for line in found if said in line], found


def test_the_doctor_hangs_up_on_whoever_never_ends() -> None:
    proxy, hung_up = Proxy(), threading.Event()

    def ever() -> Iterator[str]:
        try:
            while True:
                yield " " * 65_536
        finally:
            hung_up.set()

    proxy.answer = Response(ever(), 200, mimetype="application/json")
    with local_site(proxy.app) as base_url:
        settings = Settings.from_env({"IDP_SECRET_KEY": KEY, "IDP_PUBLIC_URL": f"{base_url}/"}, create_key=False)
        list(checks.proxy_problems(settings))
        assert hung_up.wait(5)


def test_the_doctor_is_content_where_the_right_issuer_answers() -> None:
    proxy = Proxy()
    with local_site(proxy.app) as base_url:
        issuer = f"{base_url}/auth/"
        proxy.answer = Response(json.dumps({"issuer": issuer}), 200, mimetype="application/json")
        settings = Settings.from_env({"IDP_SECRET_KEY": KEY, "IDP_PUBLIC_URL": issuer}, create_key=False)
        assert list(checks.proxy_problems(settings)) == []


@pytest.mark.parametrize(
    "environ",
    [
        {"SMTP_URL": f"smtp://u:{PASSWORD}@h"},
        {"DATABASE_URL": f"postgres://u:{PASSWORD}@h/d"},
        {"DATABASE_REPLICA_URL": f"postgres://u:{PASSWORD}@h/d"},
        {"IDP_HSM_PIN": PASSWORD},
        {"REDIS_URL": f"redis://:{PASSWORD}@h/0"},
        {"IDP_SECRET_KEY": f"other,{PASSWORD}"},
        {"IDP_ADMIN_PASSWORD": PASSWORD},
        {"SMTP_URL": "smtp://u:hunter2%2Ds3cret@h"},
    ],
)
def test_no_line_of_the_doctor_repeats_a_secret(environ: Mapping[str, str]) -> None:
    assert without_secrets(f"the server said: no such user {PASSWORD}!", environ) == (
        "the server said: no such user ***!"
    )
