"""The locks are whole: ``pip --no-deps`` installs exactly what they list, so what they list must be all there is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.metadata import Distribution, distributions

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.counterparts.program import ROOT

PIN = re.compile(r"^(?P<requirement>[A-Za-z0-9][^\\]*?)\s*\\$", re.MULTILINE)
FILES = ("requirements.txt", "requirements-dev.txt")
PRODUCT = "gatehouse-idp"
PRODUCT_EXTRAS = frozenset({"postgres", "redis", "prod"})
"""What `make install` brings along with the product."""


@cache
def pins(file: str) -> dict[str, Version]:
    """Name -> version of every line of a lock that applies to this interpreter."""
    found: dict[str, Version] = {}
    for match in PIN.finditer((ROOT / file).read_text(encoding="utf-8")):
        requirement = Requirement(match["requirement"])
        (specifier,) = requirement.specifier
        assert specifier.operator == "==", f"{file}: {requirement} is not pinned"
        if requirement.marker is None or requirement.marker.evaluate():
            found[canonicalize_name(requirement.name)] = Version(specifier.version)
    return found


@cache
def installed() -> dict[str, Distribution]:
    """What is installed here."""
    return {canonicalize_name(each.name): each for each in distributions()}


def requirements(name: str, extras: frozenset[str]) -> Iterator[Requirement]:
    """What a distribution asks for here, with those extras of it."""
    environment = default_environment()
    for line in installed()[name].requires or ():
        requirement = Requirement(line)
        environments = [{**environment, "extra": extra} for extra in ("", *extras)]
        if requirement.marker is None or any(requirement.marker.evaluate(each) for each in environments):
            yield requirement


def missing(file: str) -> list[str]:
    """Everything that something in the lock asks for and the lock does not have, walking from the product on."""
    lock = pins(file)
    problems: set[str] = set()
    seen: set[tuple[str, frozenset[str]]] = set()
    ahead = [(PRODUCT, PRODUCT_EXTRAS), *((name, frozenset[str]()) for name in lock)]
    while ahead:
        name, extras = ahead.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        for requirement in requirements(name, extras):
            wanted = canonicalize_name(requirement.name)
            if wanted not in lock:
                problems.add(f"{name} needs {requirement}, which is not in {file}")
            elif not requirement.specifier.contains(lock[wanted], prereleases=True):
                problems.add(f"{name} needs {requirement}, {file} has {lock[wanted]}")
            else:
                ahead.append((wanted, frozenset(requirement.extras)))
    return sorted(problems)


@pytest.mark.parametrize("file", FILES)
def test_nothing_that_is_locked_needs_something_that_is_not(file: str) -> None:
    assert len(pins(file)) > 20
    assert missing(file) == []


def test_what_is_installed_is_what_is_locked() -> None:
    lock = {**pins("requirements.txt"), **pins("requirements-dev.txt")}
    here = {name: Version(installed()[name].version) for name in lock if name in installed()}
    assert here == lock


def test_both_locks_agree() -> None:
    product, tests = (pins(file) for file in FILES)
    assert {name: tests.get(name) for name in product} == product


def test_the_tools_that_install_the_product_are_locked() -> None:
    """An editable install without build isolation takes them from the environment."""
    assert {"hatchling", "editables"} <= set(pins("requirements.txt"))


@pytest.mark.parametrize(
    "file", ["Makefile", "tests/counterparts/install.sh", "tests/counterparts/install_node_packages.sh", ".ci/run"]
)
def test_nothing_is_installed_but_from_a_lock(file: str) -> None:
    """What is published tomorrow must not change what is installed today."""
    text = (ROOT / file).read_text(encoding="utf-8").replace("\\\n", " ")
    for line in re.findall(r"^.*(?:PIP\)|pip\b.*) install .*$", text, re.MULTILINE):
        locked = "--no-deps" in line and "--require-hashes" in line
        ourselves = "--no-deps" in line and "--no-build-isolation" in line and "--editable ." in line
        assert locked or ourselves, line
    assert "npm install" not in text
    assert "npx " not in text


def test_npm_packages_are_locked_by_their_content() -> None:
    lock = json.loads((ROOT / "tests/node/package-lock.json").read_text(encoding="utf-8"))["packages"]
    wanted = json.loads((ROOT / "tests/node/package.json").read_text(encoding="utf-8"))["dependencies"]
    own = {"unused"}  # what stands in for packages that no test loads
    unlocked = {name for name, each in lock.items() if name and not each.get("integrity")} - own
    assert {name for name in unlocked if lock[name].get("resolved") not in own} == set()
    assert {name: lock[f"node_modules/{name}"]["version"] for name in wanted} == wanted


def test_what_tests_take_from_npm_is_in_its_lock() -> None:
    """A test that asks for a package which nothing installs would be skipped everywhere but where it was written."""
    asked = {
        name
        for file in (ROOT / "tests").glob("*/**/*.py")
        if "node_modules" not in file.parts
        for name in re.findall(r'has_package\("([^"]+)"\)', file.read_text(encoding="utf-8"))
    }
    folder = ROOT / "tests" / "node"
    locked = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert len(asked) > 5
    assert {name for name in asked if f"node_modules/{name}" not in locked} == set()
    wanted = json.loads((folder / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert locked[""]["dependencies"] == wanted
