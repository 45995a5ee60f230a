"""What every test stands on: no network but loopback, and the real programs of ``tests/counterparts`` as fixtures."""

import gc
import ipaddress
import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from idp.foundation.apikit import answers
from tests import groups

pytest_plugins = [
    "tests.counterparts.fixtures",
    "tests.world.fixtures",
    "tests.world.social",
    "tests.admin.administrators",
]

settings.register_profile("untimed", deadline=None)  # a busy machine is no failure
settings.load_profile("untimed")
answers.be_strict()  # an answer with more in it than its endpoint declares is a failure

_real_connect = socket.socket.connect

# a developer's own settings must not leak into what is tested
for _name in list(os.environ):
    if _name.startswith("IDP_") or _name in {
        "DATABASE_URL",
        "REDIS_URL",
        "SMTP_URL",
        "PORT",
        "WEB_CONCURRENCY",
        "DYNO",
    }:
        del os.environ[_name]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> groups.ByFile | None:
    """Tests that share a file or a slow counterpart run in one worker (``tests/groups.py``)."""
    return groups.scheduler(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes longest begins first."""
    groups.in_order(config, items)


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Fourteen thousand tests are no garbage: nobody looks through them while they are made."""
    gc.disable()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Nor at each later collection, which would take a fifth of all time."""
    gc.collect()
    gc.freeze()
    gc.enable()


class NetworkBlocked(RuntimeError):
    """A test tried to reach something that is not on this machine."""


def _is_local(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True  # a socket in the file system
    host = str(address[0])
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.split("%", maxsplit=1)[0]).is_loopback
    except ValueError:
        return False


def _connect(sock: socket.socket, address: Any) -> None:
    if not _is_local(address):
        raise NetworkBlocked(f"a test tried to connect to {address!r}; only loopback is allowed")
    _real_connect(sock, address)


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Only loopback can be reached, so a test that passes here passes without a network."""
    socket.socket.connect = _connect  # type: ignore[method-assign,assignment]
    yield
    socket.socket.connect = _real_connect  # type: ignore[method-assign]
