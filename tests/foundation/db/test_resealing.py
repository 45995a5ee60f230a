"""Every sealed value is rewritten under the newest master key, bound to its row, on both stores."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from sqlalchemy import Text, select, text, type_coerce

from idp.applications.clients.models import Client
from idp.directory.bulk import parts
from idp.directory.users import imported_factors, source_tokens
from idp.directory.users.models import ConnectedAccount, Identity, ImportedFactor
from idp.foundation.db import resealing
from idp.foundation.db.base import SEALED, place
from idp.foundation.db.schema import metadata
from idp.foundation.ephemeral import one_time
from idp.foundation.kernel.document_encryption import MARK
from idp.foundation.kernel.secrets import SEALED as LOOKS_SEALED
from idp.foundation.kernel.secrets import Sealer
from idp.foundation.queue import outbox
from idp.foundation.tenancy.models import Tenant
from idp.protocol.signals.models import SignalEvent, SignalStream
from idp.signin.factors import service as factors
from idp.tenant.keys import subject_key, token_key
from idp.tenant.keys.models import SigningKey
from tests.world.fixtures import on_both_stores
from tests.world.sealed import as_before
from tests.world.world import World

UP = "https://op.example.test"
NEW_KEY = "another master key of the tests, long enough too"
SECRET = "the secret of everything here"
ANYWHERE = re.compile(LOOKS_SEALED.pattern)


def furnish(world: World) -> dict[str, Callable[[], str]]:
    """A sealed value in every column that may have one; answers how each is read again."""
    api = world.caller()
    client_id = world.client(addons={"firebase": {"client_secret": SECRET}}).client_id
    world.change_client(client_id, client_secret=SECRET)
    api_id = api.post(
        "/resource-servers", {"identifier": "urn:x", "signing_alg": "HS256", "signing_secret": SECRET}
    ).json["id"]  # type: ignore[index]
    connection = api.post(
        "/connections", {"name": "upstream", "strategy": "sharepoint", "options": {"client_secret": SECRET}}
    )
    connection_id = (connection.json or {})["id"]
    captcha = {"hcaptcha": {"site_key": "x", "secret": SECRET}}
    assert api.patch("/attack-protection/captcha", captcha).status_code == 200
    smtp = {"smtp_host": "mail.example.com", "smtp_port": 587, "smtp_user": "us", "smtp_pass": SECRET}
    provider = {"name": "smtp", "default_from_address": "us@example.com", "credentials": smtp}
    assert api.post("/emails/provider", provider).status_code == 201
    signing = {"type": "back_channel", "client_id": "us", "issuer": UP, "authorization_endpoint": f"{UP}/authorize"}
    signing |= {"token_endpoint": f"{UP}/token", "jwks_uri": f"{UP}/jwks"}
    signing |= {"token_endpoint_auth_method": "private_key_jwt"}
    keyed = api.post("/connections", {"name": "keyed", "strategy": "oidc", "options": signing})
    api.post(f"/connections/{(keyed.json or {})['id']}/keys", {})
    jane = world.user()
    with world.writing() as work:
        identity = work.rows.scalars(select(Identity).where(Identity.user_id == jane.user_id)).one()
        tenant = work.rows.get_one(Tenant, world.tenant)
        work.rows.lock(identity)
        work.rows.lock(tenant)
        tenant.settings = {"mtls": {MARK: work.sealer(Tenant.settings, id=world.tenant).seal("{}")}}
        key = {"connection_id": identity.connection_id, "identity_user_id": identity.identity_user_id}
        identity.tokens_sealed = work.sealer(Identity.tokens_sealed, **key).seal(
            msgspec.json.encode({"access_token": SECRET}).decode()
        )
        token_key.tag(work, b"whatever asks for a tag first")
        subject_key.sealed(work, b"whatever is named first", "sector")
        theirs = jane.user_id, identity.connection_id, "a1"
        held = source_tokens.sealed_of_connected(work, *theirs, source_tokens.kept({"refresh_token": SECRET}, {}))
        row = {"user_id": jane.user_id, "connection_id": identity.connection_id, "account_id": "a1", "created_at": 1}
        work.rows.add(ConnectedAccount(**row, tokens_sealed=held))
        outbox.put(work, "nobody.knows", {"link": SECRET})
        parts.keep(work, "job_x", parts.READ, 0, SECRET.encode())
        factor = imported_factors.row(work, jane.user_id, 0, imported_factors.Factor("totp", "ABCD"))
        work.rows.add(ImportedFactor(**factor))
        factors.add(work, jane.user_id, [factors.New(type="totp", seed="JBSWY3DPEHPK3PXP")])
        header = work.sealer(SignalStream.authorization_sealed, id="s").seal(SECRET)
        stream = {"id": "s", "client_id": client_id, "method": "push", "subject_format": "iss_sub", "status": "enabled"}
        work.rows.add(SignalStream(**stream, authorization_sealed=header, created_at=1, updated_at=1))
        claims = work.sealer(SignalEvent.claims_sealed, id="e").seal("{}")
        work.rows.add(SignalEvent(id="e", stream_id="s", claims_sealed=claims, created_at=1))
        sealed = {MARK: one_time.sealer(work, "upstream", "s").seal(SECRET)}
        one_time.put(work, "upstream", "s", {"kept": sealed}, ttl_ms=60_000)

    def member(path: str, *names: str) -> Callable[[], str]:
        def read() -> Any:
            found = api.get(path).json
            for name in names:
                found = found[name]  # type: ignore[index]
            return found

        return read

    return {
        "client secret": member(f"/clients/{client_id}", "client_secret"),
        "client document": member(f"/clients/{client_id}", "addons", "firebase", "client_secret"),
        "api": member(f"/resource-servers/{api_id}", "signing_secret"),
        "connection": member(f"/connections/{connection_id}", "options", "client_secret"),
    }


def raw(world: World) -> dict[tuple[str, str], list[str]]:
    """Every text of the database that holds something sealed, by table and column, whatever the models declare."""
    found: dict[tuple[str, str], list[str]] = {}
    with world.platform.db.system_session() as session:
        for table in metadata().sorted_tables:
            for column in table.columns:
                values = session.scalars(select(type_coerce(column, Text)).select_from(table))
                held = [value for value in values if isinstance(value, str) and ANYWHERE.search(value)]
                if held:
                    found[table.description, column.name] = held
    return found


Rotated = Callable[..., World]


@pytest.fixture
def rotated(world: World) -> Iterator[Rotated]:
    """Opens a process with a list of master keys."""
    opened: list[World] = []

    def open_one(*keys: str) -> World:
        opened.append(world.other_process(secret_keys=keys))
        return opened[-1]

    yield open_one
    for each in opened:
        each.platform.db.dispose()


@pytest.fixture
def old_key(world: World) -> str:
    return world.platform.settings.secret_keys[0]


@on_both_stores
def test_everything_is_rewritten_and_the_old_key_may_go(world: World, old_key: str, rotated: Rotated) -> None:
    reads = furnish(world)
    both = rotated(NEW_KEY, old_key)
    db, sealer = both.platform.db, both.platform.sealer
    total = resealing.rows(db, sealer)
    seen: list[int] = []
    assert resealing.reseal(db, sealer, seen.append) >= 10
    assert sum(seen) == total
    assert resealing.left(db, sealer) == {}
    declared = {
        (table.description, column.name) for table, columns in resealing.columns().items() for column in columns
    }
    assert set(raw(world)) == declared, "a value stands sealed where no model says so, or a column was not furnished"
    old = world.platform.sealer.newest
    assert [place for place, values in raw(world).items() if any(f".{old}." in value for value in values)] == []
    alone = rotated(NEW_KEY)
    old_platform, world.platform, world.app = world.platform, alone.platform, alone.app
    old_platform.db.dispose()
    assert {name: read() for name, read in reads.items()} == dict.fromkeys(reads, SECRET)
    assert world.get("/.well-known/jwks.json").status_code == 200
    world.token()  # signed with a private key that was rewritten
    with world.context() as work:
        assert (one_time.peek(work, "upstream", "s", dict) or {})["kept"][MARK].startswith("v2.")
    assert resealing.reseal(alone.platform.db, alone.platform.sealer) == 0, "nothing is done twice"


@on_both_stores
def test_a_run_that_was_stopped_goes_on(
    world: World, old_key: str, rotated: Rotated, monkeypatch: pytest.MonkeyPatch
) -> None:
    furnish(world)
    both = rotated(NEW_KEY, old_key)
    db, sealer = both.platform.db, both.platform.sealer
    monkeypatch.setattr(resealing, "BATCH", 2)

    class Stopped(Exception):
        pass

    done = 0

    def stop_early(rows: int) -> None:
        nonlocal done
        done += rows
        if done >= 5:
            raise Stopped

    with pytest.raises(Stopped):
        resealing.reseal(db, sealer, stop_early)
    left = sum(resealing.left(db, sealer).values())
    assert left > 0
    assert resealing.reseal(db, sealer) == left
    assert resealing.left(db, sealer) == {}


def test_what_the_release_before_sealed_becomes_bound(world: World) -> None:
    """Under the same key, too."""
    app = world.client()
    sealer = world.platform.sealer
    before = as_before(sealer, "an old secret")
    with world.platform.db.unit(world.tenant) as unit:
        unit.execute(
            text("UPDATE clients SET secret_sealed = :new WHERE client_id = :id"), {"new": before, "id": app.client_id}
        )
    assert world.caller().get(f"/clients/{app.client_id}").json["client_secret"] == "an old secret"  # type: ignore[index]
    assert resealing.left(world.platform.db, sealer) == {sealer.newest: 1}
    assert resealing.reseal(world.platform.db, sealer) == 1
    with world.context() as work, world.platform.db.reading(world.tenant) as session:
        stored = session.scalars(select(Client.secret_sealed).where(Client.client_id == app.client_id)).one()
        assert work.sealer(Client.secret_sealed, client_id=app.client_id).open(str(stored)) == "an old secret"
        assert str(stored).startswith("v2.")


def test_a_value_of_another_row_or_key_is_left_and_counted(world: World, rotated: Rotated) -> None:
    one, two = world.client(), world.client()
    with world.platform.db.unit(world.tenant) as unit:
        stolen = unit.scalars(select(Client.secret_sealed).where(Client.client_id == one.client_id)).one()
        unit.execute(
            text("UPDATE clients SET secret_sealed = :new WHERE client_id = :id"), {"new": stolen, "id": two.client_id}
        )
    with world.context() as work, pytest.raises(ValueError, match="does not open"):
        work.sealer(Client.secret_sealed, client_id=two.client_id).open(str(stolen))
    stranger = rotated(NEW_KEY)
    db, sealer = stranger.platform.db, stranger.platform.sealer
    assert resealing.unreadable(db, sealer) == {world.platform.sealer.newest}
    assert resealing.reseal(db, sealer) == 0
    assert set(resealing.left(db, sealer)) == {world.platform.sealer.newest}
    assert resealing.unreadable(world.platform.db, world.platform.sealer) == set()


def test_a_row_that_is_changed_meanwhile_is_left_to_whoever_changes_it(
    world: World, old_key: str, rotated: Rotated
) -> None:
    app = world.client()
    both = rotated(NEW_KEY, old_key)
    db, sealer = both.platform.db, both.platform.sealer
    (batch,) = [
        [found for found in batch if found.key[0] == app.client_id]
        for batch in resealing._batches(db, sealer, Client.__table__, Client.__table__.c.secret_sealed)  # type: ignore[arg-type]
    ]
    world.change_client(app.client_id, client_secret="set a moment ago")
    with db.system_session() as session:
        written = [
            resealing._write(session, Client.__table__, Client.__table__.c.secret_sealed, found) for found in batch
        ]  # type: ignore[arg-type]
    assert written == [0]
    assert world.caller().get(f"/clients/{app.client_id}").json["client_secret"] == "set a moment ago"  # type: ignore[index]


def test_nothing_is_sealed_for_a_column_that_does_not_say_so(world: World) -> None:
    with world.context() as work:
        with pytest.raises(TypeError, match="not declared as sealed"):
            work.sealer(Client.name, client_id="x")
        with pytest.raises(TypeError, match="the key of signing_keys is kid"):
            work.sealer(SigningKey.private_sealed, id="x")


def test_columns_called_sealed_say_so() -> None:
    called = {
        f"{t.description}.{c.name}" for t in metadata().sorted_tables for c in t.columns if c.name.endswith("_sealed")
    }
    declared = {f"{t.description}.{c.name}" for t, columns in resealing.columns().items() for c in columns}
    assert called <= declared
    assert SEALED == {"sealed": True}
    assert place(Client.secret_sealed, "t", {"client_id": "c"}) == ("t", "clients", "secret_sealed", "c")


def test_documents_keep_what_is_no_secret(world: World) -> None:
    sealer = Sealer([NEW_KEY], "secrets")
    own = sealer.at("here")
    planted = {"a": own.seal("x"), "b": [1, 2.5, None, True, "ü"], MARK: {"not": "sealed"}}
    document = {**planted, "c": {MARK: as_before(sealer, '"y"')}}
    again = msgspec.json.decode(resealing._rewritten(msgspec.json.encode(document).decode(), own))
    assert {name: again[name] for name in planted} == planted, "a text that only looks sealed is nobody's secret"
    assert own.is_current(again["c"][MARK])
