"""``rediss://``: the certificate is checked, against the authority that ``IDP_OUTBOUND_CA`` adds."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import redis

from idp.foundation import redis_client
from idp.foundation.settings import Settings
from idp.processes import certificates
from idp.processes.certificates import LocalCertificate
from tests.counterparts.program import Program, accepts, free_port
from tests.world.world import World

pytestmark = pytest.mark.counterpart


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> LocalCertificate:
    return certificates.ensure(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def port(made: LocalCertificate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A Redis that speaks TLS alone, with a certificate for localhost."""
    server = shutil.which("redis-server")
    if server is None:
        pytest.skip("not run: needs Redis (Debian package redis-server)")
    folder: Path = tmp_path_factory.mktemp("redis-tls")
    chosen = free_port()
    argv = [
        server,
        *("--port", "0", "--tls-port", str(chosen), "--bind", "127.0.0.1", "--save", "", "--dir", folder),
        *("--tls-cert-file", made.certificate, "--tls-key-file", made.key, "--tls-auth-clients", "no"),
    ]
    program = Program.start(argv, log_path=folder / "log", cwd=folder)
    program.wait_until(lambda: accepts(chosen), what="accept connections")
    yield chosen
    program.stop()


@pytest.fixture
def settings(world: World) -> Iterator[Settings]:
    yield world.platform.settings
    redis_client.forget()


def ping(settings: Settings) -> bool:
    return bool(redis_client.client(settings).ping())


def test_a_known_authority_is_trusted(settings: Settings, port: int, made: LocalCertificate) -> None:
    known = replace(settings, redis_url=f"rediss://localhost:{port}/0", outbound_ca=str(made.authority))
    assert ping(known)


def test_an_unknown_authority_is_not(settings: Settings, port: int) -> None:
    with pytest.raises(redis.ConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
        ping(replace(settings, redis_url=f"rediss://localhost:{port}/0", outbound_ca=None))


def test_nor_is_another_name(
    settings: Settings, port: int, made: LocalCertificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The certificate is for localhost, not for whatever name leads to the same machine."""
    import socket

    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **more: resolve("127.0.0.1", *rest, **more))
    named = replace(settings, redis_url=f"rediss://redis.example.test:{port}/0", outbound_ca=str(made.authority))
    with pytest.raises(redis.ConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
        ping(named)
