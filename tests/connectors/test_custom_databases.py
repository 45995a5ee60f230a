"""Databases of tenants' own, for real: the templates of scripts, and the statements that need none, against Postgres,
MariaDB and a web service behind basic authentication.
"""

from __future__ import annotations

import base64
import json
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg
import pytest
from werkzeug.security import generate_password_hash

from connectors.contract import AlreadyExists, ConnectorError, InvalidCredentials
from connectors.database.custom import ExternalDatabase
from connectors.database.templates import SETS, scripts_of
from connectors.directories import Registration
from idp.directory.connections import runtime as connections
from idp.foundation.scripts import Outcome, Script
from idp.foundation.scripts.surroundings import Scripts
from tests.counterparts.ferretdb import PrivateFerret
from tests.counterparts.mariadb import PrivateMariaDb
from tests.counterparts.postgres import PrivatePostgres
from tests.counterparts.tds_server import sql_server
from tests.security.rows import row
from tests.world.directory import listening
from tests.world.templates import settings_for
from tests.world.world import World

pytestmark = [pytest.mark.counterpart, pytest.mark.timeout(300)]
PASSWORD = "Correct Horse 9"
Options = dict[str, Any]


def opened(world: World, options: Options) -> ExternalDatabase:
    """The connector of a connection with these options."""
    members = {"enabledDatabaseCustomization": True, **options}
    connection_id = world.connection("own", **members)
    with world.context() as work:
        found = connections.find(work, connection_id)
        assert found is not None
        connector = connections.runtime.open(work, found)
    assert isinstance(connector, ExternalDatabase)
    return connector


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


def with_templates(name: str, url: str) -> Options:
    """The scripts of a set of templates, and the configuration that they need."""
    parts = urlsplit(url)
    return {
        "customScripts": scripts_of(name),
        "configuration": {
            "DATABASE_URL": url,
            "DB_HOST": str(parts.hostname),
            "DB_PORT": str(parts.port),
            "DB_USER": parts.username or "",
            "DB_PASSWORD": parts.password or "",
            "DB_NAME": parts.path.lstrip("/"),
            "SERVICE_URL": url,
            "SERVICE_USER": "gatehouse",
            "SERVICE_PASSWORD": "secret",
        },
    }


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


def everything(connector: ExternalDatabase) -> None:
    """Every event, as people and administrators cause them."""
    known = connector.login("ada@source.example", PASSWORD)
    assert (known.profile["email"], known.profile["name"]) == ("ada@source.example", "Ada L.")
    assert known.profile["email_verified"] is True
    assert "password" not in str(known.profile), "no hash leaves the database"
    with pytest.raises(InvalidCredentials) as wrong:
        connector.login("ada@source.example", "another")
    assert wrong.value.user_id == known.user_id
    for nobody in ("nobody@source.example", "' OR '1'='1", "%s", "ada@source.example' --"):
        with pytest.raises(InvalidCredentials) as unknown:
            connector.login(nobody, PASSWORD)
        assert unknown.value.user_id is None
        assert connector.find(nobody) is None
    found = connector.find("ada@source.example")
    assert found is not None
    assert found.user_id == known.user_id
    made = connector.register(Registration(email="new@source.example", password="First Horse 9"))
    assert made.profile["email_verified"] is False
    with pytest.raises(AlreadyExists):
        connector.register(Registration(email="new@source.example", password="First Horse 9"))
    connector.confirm_address("new@source.example")
    connector.replace_password("new@source.example", "Second Horse 9")
    assert connector.login("new@source.example", "Second Horse 9").profile["email_verified"] is True
    connector.change_address("new@source.example", "newer@source.example", verified=False)
    assert connector.login("newer@source.example", "Second Horse 9").profile["email_verified"] is False
    with pytest.raises(ConnectorError):
        connector.replace_password("nobody@source.example", "Second Horse 9")
    connector.remove(made.user_id)
    assert connector.find("newer@source.example") is None


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


# ---- a web service
@dataclass
class Service:
    """People behind basic authentication."""

    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)

    def answer(self, method: str, path: str, said: Any) -> tuple[int, Any]:
        """What it answers."""
        parts = urlsplit(path)
        match (method, parts.path):
            case ("POST", "/login"):
                return self._login(said)
            case ("GET", "/users"):
                person = self.people.get(parse_qs(parts.query)["identifier"][0])
                return (200, person) if person else (404, None)
            case ("POST", "/users"):
                if said["email"] in self.people:
                    return 409, None
                self.add(said["email"], said["password"])
                return 201, {}
            case ("DELETE", _):
                user_id = unquote(parts.path.removeprefix("/users/"))
                self.people = {k: v for k, v in self.people.items() if v["user_id"] != user_id}
                return 200, {}
        return self._change(parts.path, said)

    def add(self, email: str, password: str, **profile: Any) -> None:
        """Somebody."""
        person = {"user_id": f"w{len(self.passwords) + 1}", "email": email, "email_verified": False, **profile}
        self.people[email], self.passwords[email] = person, password

    def _login(self, said: Any) -> tuple[int, Any]:
        person = self.people.get(said["identifier"])
        if person is None or self.passwords[person["email"]] != said["password"]:
            return 401, {"user_id": person["user_id"] if person else None}
        return 200, person

    def _change(self, path: str, said: Any) -> tuple[int, Any]:
        person = self.people.get(said["email"])
        if person is None:
            return 404, None
        if path == "/verify":
            person["email_verified"] = True
        elif path == "/password":
            self.passwords[said["email"]] = said["password"]
        elif path == "/email":
            del self.people[said["email"]]
            new = {**person, "email": said["newEmail"], "email_verified": said["verified"]}
            self.people[said["newEmail"]] = new
            self.passwords[said["newEmail"]] = self.passwords.pop(said["email"])
        return 200, {}


@pytest.fixture
def service() -> Iterator[str]:
    """Its address."""
    known = Service()
    known.add("ada@source.example", PASSWORD, name="Ada L.", email_verified=True)
    expected = "Basic " + base64.b64encode(b"gatehouse:secret").decode()

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.headers.get("Authorization") != expected:
                status, said = 403, None
            else:
                status, said = known.answer(self.command, self.path, json.loads(body) if body else None)
            data = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_DELETE = _any  # noqa: N815 - names of the base class

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
            pass

    with listening(Handler) as url:
        yield url


def test_a_web_service(world: World, service: str) -> None:
    everything(opened(world, with_templates("web_service", service)))


# ---- templates
@pytest.mark.parametrize("name", SETS)
def test_every_set_has_a_script_for_each_event(name: str) -> None:
    scripts = scripts_of(name)
    assert tuple(scripts) == SETS[name]
    assert all("callback" in source and len(source) < 4_000 for source in scripts.values())


def test_the_blank_scripts_say_that_they_are_blank(world: World) -> None:
    connector = opened(world, {"customScripts": scripts_of("blank")})
    with pytest.raises(ConnectorError) as refused:
        connector.login("ada@source.example", PASSWORD)
    assert "not written yet" in str(refused.value.detail)
