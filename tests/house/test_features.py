"""What the features list is there, and every kind of process knows the same."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module

import pytest

from idp.features import FEATURES
from idp.foundation.kernel import access_events, events
from idp.foundation.kernel.events import Event
from tests.counterparts.program import ROOT

NAMES = sorted(
    {name for feature in FEATURES for name in (*feature.blueprints, *feature.tasks.values())}
    | {f"{name}:api" for feature in FEATURES for name in feature.apis}
)
OPEN = """
import json
from idp.foundation.settings import Settings
from idp.foundation.tenancy.reactions import subscriptions
from idp.foundation.tenancy.work import Platform
platform = Platform.open(Settings.from_env({"IDP_SECRET_KEY": "x" * 32}))
"""
BEGINNINGS = {
    "web": "from idp.app import create_app; create_app(platform)",
    "worker": "from idp.processes.worker import Jobs; Jobs(platform)",
    "command": "from idp.processes.cli.process import command_settings, opened\n"
    "settings = command_settings(create=True)\nsettings.sqlite_file.touch()\nwith opened(settings): pass",
}
SHOW = "\nprint(json.dumps(sorted(subscriptions())))"


@pytest.mark.parametrize("name", NAMES)
def test_what_a_feature_names_is_there(name: str) -> None:
    module, _, attribute = name.partition(":")
    assert getattr(import_module(module), attribute) is not None


def test_features_are_called_differently_and_share_no_task() -> None:
    names = [feature.name for feature in FEATURES]
    tasks = [task for feature in FEATURES for task in feature.tasks]
    assert len(set(names)) == len(names)
    assert len(set(tasks)) == len(tasks)


def test_web_worker_and_command_line_have_equal_subscriptions(tmp_path: object) -> None:
    env = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "IDP_SECRET_KEY": "x" * 32}
    found = {
        kind: json.loads(
            subprocess.run(
                [sys.executable, "-c", OPEN + code + SHOW],
                cwd=str(tmp_path),
                env=env,
                capture_output=True,
                text=True,
                check=True,
            ).stdout
        )
        for kind, code in BEGINNINGS.items()
    }
    assert found["web"] == found["worker"] == found["command"]
    known = {
        name
        for name, kind in {**vars(events), **vars(access_events)}.items()
        if isinstance(kind, type) and issubclass(kind, Event)
    }
    assert {event for event, _ in found["web"]} <= known
