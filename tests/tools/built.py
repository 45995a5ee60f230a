"""The programs that ``make tools-install`` builds: Go's from their modules, Java's with their libraries."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.counterparts.fixtures import not_run
from tests.counterparts.program import ROOT

FOLDER = ROOT / ".tools" / "go"
JAVA = ROOT / ".tools" / "java"


def built(name: str) -> Path:
    """The program of that name; the test is not run where it was not built."""
    path = FOLDER / name
    if not path.exists():
        not_run(f"{name}, which Go builds (make tools-install)")
    return path


def compiled(name: str, main: str) -> list[str]:
    """The command that starts that program in Java; the test is not run where it was not compiled."""
    folder, java = JAVA / name, shutil.which("java")
    if java is None or not (folder / f"{main}.class").exists():
        not_run(f"{name}, which is compiled with libraries of Maven Central (make tools-install)")
    small = ("-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Djava.net.preferIPv4Stack=true")
    return [str(java), *small, "-cp", f"{folder}:{folder}/lib/*", main]
