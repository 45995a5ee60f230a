"""Databases of tenants' own, for real: the templates of scripts, and the statements that need none, against Postgres,
MariaDB and a web service behind basic authentication.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import tempfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import psycopg
import pytest
from werkzeug.security import generate_password_hash

from connectors.contract import AlreadyExists, ConnectorError, InvalidCredentials
from connectors.directories import Registration
from idp.foundation.scripts import Outcome, Script
from idp.foundation.scripts.surroundings import Scripts
from tests.connectors.foreign import PASSWORD, Options, everything, opened, with_templates
from tests.counterparts.ferretdb import PrivateFerret
from tests.counterparts.mariadb import PrivateMariaDb
from tests.counterparts.postgres import PrivatePostgres
from tests.counterparts.tds_server import sql_server
from tests.security.rows import row
from tests.world.directory import listening
from tests.world.templates import settings_for
from tests.world.world import World

pytestmark = [pytest.mark.counterpart, pytest.mark.timeout(300)]


@pytest.fixture(scope="session")
def bcrypt_hash() -> str:
    """A hash of PASSWORD as another program has it."""
    from idp.foundation.scripts.computed import COMPUTED

    return str(COMPUTED["bcrypt.hash"]({"data": PASSWORD, "salt": 4}))


TABLE = """CREATE TABLE users (id {id}, email VARCHAR(200) NOT NULL UNIQUE, password VARCHAR(200) NOT NULL,
    name VARCHAR(200), email_verified {flag} NOT NULL DEFAULT {no})"""


@pytest.fixture
def foreign_postgres(postgres: PrivatePostgres, bcrypt_hash: str) -> str:
    """A user table in Postgres with Ada in it."""
    url = postgres.create_database()
    with psycopg.connect(url.replace("postgres://", "postgresql://"), autocommit=True) as connection:
        connection.execute(TABLE.format(id="SERIAL PRIMARY KEY", flag="BOOLEAN", no="false").encode())
        row = ("ada@source.example", bcrypt_hash, "Ada L.", True)
        connection.execute(b"INSERT INTO users (email, password, name, email_verified) VALUES (%s, %s, %s, %s)", row)
    return url


@pytest.fixture
def foreign_mariadb(mariadb: PrivateMariaDb, bcrypt_hash: str) -> str:
    """The same in MariaDB."""
    return mariadb.create_database(
        TABLE.format(id="INT AUTO_INCREMENT PRIMARY KEY", flag="TINYINT(1)", no="0"),
        "INSERT INTO users (email, password, name, email_verified) "
        f"VALUES ('ada@source.example', '{bcrypt_hash}', 'Ada L.', 1)",
    )


@pytest.fixture(scope="module")
def ferretdb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateFerret]:
    """A server that speaks MongoDB's protocol."""
    server = PrivateFerret.start(tmp_path_factory.mktemp("ferretdb"))
    yield server
    server.stop()


def with_statements(_: str, url: str) -> Options:
    """A statement for each event."""
    shown = "id AS user_id, email, name, email_verified"
    return {
        "custom_sql": {
            "url": url,
            "login": f"SELECT {shown}, password AS password_hash FROM users WHERE email = :identifier -- :this is none",
            "get_user": f"SELECT {shown}, ':none' AS nickname FROM users WHERE email = :identifier",
            "create": "INSERT INTO users (email, password) VALUES (:email, :password_hash)",
            "verify": "UPDATE users SET email_verified = TRUE WHERE email = :email",
            "change_password": "UPDATE users SET password = :password_hash WHERE email = :email",
            "delete": "DELETE FROM users WHERE id = CAST(:user_id AS DECIMAL)",
            "change_email": "UPDATE users SET email = :new_email, email_verified = :verified WHERE email = :email",
        }
    }


@row("CU1")
@pytest.mark.parametrize("options", [with_templates, with_statements], ids=["scripts", "statements"])
def test_a_foreign_table_in_postgres(
    world: World, foreign_postgres: str, options: Callable[[str, str], Options]
) -> None:
    everything(opened(world, options("postgresql", foreign_postgres)))


@pytest.mark.parametrize("options", [with_templates, with_statements], ids=["scripts", "statements"])
def test_a_foreign_table_in_sql_server(world: World, bcrypt_hash: str, options: Callable[[str, str], Options]) -> None:
    """Of a double (:mod:`tests.counterparts.tds_server`)."""
    table = TABLE.replace("users", "dbo.users").format(id="INTEGER PRIMARY KEY", flag="INTEGER", no="0")
    row = f"INSERT INTO dbo.users VALUES (1, 'ada@source.example', '{bcrypt_hash}', 'Ada L.', 1)"
    with sql_server([table, row]) as server:
        given = options("sqlserver", server.url)
        given.get("configuration", {})["DB_ENCRYPT"] = "no"
        everything(opened(world, given))


MVC3 = (
    "CREATE TABLE dbo.Users (ApplicationId, UserId TEXT PRIMARY KEY, UserName TEXT, IsAnonymous, LastActivityDate)",
    """CREATE TABLE dbo.Memberships (ApplicationId TEXT, UserId TEXT PRIMARY KEY, Password TEXT, PasswordFormat INTEGER,
    PasswordSalt TEXT, Email TEXT, IsApproved INTEGER, IsLockedOut INTEGER, CreateDate, LastLoginDate,
    LastPasswordChangedDate, LastLockoutDate, FailedPasswordAttemptCount, FailedPasswordAttemptWindowStart,
    FailedPasswordAnswerAttemptCount, FailedPasswordAnswerAttemptWindowsStart)""",
)
MVC4 = (
    "CREATE TABLE dbo.UserProfile (UserId INTEGER PRIMARY KEY, UserName TEXT)",
    """CREATE TABLE dbo.webpages_Membership (UserId INTEGER PRIMARY KEY, CreateDate, IsConfirmed INTEGER,
    PasswordFailuresSinceLastSuccess INTEGER, Password TEXT, PasswordChangedDate, PasswordSalt TEXT)""",
)


def of_mvc3(password: str) -> str:
    """What ASP.NET's Universal Providers keep of it, as .NET computes that: salt and hash."""
    salt = bytes(range(16))
    digest = hmac.new(salt * 4, password.encode("utf-16-le"), "sha256").digest()
    return f"'{base64.b64encode(digest).decode()}', 1, '{base64.b64encode(salt).decode()}'"


def of_mvc4(password: str) -> str:
    """What ``System.Web.Helpers.Crypto.HashPassword`` makes of it."""
    salt = bytes(range(16))
    kept = b"\0" + salt + hashlib.pbkdf2_hmac("sha1", password.encode(), salt, 1_000, 32)
    return f"'{base64.b64encode(kept).decode()}'"


@pytest.mark.parametrize("name", ["aspnet_mvc3", "aspnet_mvc4"])
def test_membership_of_asp_net(world: World, name: str) -> None:
    """Hashes that .NET made fit, and every event is done."""
    mvc3 = (
        "INSERT INTO dbo.Users VALUES ('app', 'a1', 'ada', 0, '')",
        f"""INSERT INTO dbo.Memberships (UserId, Password, PasswordFormat, PasswordSalt, Email, IsApproved, IsLockedOut)
        VALUES ('a1', {of_mvc3(PASSWORD)}, 'ada@source.example', 1, 0)""",
    )
    mvc4 = (
        "INSERT INTO dbo.UserProfile VALUES (1, 'ada@source.example')",
        f"INSERT INTO dbo.webpages_Membership VALUES (1, '', 1, 0, {of_mvc4(PASSWORD)}, '', '')",
    )
    with sql_server([*MVC3, *mvc3] if name == "aspnet_mvc3" else [*MVC4, *mvc4]) as server:
        given = with_templates(name, server.url)
        given["configuration"] |= {"DB_ENCRYPT": "no", "APPLICATION_ID": "app"}
        connector = opened(world, given)
        known = connector.login("ada@source.example", PASSWORD)
        assert known.profile["email"] == "ada@source.example"
        for wrong in ("another", ""):
            with pytest.raises(InvalidCredentials):
                connector.login("ada@source.example", wrong)
        assert connector.find("nobody@source.example") is None
        made = connector.register(Registration(email="new@source.example", password="First Horse 9"))
        with pytest.raises(AlreadyExists):
            connector.register(Registration(email="new@source.example", password="First Horse 9"))
        connector.confirm_address("new@source.example")
        connector.replace_password("new@source.example", "Second Horse 9")
        connector.change_address("new@source.example", "newer@source.example", verified=True)
        assert connector.login("newer@source.example", "Second Horse 9").user_id == made.user_id
        connector.remove(made.user_id)
        assert connector.find("newer@source.example") is None


@pytest.mark.parametrize("options", [with_templates, with_statements], ids=["scripts", "statements"])
def test_a_foreign_table_in_mariadb(world: World, foreign_mariadb: str, options: Callable[[str, str], Options]) -> None:
    everything(opened(world, options("mysql", foreign_mariadb)))


ADA = """async function (hash, url, callback) {
  const { MongoClient } = require('mongodb');
  const client = await new MongoClient(url).connect(), users = client.db().collection('users');
  await users.insertOne({ email: 'ada@source.example', password: hash, name: 'Ada L.', email_verified: true });
  await client.close();
  callback(null);
}"""


def test_a_foreign_collection_of_mongodb(world: World, ferretdb: PrivateFerret, bcrypt_hash: str) -> None:
    url = ferretdb.url("people")
    assert _ran(ADA, bcrypt_hash, url).failed is None
    everything(opened(world, with_templates("mongodb", url)))


CALLS = """async function (url, callback) {
  const { MongoClient, ObjectId } = require('mongodb@3.1.4');
  const client = await MongoClient.connect(url), things = client.db('things').collection('things');
  const when = new Date(Date.UTC(2026, 1, 3)), id = new ObjectId();
  const many = Array.from({ length: 250 }, (_, n) => ({ n, even: n % 2 === 0, when, tags: ['a', String(n)] }));
  await things.insertMany(many);
  const bytes = Buffer.from('é'), deep = { a: [1.5] };
  await things.insertOne({ _id: id, n: -1, big: 9007199254740991, nothing: null, bytes, deep });
  const one = await things.findOne({ _id: id });
  const changed = await things.updateMany({ even: true }, { $set: { seen: true } });
  const other = await things.findOneAndUpdate({ n: 3 }, { $inc: { n: 1000 } }, { returnOriginal: false });
  const made = await things.updateOne({ n: 5000 }, { $set: { late: true } }, { upsert: true });
  const named = await things.find({ even: true }).sort({ n: -1 }).limit(2).project({ n: 1, _id: 0 }).toArray();
  const every = await things.find({ when: { $lte: when } }).toArray();
  let old;
  await new Promise((done) => {
    things.update({ n: 7 }, { $set: { n: 70 } }, (error, result) => { old = result.result.n; done(); });
  });
  const gone = await things.deleteMany({ n: { $gte: 5000 } });
  const count = await things.countDocuments({ tags: 'a' });
  let refused;
  try { await things.insertOne({ _id: id }); } catch (error) { refused = [error.name, error.code]; }
  await client.close();
  callback(null, {
    same: one._id.equals(id), date: every[0].when.toISOString(), bytes: one.bytes.toString(), big: one.big,
    deep: one.deep, matched: changed.matchedCount, other: other.value.n, made: made.upsertedCount, named,
    all: every.length, old, gone: gone.deletedCount, count, refused,
  });
}"""


def test_what_scripts_use_of_mongodb(ferretdb: PrivateFerret) -> None:
    outcome = _ran(CALLS, ferretdb.url("things"))
    assert outcome.value == {
        "same": True,
        "date": "2026-02-03T00:00:00.000Z",
        "bytes": "é",
        "big": 9007199254740991,
        "deep": {"a": [1.5]},
        "matched": 125,
        "other": 1003,
        "made": 1,
        "named": [{"n": 248}, {"n": 246}],
        "all": 250,
        "old": 1,
        "gone": 1,
        "count": 250,
        "refused": ["MongoError", 11000],
    }, outcome


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-1", "SCRAM-SHA-256", ""])
def test_a_server_is_told_who_asks(ferretdb: PrivateFerret, mechanism: str) -> None:
    ask = """async (url, cb) => {
        const client = await require('mongodb').MongoClient.connect(url);
        cb(null, await client.db().command({ ping: 1 }));
    }"""
    query = {"authMechanism": mechanism} if mechanism else {}
    assert (_ran(ask, ferretdb.url("people", **query)).value or {}).get("ok") == 1
    refused = _ran(ask, ferretdb.url("people", password="another", **query))
    assert refused.thrown is not None
    assert "another" not in str(refused)


@row("P4")
@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("mongodb+srv://cluster.example/people", "names its servers|finds its servers"),
        ("mongodb://192.0.2.1:27017/people", "not allowed|private|does not answer|refused"),
        ("mongodb://169.254.169.254/latest", "not allowed|private|refused|outside"),
        ("mongodb://%2Ftmp%2Fmongo.sock/people", "host name"),
        ("mongodb://user:pw@localhost:99999/x", "port"),
        ("mongodb://u:p@localhost/x?authMechanism=MONGODB-AWS", "authMechanism"),
        ("http://localhost/", "not the URL"),
    ],
)
def test_places_that_are_none_are_refused(url: str, why: str) -> None:
    thrown = _ran("async (url, cb) => cb(null, await require('mongodb').MongoClient.connect(url))", url).thrown
    assert thrown is not None
    assert re.search(why, thrown.message), thrown


class Silent(BaseHTTPRequestHandler):
    """Answers as no MongoDB does."""

    def handle(self) -> None:
        self.request.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" + b"x" * 64)


def test_whoever_speaks_something_else_is_no_database() -> None:
    with listening(Silent) as url:
        script = "async (url, cb) => cb(null, await require('mongodb').MongoClient.connect(url))"
        outcome = _ran(script, url.replace("http://", "mongodb://"))
    assert outcome.thrown is not None


def _ran(source: str, *args: Any) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_for(f"sqlite:///{folder}/idp.db", Path(folder))
        return Scripts(settings).run(Script(source=source, entry="login", args=args, owner="tests"))


def test_hashes_of_other_programs_fit(world: World, foreign_postgres: str) -> None:
    connector = opened(world, with_statements("", foreign_postgres))
    hashes = [
        generate_password_hash(PASSWORD, "pbkdf2:sha256:1000"),
        generate_password_hash(PASSWORD, "scrypt:1024:8:1"),
        "pbkdf2_sha256$1000$salt$" + base64.b64encode(_pbkdf2("salt")).decode(),
    ]
    for each in hashes:
        with psycopg.connect(foreign_postgres.replace("postgres://", "postgresql://"), autocommit=True) as connection:
            connection.execute(b"UPDATE users SET password = %s", (each,))
        assert connector.login("ada@source.example", PASSWORD).user_id == "1"
        with pytest.raises(InvalidCredentials):
            connector.login("ada@source.example", "another")


def _pbkdf2(salt: str) -> bytes:
    import hashlib

    return hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), salt.encode(), 1000)


@row("CU1")
def test_a_database_that_is_not_allowed_is_not_called(world: World) -> None:
    """Scripts and statements reach nothing that outbound calls may not."""
    for options in (
        with_statements("", "postgres://a:b@10.0.0.7:5432/people"),
        with_templates("postgresql", "postgres://a:b@10.0.0.7:5432/people"),
        with_templates("mysql", "mysql://a:b@192.168.0.9:3306/people"),
        with_templates("web_service", "http://169.254.169.254/latest"),
    ):
        world.caller().delete(f"/connections/{_named(world, 'own')}")
        connector = opened(world, options)
        with pytest.raises(ConnectorError) as refused:
            connector.login("ada@source.example", PASSWORD)
        assert "IDP_OUTBOUND_ALLOW" in str(refused.value.detail)


def _named(world: World, name: str) -> str:
    rows: list[dict[str, Any]] = world.caller().get("/connections", name=name).json or []  # type: ignore[assignment]
    return str(rows[0]["id"]) if rows else "con_none"
