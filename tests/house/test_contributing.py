"""CONTRIBUTING.md shows seven additions as diffs. Each is applied to a copy of this checkout, touches no more than was
promised, and what it adds works there.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from idp.foundation.web.i18n import EVERYWHERE, LANGUAGES
from tests.counterparts.program import ROOT

PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
DIFFS = ROOT / "docs" / "additions"
PROMISED: dict[str, set[str]] = {
    "claim": {"idp/directory/users/attributes.py"},
    "grant": {"idp/protocol/oauth/grants/resource.py", "idp/protocol/oauth/grants/__init__.py"},
    "endpoint": {"idp/signin/user_grants/api.py"},
    "screen": {
        "idp/signin/login/screens/terms.py",
        "idp/signin/login/screens/__init__.py",
        "idp/signin/login/policy.py",
        "templates/login/terms/terms.html",
        *(f"idp/signin/login/texts/{language}.json" for language in LANGUAGES),
    },
    "connector": {"connectors/user_list.py", "connectors/registry.py"},
    "dashboard": {
        "idp/admin/grants.py",
        "idp/admin/navigation.py",
        *(f"idp/admin/texts/{language}/grants.json" for language in EVERYWHERE),
    },
    "language": {"idp/signin/login/texts/nl.json"},
}
"""All of the product that an addition may touch."""
LISTS = {"idp/protocol/oauth/grants/__init__.py", "idp/signin/login/screens/__init__.py", "connectors/registry.py"}
"""Lists that an addition gets its line in, with the import that goes with it."""
NOT_COPIED = {".png"}
LEFT = "…"
"""Stands in a block of the page for lines of the diff that it leaves out."""


@dataclass(frozen=True)
class Addition:
    """One of the page's sections: what it quotes of its diff, and the command that shows it working."""

    name: str
    quoted: tuple[str, ...]
    command: str


def additions() -> dict[str, Addition]:
    """The sections of the page that link a diff."""
    found = {}
    for section in re.split(r"^#{2,3} ", PAGE, flags=re.MULTILINE):
        if link := re.search(r"\(docs/additions/(\w+)\.diff\)", section):
            (block,) = re.findall(r"^```diff\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
            (command,) = re.findall(r"^```sh\n(.*?)\n```$", section, re.DOTALL | re.MULTILINE)
            quoted = tuple(part.strip("\n") for part in block.split(f"\n{LEFT}\n"))
            found[link[1]] = Addition(link[1], quoted, command)
    return found


def changed_lines(diff: str) -> dict[str, tuple[int, int]]:
    """Lines added and taken away, by file."""
    found = {}
    for part in diff.split("diff --git ")[1:]:
        lines = part.splitlines()
        added = sum(line.startswith("+") and not line.startswith("+++") for line in lines)
        removed = sum(line.startswith("-") and not line.startswith("---") for line in lines)
        found[lines[0].rpartition(" b/")[2]] = (added, removed)
    return found


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The tracked files of this checkout, as they are now, with its environment."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    folder = tmp_path / "copy"
    for name in filter(None, listed.split("\0")):
        source, target = ROOT / name, folder / name
        if source.suffix not in NOT_COPIED and source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
            _compiled(source, target)
    (folder / ".venv").symlink_to(sys.prefix, target_is_directory=True)
    return folder


def _compiled(source: Path, target: Path) -> None:
    """What this interpreter compiled of a module holds for the copy, too: it goes by time and size of the source."""
    if source.suffix == ".py":
        for made in source.parent.glob(f"__pycache__/{source.stem}.{sys.implementation.cache_tag}*.pyc"):
            beside = target.parent / "__pycache__"
            beside.mkdir(exist_ok=True)
            shutil.copyfile(made, beside / made.name)


def test_the_page_shows_each_of_the_seven() -> None:
    assert set(additions()) == set(PROMISED) == {path.stem for path in DIFFS.iterdir()}


@pytest.mark.parametrize("name", PROMISED)
def test_it_is_as_small_as_promised(name: str) -> None:
    diff = (DIFFS / f"{name}.diff").read_text(encoding="utf-8")
    touched = {path: lines for path, lines in changed_lines(diff).items() if not path.startswith("tests/")}
    assert set(touched) == PROMISED[name]
    assert {path for path in LISTS & set(touched) if touched[path][0] - touched[path][1] > 2} == set()
    assert [part for part in additions()[name].quoted if part not in diff] == []


@pytest.mark.timeout(600)  # eight seconds of a processor that may be shared
@pytest.mark.parametrize("name", PROMISED)
def test_it_works_where_it_is_applied(name: str, copy: Path) -> None:
    command = additions()[name].command
    assert command.startswith(f"git apply docs/additions/{name}.diff && ")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "COV"))}
    environment |= {"PYTHONPATH": str(copy), "GIT_CEILING_DIRECTORIES": str(copy.parent)}
    done = subprocess.run(["sh", "-c", command], cwd=copy, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
