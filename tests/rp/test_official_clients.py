"""Every built T1 operation of the Management API, as auth0-python 6 and 4, the Node client ``auth0`` and go-auth0 1
and 2 call it, over TLS with the local certificate authority (spec: conventions, Acceptance 1; SDK acceptance).

The calls stand in one table (:mod:`tests.rp.official.table`); an operation that is built and neither called there nor
excused fails the test.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from idp.processes.cli.parity_reference import states
from tests.counterparts.fixtures import StartProduct, not_run
from tests.counterparts.management import Management
from tests.counterparts.node import NODE_FOLDER, has_package
from tests.counterparts.product import Product, product_environment
from tests.counterparts.program import ROOT
from tests.rp.official.contract import ANYTHING, Among, Call, holds
from tests.rp.official.scene import begin_import, crowd, names, set_up, signed_in, wait_for
from tests.rp.official.speaking import filled
from tests.rp.official.table import CALLS, REFUSALS, UNCALLED
from tests.tools.built import built

pytestmark = [pytest.mark.counterpart, pytest.mark.slow]
HERE = Path(__file__).parent / "official"
FOUR = ROOT / ".tools" / "python" / "auth0-python-4"
CLIENTS = ("python-6", "python-4", "node", "go", "go-2")


def command(client: str, node: str) -> tuple[list[str], dict[str, str]]:
    """How the program of that client is started: its arguments and what its environment has besides."""
    if client == "node":
        if not has_package("auth0"):
            not_run("the npm packages of tests/node (npm ci)")
        return [node, str(NODE_FOLDER / "operations.mjs")], {}
    if client == "go":
        return [str(built("go-auth0"))], {}
    if client == "go-2":
        return [str(built("go-auth0-2"))], {}
    if client == "python-4":
        if not FOUR.exists():
            not_run("auth0-python 4 (make tools-install)")
        return [sys.executable, str(HERE / "python_4.py")], {"PYTHONPATH": f"{FOUR}:{ROOT}"}
    return [sys.executable, str(HERE / "python_6.py")], {"PYTHONPATH": str(ROOT)}


def calls_of(client: str) -> list[Call]:
    """The rows that this client can do."""
    return [each for each in CALLS if each.operation not in UNCALLED[client] and each.only in ("", client)]


@pytest.fixture(scope="module")
def limited(start_products: StartProduct) -> Product:
    """A product of these tests, over TLS, that counts who tries too often."""
    return start_products(tls=True, env={"IDP_RATE_LIMITS": "on"})


@pytest.mark.parametrize("client", CLIENTS)
def test_every_built_operation_is_called(client: str, node: str, limited: Product) -> None:
    """Conventions, Acceptance 1: with nothing changed but the domain."""
    calls = calls_of(client)
    printed = run(client, node, limited, set_up(limited, 1 + CLIENTS.index(client)), calls)
    limited.management().call("PUT", "guardian/policies", [])  # the next ones sign in without a second factor
    wrong = list(complaints(calls, printed["results"], printed["scene"]))
    assert not wrong, "\n".join(wrong)
    built = {f"{state.operation.method} {state.operation.path}" for state in states() if is_wanted(state)}
    called = {call.operation for call in calls}
    excused = set(UNCALLED[client])
    assert (sorted(built - called - excused), sorted(called & excused)) == ([], [])
    assert called - built == set()


@pytest.mark.parametrize("client", CLIENTS)
def test_refusals_are_read(client: str, node: str, limited: Product) -> None:
    """Conventions, Acceptance 3: bodies of errors parse into status, ``errorCode`` and ``message``."""
    management = limited.management()
    scene = {**signed_in(limited, management), **names(limited), "crowd": crowd()}
    scene["taken"] = management.create_user(connection=limited.connection)["email"]
    with importing(limited, management) as running:
        printed = run(client, node, limited, scene, [call for call, _, _ in REFUSALS])
    for (call, status, code), result in zip(REFUSALS, printed["results"], strict=True):
        refused = result["answer"]["refused"]
        assert refused is not None, result["answer"]
        assert (call.operation, refused["status"]) == (call.operation, status)
        assert refused["message"]
        assert not code or refused["code"] == code, call.operation
    for job in running:
        wait_for(management, job)


@contextmanager
def importing(product: Product, management: Management) -> Iterator[list[str]]:
    """As many imports run as may, until this is over, however soon one of them is done."""
    jobs, over = [begin_import(product, management, crowd()) for _ in range(2)], threading.Event()

    def begin_again() -> None:
        while not over.wait(0.3):
            for place, job in enumerate(jobs[-2:], len(jobs) - 2):
                if management.call("GET", f"jobs/{job}")["status"] not in {"pending", "processing"}:
                    del jobs[place]
                    jobs.append(begin_import(product, management, crowd()))
                    break

    beside = threading.Thread(target=begin_again)
    beside.start()
    try:
        yield jobs
    finally:
        over.set()
        beside.join()


def run(client: str, node: str, product: Product, scene: dict[str, Any], calls: Sequence[Call]) -> dict[str, Any]:
    """Have the client do these calls; answers what its program printed."""
    arguments, more = command(client, node)
    access = product.printed["management"]
    domain = f"localhost:{product.port}"
    given = {
        "callers": {
            "machine": {"domain": domain, "client_id": access["client_id"], "client_secret": access["client_secret"]},
            "user": {"domain": domain, "token": scene["user_token"]},
            "stranger": {"domain": domain, "token": "nobody"},
        },
        "scene": scene,
        "calls": [without_checks(call) for call in calls],
    }
    trusted = dict.fromkeys(("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"), str(product.verify))
    done = subprocess.run(
        arguments,
        input=json.dumps(given),
        env=product_environment(**trusted, **more),
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed: dict[str, Any] = json.loads(done.stdout)
    return printed


def is_wanted(state: Any) -> bool:
    """Whether official clients must be able to call it."""
    return bool(state.built and state.operation.tier == "T1")


def without_checks(call: Call) -> dict[str, Any]:
    """The row as a program of a client reads it."""
    return {name: value for name, value in asdict(call).items() if name != "expect"}


def complaints(calls: Sequence[Call], results: Sequence[Mapping[str, Any]], scene: dict[str, Any]) -> Iterator[str]:
    """What was not answered as the table says; a call also has to be a request of its operation."""
    for call, result in zip(calls, results, strict=True):
        method, _, path = call.operation.partition(" ")
        template = re.compile(re.sub(r"\{\w+\}", "[^/]+", f"/api/v2{path}") + r"(\?.*)?")
        seen = result["seen"]
        if not any(was == method and template.fullmatch(at) and status < 300 for was, at, status in seen):
            yield f"{call.operation}: {seen} {result['answer']}"
            continue
        if not holds(result["answer"], expectation(call, scene)):
            yield f"{call.operation}: {result['answer']}"


def expectation(call: Call, scene: dict[str, Any]) -> Any:
    """What the answer has to hold, with what the names stand for."""
    if isinstance(call.expect, Among):
        return Among(filled(call.expect.members, scene))
    return call.expect if call.expect is ANYTHING or callable(call.expect) else filled(call.expect, scene)
