"""Scripts and statements ask SQL Server. What stands for it is a double of our own
(:mod:`tests.counterparts.tds_server`), which other clients of TDS take for one, too: npm's tedious and FreeTDS.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from idp.foundation.egress import EgressError, sql
from idp.foundation.scripts import Outcome, Script
from idp.foundation.scripts.surroundings import Scripts
from idp.foundation.settings import Settings
from tests.counterparts.node import find_node, has_package
from tests.counterparts.private_ca import PrivateAuthority
from tests.counterparts.program import ROOT
from tests.counterparts.tds_server import SqlServerDouble, sql_server
from tests.security.rows import row
from tests.world.templates import settings_for

USERS = """CREATE TABLE dbo.users (id INTEGER PRIMARY KEY, email TEXT UNIQUE, password TEXT, name TEXT,
email_verified INTEGER NOT NULL DEFAULT 0, photo BLOB, score REAL)"""


@pytest.fixture
def settings(tmp_path: Path, authority: PrivateAuthority) -> Settings:
    """Loopback may be called; the authority of the tests is trusted."""
    ca = tmp_path / "ca.pem"
    ca.write_text(authority.pem)
    return settings_for(f"sqlite:///{tmp_path}/idp.db", tmp_path, IDP_OUTBOUND_CA=str(ca))


@pytest.fixture
def server() -> Iterator[SqlServerDouble]:
    """One without TLS."""
    with sql_server([USERS]) as double:
        yield double


@pytest.fixture
def secured(tmp_path: Path, authority: PrivateAuthority) -> Iterator[SqlServerDouble]:
    """One that has it."""
    with sql_server([USERS], certificate=authority.server(tmp_path, ["127.0.0.1"])) as double:
        yield double


def ran(settings: Settings, source: str, *args: Any) -> Outcome:
    """A script's outcome."""
    made = Script(source=source, entry="login", args=args, owner="sqlserver", configuration={})
    return Scripts(settings).run(made, seconds=20.0)


def opened(settings: Settings, url: str) -> sql.Database:
    """A connection as ``custom_sql`` makes one."""
    return sql.open_database(settings, sql.place_of(url))


@pytest.mark.parametrize("kind", ["server", "secured"])
def test_what_goes_in_comes_out(request: pytest.FixtureRequest, settings: Settings, kind: str) -> None:
    double: SqlServerDouble = request.getfixturevalue(kind)
    database = opened(settings, double.url)
    made = database.query(
        "INSERT INTO dbo.users (email, name, photo, score) VALUES (?, ?, ?, ?); SELECT SCOPE_IDENTITY() AS id",
        ["zoë@example.test", "100 % 'Zoë'", b"\x00\xff", 1.5],
    )
    assert made.rows == [{"id": 1}]
    found = database.query("SELECT * FROM [dbo].[users] WHERE email = ? AND '?' = '?'", ["zoë@example.test"])
    assert found.rows[0] | {"password": None} == {
        "id": 1,
        "email": "zoë@example.test",
        "password": None,
        "name": "100 % 'Zoë'",
        "email_verified": 0,
        "photo": b"\x00\xff",
        "score": 1.5,
    }
    assert database.query("UPDATE dbo.users SET email_verified = ?, name = ?", [True, "x" * 9_000]).count == 1
    assert database.query("SELECT id FROM dbo.users WHERE name = ?", [None]).rows == []
    with pytest.raises(sql.SqlError) as taken:
        database.query("INSERT INTO dbo.users (email) VALUES (?)", ["zoë@example.test"])
    assert taken.value.code in sql.TAKEN
    database.close()
    assert double.said == ["Gatehouse Gatehouse Gatehouse"], "nothing is said of this machine"


@row("CU1")
def test_values_travel_beside_the_statement(settings: Settings, server: SqlServerDouble) -> None:
    hostile = "x'; DROP TABLE dbo.users; --"
    script = """async (url, name, cb) => {
        const sql = require('mssql');
        const pool = await sql.connect(url);
        const request = pool.request().input('name', sql.NVarChar, name);
        const kept = await request.query("SELECT @name AS name, '@name' AS text");
        cb(null, kept.recordset[0]);
    }"""
    assert ran(settings, script, server.url, hostile).value == {"name": hostile, "text": "@name"}
    assert server.seen == [("SELECT @P1 AS name, '@name' AS text", {"P1": hostile})]


MSSQL = """async (url, cb) => {
  const sql = require('mssql@9');
  const seen = {};
  await sql.connect(url);
  const add = new sql.Request();
  add.input('Email', sql.VarChar(255), 'a@example.test').input('photo', Buffer.from('ÿ', 'latin1'));
  const made = await add.query('INSERT INTO dbo.users (email, photo) VALUES (@email, @PHOTO)');
  seen.made = made.rowsAffected;
  const { recordset } = await sql.query`SELECT email, photo FROM dbo.users WHERE email = ${'a@example.test'}`;
  seen.tagged = [recordset[0].email, recordset[0].photo.toString('hex')];
  const pool = await new sql.ConnectionPool(url).connect();
  seen.none = (await pool.request().query('SELECT id FROM dbo.users WHERE id = 9')).recordset;
  try { await pool.query("INSERT INTO dbo.users (email) VALUES ('a@example.test')"); }
  catch (error) { seen.taken = error.message; }
  try { await pool.request().query('SELECT ?'); } catch (error) { seen.mark = error.message; }
  await pool.close();
  new sql.ConnectionPool(url, () => {});
  pool.connect((error) => pool.request().input('e', 'a@example.test').query('SELECT id FROM dbo.users WHERE email = @e',
    (failed, result) => { seen.called = result.recordset; sql.close(); cb(null, seen); }));
}"""


def test_the_module_mssql(settings: Settings, server: SqlServerDouble) -> None:
    """With promises, callbacks and tagged texts; names of values go without their case, as the server has it."""
    outcome = ran(settings, MSSQL, server.url)
    assert outcome.thrown is None, outcome
    assert outcome.value == {
        "made": [1],
        "tagged": ["a@example.test", "ff"],
        "none": [],
        "taken": "Violation of UNIQUE KEY constraint. UNIQUE constraint failed: users.email",
        "mark": "a ? is no value here: name it @name, and give it with input()",
        "called": [{"id": 1}],
    }


def test_configurations_of_other_forms(settings: Settings, secured: SqlServerDouble) -> None:
    """An object, a connection string of ADO, and one that trusts any certificate."""
    script = """async (port, user, password, cb) => {
        const sql = require('mssql'), found = [];
        for (const config of [
            { server: '127.0.0.1', port, user, password, database: 'people' },
            { server: '127.0.0.1', port, authentication: { options: { userName: user, password } } },
            `Server=tcp:127.0.0.1,${port};Database=people;User Id=${user};Password=${password};Encrypt=true`,
            `Data Source=127.0.0.1,${port};uid=${user};pwd="${password}";TrustServerCertificate=yes`,
        ]) {
            const pool = await new sql.ConnectionPool(config).connect();
            found.push((await pool.query('SELECT 1 AS one')).recordset[0].one);
            await pool.close();
        }
        cb(null, found);
    }"""
    outcome = ran(settings, script, secured.port, secured.user, secured.password)
    assert (outcome.value, outcome.thrown) == ([1, 1, 1, 1], None)


TEDIOUS = """function login(port, email, password, callback) {
  const { Connection, Request, TYPES } = require('tedious@11.0.3');
  const connection = new Connection({ userName: 'reader', password, server: '127.0.0.1',
    options: { port, database: 'people', encrypt: false, rowCollectionOnRequestCompletion: true } });
  connection.on('debug', () => {}).on('errorMessage', () => {});
  connection.on('connect', function (error) {
    if (error) return callback(error);
    const request = new Request('SELECT id, email FROM dbo.users WHERE email = @Email', function (failed, count, rows) {
      if (failed) return callback(failed);
      if (count < 1) return callback(new WrongUsernameOrPasswordError(email));
      callback(null, { user_id: rows[0][0].value, email: rows[0][1].value, column: rows[0][1].metadata.colName });
    });
    request.addParameter('Email', TYPES.VarChar, email);
    connection.execSql(request);
  });
}"""


def test_the_module_tedious(settings: Settings, server: SqlServerDouble) -> None:
    """As scripts of Auth0's tenants call it."""
    server.tables.execute("INSERT INTO dbo.users (email) VALUES ('a@example.test')")
    found = ran(settings, TEDIOUS, server.port, "a@example.test", server.password)
    assert found.value == {"user_id": 1, "email": "a@example.test", "column": "email"}
    assert (ran(settings, TEDIOUS, server.port, "nobody", server.password).thrown or Exception).name == (
        "WrongUsernameOrPasswordError"
    )
    refused = ran(settings, TEDIOUS, server.port, "a@example.test", "wrong").thrown
    assert refused is not None
    assert "Login failed for user 'reader'" in refused.message


@row("P4", "CU1")
@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("mssql://a:b@192.168.0.9:1433/people", "not allowed|private"),
        ("sqlserver://a:b@169.254.169.254/people", "not allowed|private|refused"),
        ("mssql://a:b@localhost:99999/people", "not the URL"),
        ("mssql://a:b@127.0.0.1:9/people", "refused|no connection"),
    ],
)
def test_the_guard_is_before_it(settings: Settings, url: str, reason: str) -> None:
    with pytest.raises(EgressError, match=reason):
        opened(settings, url)


@row("P4")
def test_a_server_leads_nowhere_else(settings: Settings) -> None:
    """Azure's gateways name another server, which the library would connect to by itself."""
    with sql_server(route=("169.254.169.254", 1433)) as double, pytest.raises(EgressError, match="names another one"):
        opened(settings, double.url)


def test_tls_is_what_both_want(settings: Settings, tmp_path: Path, server: SqlServerDouble, secured: Any) -> None:
    with pytest.raises(EgressError, match="has no TLS"):
        opened(settings, server.url.replace("encrypt=false", "encrypt=true"))
    with pytest.raises(EgressError, match="wants TLS"):
        opened(settings, secured.url.replace("encrypt=true", "encrypt=false"))
    strangers = settings_for(f"sqlite:///{tmp_path}/idp.db", tmp_path)
    with pytest.raises(EgressError, match="certificate verify failed"):
        opened(strangers, secured.url)
    opened(strangers, f"{secured.url}&trustServerCertificate=true").close()


@pytest.mark.parametrize(
    "said", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x04\x01\x00\x09\0\0\0\0\xff", b"\x04\x01\0\x02", b""]
)
def test_whoever_speaks_something_else_is_no_database(settings: Settings, said: bytes) -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        line, _ = listener.accept()
        with line:
            line.recv(4_096)
            line.sendall(said)

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    with listener, pytest.raises(EgressError):
        opened(settings, f"mssql://a:b@127.0.0.1:{listener.getsockname()[1]}/x?encrypt=false")
    thread.join()


# ---- the double is one to others, too
def test_the_double_as_tedious_of_npm_sees_it(secured: SqlServerDouble) -> None:
    node = find_node()
    if node is None or not has_package("tedious"):
        pytest.skip("not run: needs the npm package tedious (tests/node, npm ci)")
    script = """
    const { Connection, Request, TYPES } = require('tedious');
    const [port, userName, password] = process.argv.slice(1);
    const connection = new Connection({ server: '127.0.0.1',
      authentication: { type: 'default', options: { userName, password } },
      options: { port: Number(port), database: 'people', encrypt: true, trustServerCertificate: true } });
    connection.connect((error) => {
      if (error) throw error;
      const found = [];
      const request = new Request('SELECT @a AS a, @b AS b', (failed) => {
        if (failed) throw failed;
        console.log(JSON.stringify(found)); connection.close();
      });
      request.addParameter('a', TYPES.NVarChar, 'Zoë'); request.addParameter('b', TYPES.Int, 7);
      request.on('row', (columns) => found.push(columns.map((column) => column.value)));
      connection.execSql(request);
    });"""
    argv = [str(node), "-e", script, str(secured.port), secured.user, secured.password]
    done = subprocess.run(argv, cwd=ROOT / "tests" / "node", capture_output=True, text=True, timeout=60, check=False)
    assert json.loads(done.stdout or done.stderr) == [["Zoë", "7"]], done.stderr


def test_the_double_as_freetds_sees_it(server: SqlServerDouble) -> None:
    tsql = shutil.which("tsql")
    if tsql is None:
        pytest.skip("not run: needs FreeTDS (Debian package freetds-bin)")
    argv = [tsql, "-H", "127.0.0.1", "-p", str(server.port), "-U", server.user, "-P", server.password, "-o", "fhq"]
    said = "INSERT INTO dbo.users (email) VALUES ('a@example.test')\nGO\nSELECT id, email FROM dbo.users\nGO\nexit\n"
    done = subprocess.run(
        argv, input=said, capture_output=True, text=True, timeout=60, check=False, env={"TDSVER": "7.4"}
    )
    assert "1\ta@example.test" in done.stdout, done.stderr
