"""Commands at a second shell, beside what runs: they find its database and leave its address alone."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from idp.processes.cli import running
from idp.processes.cli.words import command
from tests.counterparts.product import idp, product_environment
from tests.counterparts.program import ROOT, Program, free_port

SCRIPT = Path(sys.executable).with_name("idp")


class Dev:
    """A running ``idp dev``."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder, self.port = folder, free_port()
        argv = [sys.executable, "-m", "idp", "dev", "--port", str(self.port), *options]
        self.program = Program.start(argv, log_path=folder / "dev.log", env=product_environment(), cwd=folder)
        self.program.wait_until(lambda: self.issuer() is not None, what="answer")

    def issuer(self) -> str | None:
        try:
            url = f"http://localhost:{self.port}/.well-known/openid-configuration"
            return str(requests.get(url, timeout=5).json()["issuer"])
        except (requests.RequestException, ValueError):
            return None

    def said(self) -> str:
        return (self.folder / "dev.log").read_text()


@pytest.fixture
def dev(tmp_path: Path) -> Iterator[Dev]:
    (tmp_path / "data").mkdir()
    started = Dev(tmp_path, "--db", "data/elsewhere.db")
    yield started
    started.program.stop()


@pytest.mark.slow
def test_init_beside_a_running_server_leaves_its_address_alone(dev: Dev) -> None:
    done = idp("init", "--json", cwd=dev.folder, env=product_environment())
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["issuer"] == f"http://localhost:{dev.port}/"
    assert dev.issuer() == f"http://localhost:{dev.port}/"
    assert not (dev.folder / "var" / "idp.db").exists(), "it worked on a database of its own"
    assert "Sample application" in idp("clients", "list", cwd=dev.folder, env=product_environment()).stdout


@pytest.mark.slow
def test_what_it_prints_works_as_it_is_printed(dev: Dev) -> None:
    if not SCRIPT.is_file():
        pytest.skip("not run: needs the installed console script")
    (line,) = re.findall(r"secret: (.+)", dev.said())
    assert not line.startswith("idp "), "the shell of these tests does not find it by its name alone"
    done = subprocess.run(
        ["/bin/sh", "-c", line], cwd=dev.folder, env=product_environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert f"http://localhost:{dev.port}/" in done.stdout
    assert "client secret" in done.stdout


@pytest.mark.slow
def test_what_a_killed_server_left_is_not_believed(dev: Dev) -> None:
    dev.program.stop(signal.SIGKILL)
    assert (dev.folder / running.FILE).exists()
    done = idp("clients", "list", cwd=dev.folder, env=product_environment())
    assert done.returncode == 1
    assert "There is no database at var/idp.db" in done.stderr


@pytest.mark.slow
def test_nothing_is_left_when_it_stops(dev: Dev) -> None:
    dev.program.stop(signal.SIGINT)
    assert not (dev.folder / running.FILE).exists()


def test_init_moves_the_tenant_only_where_it_is_told_to(tmp_path: Path) -> None:
    def issuer(**more: str) -> str:
        done = idp("init", "--json", cwd=tmp_path, env=product_environment(**more))
        assert done.returncode == 0, done.stderr
        return str(json.loads(done.stdout)["issuer"])

    assert issuer(PORT="8123") == "http://localhost:8123/"
    assert issuer() == "http://localhost:8123/"
    assert issuer(PORT="8124") == "http://localhost:8123/"
    assert issuer(IDP_PUBLIC_URL="http://localhost:8125/auth") == "http://localhost:8125/auth/"
    assert issuer(PORT="8123") == "http://localhost:8125/auth/"


def test_a_named_database_or_production_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with running.announced({"DATABASE_URL": "sqlite:///data.db", "PORT": "9", "IDP_SECRET_KEY": "never"}):
        assert "never" not in running.FILE.read_text()
        code = (
            "import os, json; from idp.processes.cli import running; print(json.dumps(running.environment(os.environ)))"
        )

        def seen(**more: str) -> dict[str, str]:
            env = {**product_environment(), **more}
            out = subprocess.run(
                [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
            ).stdout
            found: dict[str, str] = json.loads(out)
            return found

        assert seen()["DATABASE_URL"] == f"sqlite:///{tmp_path}/data.db"
        assert seen(PORT="7")["PORT"] == "7"
        assert seen(DATABASE_URL="sqlite:///mine.db")["DATABASE_URL"] == "sqlite:///mine.db"
        assert "DATABASE_URL" not in seen(IDP_ENV="production")
    assert not running.FILE.exists()


def test_a_command_is_written_as_it_can_be_typed_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "a place" / "bin"
    folder.mkdir(parents=True)
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    monkeypatch.setenv("PATH", "/usr/bin")
    assert command("init") == f"'{folder / 'python'}' -m idp init"
    (folder / "idp").touch(mode=0o755)
    assert command("init") == f"'{folder / 'idp'}' init"
    monkeypatch.chdir(tmp_path)
    assert command("init") == "'a place/bin/idp' init"
    monkeypatch.setenv("PATH", f"/usr/bin{os.pathsep}{folder}")
    assert command("init") == "idp init"


def test_commands_in_an_empty_folder_make_nothing(tmp_path: Path) -> None:
    commands = [
        ("clients", "list"),
        ("clients", "create", "x", "--type", "m2m"),
        ("users", "create", "a@b.example"),
        ("tenants", "list"),
        ("tenants", "create", "x", "--url", "http://x.localhost:8000/"),
        ("keys", "rotate"),
        ("keys", "reencrypt"),
        ("backup", "copy.db"),
        ("doctor",),
    ]
    for arguments in commands:
        done = idp(*arguments, cwd=tmp_path, env=product_environment())
        assert done.returncode == 1, arguments
        assert "Traceback" not in done.stderr
        assert list(tmp_path.iterdir()) == [], f"idp {' '.join(arguments)} left something behind"
    assert ROOT.is_dir()
