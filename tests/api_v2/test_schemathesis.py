"""schemathesis makes requests from the OpenAPI document of the Management API, such as it allows and such as it does
not: none ends in an error of ours (spec: conventions, Acceptance 2). ``make tools-install`` brings it.

Half of the ids in paths are those of something that is there. The requests are the same in every run.
"""

from __future__ import annotations

import json
import os
import random  # noqa: TID251 - the same ids in every run
import sys
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest

from tests.counterparts.fixtures import not_run
from tests.counterparts.program import ROOT
from tests.world.management import Api
from tests.world.world import World

METHODS = ("get", "post", "put", "patch", "delete")
TOOL = ROOT / ".tools" / "python" / "schemathesis"
EACH = int(os.environ.get("GATEHOUSE_TEST_REQUESTS", "1"))
"""Requests per operation and kind: making them costs more than answering them. Where one is enough, paths alone are not
made wrong.
"""


@pytest.fixture(scope="module")
def tool() -> Iterator[Any]:
    """schemathesis, from a folder of its own behind everything that is installed."""
    if not TOOL.exists():
        not_run("schemathesis (make tools-install)")
    sys.path.append(str(TOOL))
    import schemathesis

    yield schemathesis
    sys.path.remove(str(TOOL))


@pytest.fixture
def ids(world: World) -> dict[str, list[str]]:
    """Ids of what is there, by the first part of a path."""
    api = world.caller()
    user = world.user("there@example.com")
    app = world.client()
    world.api("https://api.example.com/")
    role = api.post("/roles", {"name": "there"}).json["id"]
    (server,) = [each["id"] for each in api.get("/resource-servers").json if not each["is_system"]]
    return {
        "users": [user.user_id],
        "user-blocks": [user.user_id],
        "clients": [app.client_id],
        "connections": [world.connection_id],
        "roles": [role],
        "resource-servers": [server],
        "prompts": ["login", "signup"],
        "email-templates": ["welcome_email"],
        "attack-protection": ["captcha"],
    }


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_no_request_that_the_document_allows_is_an_error_of_ours(
    tool: Any, world: World, ids: dict[str, list[str]]
) -> None:
    document = world.get("/api/v2/openapi.json").json
    api, chance, wrong, asked = world.caller(), random.Random(7), [], set()
    schema = tool.openapi.from_dict(document)
    for found in schema.get_all_operations():
        for case in cases(tool, found.ok()):
            answer = send(api, case, ids, chance)
            asked.add((case.method.lower(), case.path))
            if answer.status_code >= 500:
                wrong.append(f"{case.method} {case.path} {answer.status_code} {case.query} {case.body!r}"[:500])
    assert wrong == []
    assert asked == {(method, path) for path, item in document["paths"].items() for method in item if method in METHODS}


def cases(tool: Any, operation: Any) -> list[Any]:
    """Requests of one operation: such as the document allows, and such as it does not."""
    import hypothesis

    made: list[Any] = []
    kept = hypothesis.settings(
        max_examples=EACH,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    modes = [tool.GenerationMode.POSITIVE]
    if EACH > 1 or list(operation.body) or list(operation.query):
        modes.append(tool.GenerationMode.NEGATIVE)
    for mode in modes:

        @kept
        @hypothesis.given(operation.as_strategy(generation_mode=mode))
        def keep(case: Any) -> None:
            made.append(case)

        try:
            keep()
        except hypothesis.errors.Unsatisfiable:  # nothing of the kind: an operation without parameters
            continue
    return made


def send(api: Api, case: Any, ids: dict[str, list[str]], chance: random.Random) -> Any:
    """The request, with the id of something that is there in every second one."""
    there = ids.get(case.path.split("/")[1], [])
    if there and case.path_parameters and chance.random() < 0.5:
        name = next(iter(case.path_parameters))
        case.path_parameters[name] = chance.choice(there)
    path = case.formatted_path.split("/api/v2", 1)[-1]
    return api(case.method, path, query_string=dict(case.query or {}), **body_of(case))


def body_of(case: Any) -> dict[str, Any]:
    """The body as Werkzeug's client takes it."""
    if type(case.body).__name__ == "NotSet":
        return {}
    if case.media_type == "multipart/form-data" and isinstance(case.body, dict):
        parts = {
            name: (BytesIO(value), "file.json") if isinstance(value, bytes) else str(value)
            for name, value in case.body.items()
        }
        return {"data": parts, "content_type": case.media_type}
    text = json.dumps(case.body, default=repr)
    return {"data": text.encode("utf-8", "surrogatepass"), "content_type": case.media_type or "application/json"}
