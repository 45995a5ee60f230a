"""Connectors of other people: the example of the documentation, installed as a package is, and what goes wrong."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from connectors import plugins
from connectors.registry import STRATEGIES
from tests.counterparts.program import ROOT

PAGE = ROOT / "docs" / "connections" / "third-party.md"
USES = """
from connectors.contract import ConnectorContext, InvalidCredentials, PasswordConnector
from connectors.registry import STRATEGIES
from tests.connectors.provider import FakeHttp, opened, said

strategy = STRATEGIES["acme-phonebook"]
assert strategy.can(PasswordConnector)
people = [{"id": "7", "login": "jane", "extension": "4711", "name": "Jane", "email": "jane@acme.example"}]
http = FakeHttp({"https://book.acme.example/people": said(people)})
connector = opened(strategy, http, url="https://book.acme.example", token="secret")
identity = connector.login("jane", "4711")
assert (identity.user_id, identity.profile["name"]) == ("7", "Jane")
assert http.asked[0].headers == {"Authorization": "secret"}
try:
    connector.login("jane", "wrong")
except InvalidCredentials:
    pass
else:
    raise AssertionError
assert strategy.read({"url": "http://x"}).contradiction()
from idp.directory.connections import schemas, strategies
strategies.check(strategy, {"url": "https://book.acme.example", "token": "t"})
"""


def blocks() -> dict[str, str]:
    """The example of the page, by language."""
    return dict(re.findall(r"^```(\w+)\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE))


def test_the_documented_example_is_a_strategy_like_any_other(tmp_path: Path) -> None:
    shown = blocks()
    (tmp_path / "acme_connector.py").write_text(shown["python"], encoding="utf-8")
    (section,) = re.findall(rf'\[project.entry-points."{plugins.GROUP}"\]\n(.*?)\n\n', shown["toml"], re.DOTALL)
    about = tmp_path / "acme_connector-1.0.dist-info"  # what pip makes of the page's pyproject.toml
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-connector\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[{plugins.GROUP}]\n{section.replace(chr(34), '')}\n")
    env = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    done = subprocess.run([sys.executable, "-c", USES], env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("no_such_module_at_all:STRATEGY", "cannot be loaded"),
        ("connectors.strategy:MISSING", "cannot be loaded"),
        ("connectors.strategy:Options", "is no Strategy"),
        ("connectors.database:DATABASE", "there already"),
    ],
)
def test_a_package_that_is_broken_costs_nobody_else(value: str, says: str, caplog: pytest.LogCaptureFixture) -> None:
    broken = EntryPoint(name="broken", value=value, group=plugins.GROUP)
    with caplog.at_level(logging.ERROR):
        assert plugins.found(STRATEGIES, [broken]) == []
    assert says in caplog.text
