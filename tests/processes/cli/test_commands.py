"""The ``idp`` command as people at a shell use it."""

import contextlib
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from urllib.parse import urlencode

import pytest

from idp.processes.cli import COMMANDS
from idp.processes.cli.docs import settings_reference
from tests.counterparts.product import idp, product_environment
from tests.counterparts.program import ROOT

KEY = "a master key that is only for tests and long enough"


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return product_environment(PORT="8123")


@pytest.fixture
def home(tmp_path: Path, env: dict[str, str]) -> Path:
    """A folder with an installed product."""
    done = idp("init", "--json", cwd=tmp_path, env=env)
    assert done.returncode == 0, done.stderr
    return tmp_path


def test_what_it_makes_is_the_operators_alone(home: Path) -> None:
    made = [home / "var", *(home / "var").iterdir()]
    assert [path.name for path in made if stat.S_IMODE(path.stat().st_mode) & 0o077] == []


def test_help_lists_every_command_quickly(tmp_path: Path, env: dict[str, str]) -> None:
    begun = time.monotonic()
    done = idp("--help", cwd=tmp_path, env=env)
    took = time.monotonic() - begun
    assert all(name in done.stdout for name in COMMANDS)
    assert done.stdout == idp("help", cwd=tmp_path, env=env).stdout
    print(f"idp --help took {took:.2f} s")
    slow = ("sqlalchemy", "flask", "structlog")
    code = f"import sys; import idp.processes.cli; sys.exit(any(m in sys.modules for m in {slow}))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "help"])
def test_every_command_explains_itself(tmp_path: Path, env: dict[str, str], name: str) -> None:
    done = idp("help", name, cwd=tmp_path, env=env)
    assert done.returncode == 0
    assert done.stdout.startswith(f"Usage: idp {name}")


@pytest.mark.parametrize(
    "arguments", [("nonsense",), ("clients", "create"), ("clients", "nonsense"), ("help", "nonsense")]
)
def test_wrong_usage_is_one_plain_answer(tmp_path: Path, env: dict[str, str], arguments: tuple[str, ...]) -> None:
    done = idp(*arguments, cwd=tmp_path, env=env)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [("ini",), ("help", "ini")])
def test_a_slip_is_told_with_what_it_looks_like(
    tmp_path: Path, env: dict[str, str], arguments: tuple[str, ...]
) -> None:
    assert "Did you mean 'init'?" in idp(*arguments, cwd=tmp_path, env=env).stderr


def test_lists_of_commands_cut_no_sentence_off(tmp_path: Path, env: dict[str, str]) -> None:
    groups = {name: idp(name, "--help", cwd=tmp_path, env=env).stdout for name in ("admins", "users", "keys", "docs")}
    assert [name for name, said in groups.items() if "...\n" in said.partition("Commands:")[2]] == []


def test_a_role_that_there_is_not_makes_no_account(home: Path, env: dict[str, str]) -> None:
    refused = idp("admins", "add", "new@example.test", "--role", "Boss", cwd=home, env=env)
    assert refused.returncode == 1
    assert "Auditor" in refused.stderr, "it says which there are"
    made = idp("admins", "add", "new@example.test", "--role", "Auditor", cwd=home, env=env)
    assert "Set a password at " in made.stdout, "nobody was there before"


def test_settings_that_can_not_be_used(tmp_path: Path, env: dict[str, str]) -> None:
    done = idp("migrate", cwd=tmp_path, env=env | {"IDP_PUBLIC_URI": "x"})
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "IDP_PUBLIC_URL" in done.stderr


def test_an_application_gets_a_ready_environment(home: Path, env: dict[str, str]) -> None:
    web = idp("clients", "create", "Shop", "--type", "web", "--callback", "http://localhost:3000/cb", cwd=home, env=env)
    assert web.returncode == 0, web.stderr
    lines = dict(line.split("=", 1) for line in web.stdout.splitlines())
    assert lines["AUTH0_DOMAIN"] == "localhost:8123"
    assert lines["AUTH0_CLIENT_SECRET"]
    assert lines["OIDC_ISSUER"] == "http://localhost:8123/"
    spa = idp("clients", "create", "Spa", "--type", "spa", "--callback", "http://localhost:3000/", cwd=home, env=env)
    assert "SECRET" not in spa.stdout
    listed = json.loads(idp("clients", "list", "--json", cwd=home, env=env).stdout)
    assert {"Shop", "Spa", "Sample application", "Gatehouse Management"} == {row["name"] for row in listed}


def test_roles_and_what_is_stored_of_somebody(home: Path, env: dict[str, str]) -> None:
    def run(*arguments: str) -> str:
        done = idp(*arguments, cwd=home, env=env)
        assert done.returncode == 0, done.stderr
        return done.stdout

    role_id = run("roles", "create", "Support", "--description", "Helps").strip()
    run("roles", "assign", "Support", "user@example.com")
    assert run("users", "archive", "user@example.com", "somebody.zip").startswith("auth0|")
    with zipfile.ZipFile(home / "somebody.zip") as archive:
        assert [each["role_id"] for each in json.loads(archive.read("personal-data/user_roles.json"))] == [role_id]
    assert run("users", "leaving") == ""
    assert "did not ask" in idp("users", "keep", "user@example.com", cwd=home, env=env).stderr
    assert "user_roles" in run("users", "erase", "user@example.com", "--yes")


def test_an_application_is_shown_and_changed(home: Path, env: dict[str, str]) -> None:
    urls = ("--callback", "http://localhost:3000/cb", "--logout", "https://shop.example/bye")
    made = idp("clients", "create", "Shop", "--type", "web", *urls, cwd=home, env=env)
    lines = dict(line.split("=", 1) for line in made.stdout.splitlines())
    assert len(lines["SECRET"]) == 64
    shown = json.loads(idp("clients", "show", lines["CLIENT_ID"], "--json", cwd=home, env=env).stdout)
    here = ["http://localhost:3000", "http://localhost:3000/"]
    assert shown["allowed_logout_urls"] == ["https://shop.example/bye", *here]
    printed = idp("clients", "show", "Shop", "--env", cwd=home, env=env).stdout
    again = dict(line.split("=", 1) for line in printed.splitlines())
    assert {name for name in lines if lines[name] != again[name]} == {"SECRET", "AUTH0_SECRET", "APP_SECRET_KEY"}
    changes = ("--callback", "https://shop.example/cb", "--name", "Store")
    done = idp("clients", "update", "Shop", *changes, cwd=home, env=env)
    assert done.returncode == 0, done.stderr
    shown = json.loads(idp("clients", "show", "Store", "--json", cwd=home, env=env).stdout)
    assert shown["callbacks"] == ["https://shop.example/cb"]
    assert shown["allowed_logout_urls"] == ["https://shop.example/bye", "https://shop.example", "https://shop.example/"]
    for wrong in (("show", "Shop"), ("update", "Store", "--callback", "javascript:1")):
        refused = idp("clients", *wrong, cwd=home, env=env)
        assert (refused.returncode, "Traceback" in refused.stderr) == (1, False)
    assert idp("clients", "update", "Store", cwd=home, env=env).returncode == 2


def test_a_request_of_an_application_is_checked(home: Path, env: dict[str, str]) -> None:
    callback = "http://localhost:3000/cb"
    made = idp("clients", "create", "Shop", "--type", "web", "--callback", callback, cwd=home, env=env)
    client_id = dict(line.split("=", 1) for line in made.stdout.splitlines())["CLIENT_ID"]
    good = {"client_id": client_id, "redirect_uri": callback, "response_type": "code"}
    good |= {"scope": "openid", "state": "s", "code_challenge": "c" * 43, "code_challenge_method": "S256"}

    def check(**change: str) -> tuple[int, str]:
        url = f"http://localhost:8123/authorize?{urlencode({**good, **change})}"
        done = idp("rp-check", url, cwd=home, env=env)
        return done.returncode, done.stdout

    def stored() -> dict[str, list[tuple[object, ...]]]:
        tables = "SELECT name FROM pragma_table_list WHERE type = 'table' AND schema = 'main'"
        with contextlib.closing(sqlite3.connect(home / "var" / "idp.db")) as database:
            names = [name for (name,) in database.execute(tables)]
            return {name: database.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}

    before = stored()
    assert check() == (0, "Application: Shop\nNothing is wrong with it.\n")
    status, said = check(state="")
    assert (status, said.splitlines()[-1]) == (0, "The request would be accepted.")
    assert "There is no state" in said
    status, said = check(redirect_uri=f"{callback}/")
    assert (status, "one ends with a slash" in said) == (1, True)
    assert "The request would be refused:" in said
    assert check(client_id="nobody")[0] == 1
    assert stored() == before
    refused = idp("rp-check", "http://localhost:8123/authorize", "--tenant", "nobody", cwd=home, env=env)
    assert (refused.returncode, "Traceback" in refused.stderr) == (1, False)


def test_an_application_for_people_needs_a_callback(home: Path, env: dict[str, str]) -> None:
    done = idp("clients", "create", "Shop", "--type", "web", cwd=home, env=env)
    assert done.returncode == 2
    assert "--callback" in done.stderr
    television = idp("clients", "create", "TV", "--type", "native", cwd=home, env=env)
    assert "OIDC_CLIENT_ID=" in television.stdout, "a device has none"


@pytest.mark.parametrize("callback", ["javascript:alert(1)", "not a url", "https://a.test/#x"])
def test_a_dangerous_callback_is_refused(home: Path, env: dict[str, str], callback: str) -> None:
    done = idp("clients", "create", "Shop", "--type", "web", "--callback", callback, cwd=home, env=env)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_users(home: Path, env: dict[str, str]) -> None:
    made = idp("users", "create", "Ann@Example.Test", cwd=home, env=env)
    assert made.stdout.startswith("ann@example.test  ")
    assert "has an account already" in idp("users", "create", "ann@example.test", cwd=home, env=env).stderr
    assert "not an email address" in idp("users", "create", "ann", cwd=home, env=env).stderr
    weak = subprocess.run(
        [sys.executable, "-m", "idp", "users", "create", "bob@example.test", "--password-stdin"],
        cwd=home,
        env=env,
        input="password\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert weak.returncode == 1
    assert "too weak" in weak.stderr


def test_users_are_imported_and_exported(home: Path, env: dict[str, str]) -> None:
    file, report, out = home / "users.json", home / "refused.ndjson", home / "out.ndjson"
    file.write_text(
        json.dumps([{"email": f"u{n}@example.com", "user_id": f"u{n}"} for n in range(300)] + [{"email": "x"}])
    )
    dry = idp("users", "import", str(file), "--dry-run", cwd=home, env=env)
    assert dry.stdout.startswith("300 would be imported, 0 changed, 1 refused of 301 rows."), dry.stderr
    assert "  row 301: " in dry.stdout
    assert dry.returncode == 3, "a script notices that rows were refused"
    done = idp("users", "import", str(file), "--report", str(report), "--json", cwd=home, env=env)
    said = json.loads(done.stdout)
    assert said == {"total": 301, "inserted": 300, "updated": 0, "failed": 1, "left_out": {}, "dry_run": False}
    assert "rows  [" in done.stderr or "Importing" in done.stderr
    assert done.returncode == 3
    assert json.loads(report.read_text())["row"] == 301
    file.write_text(json.dumps([{"email": "all.well@example.com"}]))
    assert idp("users", "import", str(file), cwd=home, env=env).returncode == 0
    assert idp("users", "export", str(out), "--field", "user_id=id", cwd=home, env=env).returncode == 0
    assert {"id": "auth0|u7"} in [json.loads(line) for line in out.read_text().splitlines()]
    for wrong in (["--format", "rot13"], ["--connection", "nobody"], ["-o", "x"]):
        refused = idp("users", "import", str(file), *wrong, cwd=home, env=env)
        assert refused.returncode == 1
        assert "Traceback" not in refused.stderr


def test_tenants(home: Path, env: dict[str, str]) -> None:
    made = idp("tenants", "create", "acme", "--url", "https://acme.example.test", "--json", cwd=home, env=env)
    assert json.loads(made.stdout)["issuer"] == "https://acme.example.test/"
    listed = json.loads(idp("tenants", "list", "--json", cwd=home, env=env).stdout)
    assert [(row["name"], row["default"]) for row in listed] == [("default", True), ("acme", False)]
    twice = idp("tenants", "create", "acme", "--url", "https://acme.example.test/", cwd=home, env=env)
    assert twice.returncode == 1
    nobody = idp("clients", "list", "--tenant", "nobody", cwd=home, env=env)
    assert nobody.returncode == 1
    assert "no tenant called nobody" in nobody.stderr


def test_rotating_keys(home: Path, env: dict[str, str]) -> None:
    kids = [idp("keys", "rotate", cwd=home, env=env).stdout for _ in range(2)]
    assert kids[0] != kids[1]
    listed = json.loads(idp("keys", "list", "--json", cwd=home, env=env).stdout)
    (current,) = [each["kid"] for each in listed if each["alg"] == "RS256" and each["state"] == "current"]
    assert current in kids[1]
    assert current in idp("keys", "list", cwd=home, env=env).stdout


def test_connections_are_listed(home: Path, env: dict[str, str]) -> None:
    (found,) = json.loads(idp("connections", "list", "--json", cwd=home, env=env).stdout)
    assert found.keys() == {"id", "name", "strategy", "applications"}
    assert (found["name"], found["strategy"]) == ("Username-Password-Authentication", "auth0")
    line = idp("connections", "list", cwd=home, env=env).stdout
    assert (found["id"] in line, line.rstrip().endswith(found["name"])) == (True, True)


def test_backup_of_a_database_in_use(home: Path, env: dict[str, str]) -> None:
    with sqlite3.connect(home / "var" / "idp.db") as busy:
        busy.execute("BEGIN IMMEDIATE")
        done = idp("backup", "copy.db", cwd=home, env=env)
    assert done.returncode == 0, done.stderr
    copy = home / "copy.db"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with sqlite3.connect(copy) as read:
        assert read.execute("SELECT count(*) FROM tenants").fetchone() == (1,)
    assert "is there already" in idp("backup", "copy.db", cwd=home, env=env).stderr
    assert [each.name for each in home.iterdir() if each.name.endswith(".part")] == []


@pytest.mark.counterpart
def test_backup_of_postgres(tmp_path: Path, postgres_url: str, env: dict[str, str]) -> None:
    env = env | {"DATABASE_URL": postgres_url, "IDP_SECRET_KEY": KEY}
    assert idp("init", "--json", cwd=tmp_path, env=env).returncode == 0
    done = idp("backup", "copy.dump", cwd=tmp_path, env=env)
    if shutil.which("pg_dump") is None:
        assert "pg_dump is not installed" in done.stderr
    else:
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "copy.dump").read_bytes().startswith(b"PGDMP")


def test_doctor_is_content_with_a_sound_deployment(home: Path, env: dict[str, str]) -> None:
    done = idp("doctor", cwd=home, env=env)
    assert done.returncode == 1
    assert "IDP_ENV is development" in done.stdout


def test_doctor_leaves_nothing_behind(tmp_path: Path, env: dict[str, str]) -> None:
    idp("doctor", cwd=tmp_path, env=env)
    assert not (tmp_path / "var" / "secret.key").exists()
    assert not (tmp_path / "var" / "idp.db").exists()


def test_a_port_that_is_taken(home: Path, env: dict[str, str]) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = idp("dev", "--port", str(taken.getsockname()[1]), cwd=home, env=env)
    assert done.returncode == 1
    assert "PORT" in done.stderr


def test_dev_refuses_production(tmp_path: Path, env: dict[str, str]) -> None:
    production = {"IDP_ENV": "production", "IDP_SECRET_KEY": KEY, "IDP_PUBLIC_URL": "https://login.example.test/"}
    env = {name: value for name, value in env.items() if name != "IDP_RATE_LIMITS"} | production
    done = idp("dev", cwd=tmp_path, env=env)
    assert done.returncode == 1
    assert "idp serve" in done.stderr


def test_the_settings_reference_is_current() -> None:
    assert (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8") == settings_reference()


def test_the_module_is_the_command(tmp_path: Path, env: dict[str, str]) -> None:
    script = Path(sys.executable).with_name("idp")
    if not script.exists():
        pytest.skip("not run: needs the installed console script")
    done = subprocess.run([script, "--version"], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.stdout == idp("--version", cwd=tmp_path, env=env).stdout
    assert os.linesep in done.stdout


def test_custom_domains_from_the_shell(home: Path, env: dict[str, str]) -> None:
    def run(*arguments: str, code: int = 0) -> str:
        done = idp("domains", *arguments, cwd=home, env=env)
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr

    assert "_gatehouse-challenge.login.acme.test  TXT  gatehouse-domain-verification=" in run("add", "login.acme.test")
    assert "already exists" in run("add", "login.acme.test", code=1)
    assert "hostname" in run("add", "co.uk", code=1)
    assert "pending_verification" in run("list")
    assert "is not verified" in idp("doctor", cwd=home, env=env).stdout
    assert "is verified" in run("verify", "login.acme.test")
    (listed,) = json.loads(run("list", "--json"))
    assert (listed["status"], listed["domain"], listed["default"]) == ("ready", "login.acme.test", False)
    assert "is not verified" not in idp("doctor", cwd=home, env=env).stdout
    assert "no custom domain called" in run("verify", "other.acme.test", code=1)
