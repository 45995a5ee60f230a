"""Group R, R9 and R10: no acknowledged change is lost to another one that was made at the same moment."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from idp.directory.users.models import DatabaseAccount, Identity, User
from idp.foundation.db.session import RowNotLockedError
from idp.foundation.tenancy.work import Work
from idp.signin.tickets import service as tickets
from idp.signin.user_grants import service as user_grants
from idp.tenant.keys.models import SigningKey
from tests.security.lost_updates import CHANGES, PASSWORD, Answer, Call, made, of, user
from tests.security.rows import row
from tests.world.fixtures import on_both_stores
from tests.world.racing import at_once
from tests.world.templates import BARE, CONNECTION, Template
from tests.world.world import Person, World

RACERS = 6
pytestmark = [on_both_stores, pytest.mark.usefixtures("patient")]


@pytest.fixture
def template() -> Template:
    return BARE


@pytest.fixture
def environment() -> dict[str, str]:
    return {"IDP_RATE_LIMITS": "off"}


def caller(world: World) -> Call:
    api = world.caller()

    def call(method: str, path: str, body: Any) -> Answer:
        answer = api(method, path, json=body) if body is not None else api(method, path)
        return Answer(answer.status_code, answer.get_json(silent=True))

    return call


@pytest.fixture
def calls(processes: Sequence[World]) -> list[Call]:
    return [caller(each) for each in processes]


def spread(calls: Sequence[Call], requests: Sequence[tuple[str, str, Any]]) -> list[Answer]:
    """All requests at the same moment, in turns over the processes."""
    return at_once([partial(calls[n % len(calls)], *request) for n, request in enumerate(requests)])


@row("R10")
@pytest.mark.parametrize("name", list(CHANGES))
def test_every_acknowledged_part_is_kept(calls: list[Call], name: str) -> None:
    parts, kept = CHANGES[name](calls[0], CONNECTION)
    answers = spread(calls, [(part.method, part.path, part.body) for part in parts])
    acknowledged = {part.mark for part, answer in zip(parts, answers, strict=True) if answer.done}
    assert {answer.status for answer in answers if not answer.done} <= {400, 409}
    assert len(acknowledged) >= min(len(parts), 10), answers
    assert kept() == acknowledged


@row("R10")
def test_keys_are_rotated_one_after_the_other(calls: list[Call], world: World) -> None:
    answers = spread(calls, [("POST", "/keys/signing/rotate", None)] * RACERS)
    assert [answer.status for answer in answers] == [201] * RACERS
    states = [row.state for row in keys(world) if row.alg == "RS256"]
    assert sorted(states) == ["current", "next", *["previous"] * RACERS]


@row("R10")
def test_a_new_algorithm_gets_one_pair_of_keys(calls: list[Call], world: World) -> None:
    spread(calls, [("GET", "/keys/signing", None)] * RACERS)  # each is connected: the race is for the keys (0118)
    bodies = [{"identifier": f"urn:{n}", "signing_alg": "ES256"} for n in range(RACERS)]
    answers = spread(calls, [("POST", "/resource-servers", body) for body in bodies])
    assert [answer.status for answer in answers] == [201] * RACERS
    assert sorted(row.state for row in keys(world) if row.alg == "ES256") == ["current", "next"]


def keys(world: World) -> list[SigningKey]:
    with world.platform.db.reading(world.tenant) as session:
        return list(session.scalars(select(SigningKey)))


@row("R10")
def test_a_key_is_revoked_once(calls: list[Call], world: World) -> None:
    world.rotate_keys()  # the callers' tokens are of the key before: whoever comes last may still ask
    current = next(row.kid for row in keys(world) if row.state == "current")
    answers = spread(calls, [("PUT", f"/keys/signing/{current}/revoke", None)] * RACERS)
    assert sorted(answer.status for answer in answers) == [200] + [400] * (RACERS - 1)
    assert sorted(row.state for row in keys(world)) == ["current", "next", "previous", "revoked"]


@row("R9")
def test_an_account_gets_one_owner(calls: list[Call]) -> None:
    owners = [user(calls[0], CONNECTION, f"owner{n}") for n in range(RACERS)]
    user(calls[0], CONNECTION, "wanted", user_id="wanted")
    body = {"provider": "auth0", "user_id": "wanted"}
    answers = spread(calls, [("POST", f"{owner}/identities", body) for owner in owners])
    assert min(answer.status for answer in answers) == 201
    assert {answer.status for answer in answers if not answer.done} <= {400, 404, 409}
    assert sum(len(of(calls[0], owner)["identities"]) == 2 for owner in owners) == 1


@row("R9")
def test_two_who_link_each_other_do_not_wait_for_ever(calls: list[Call], world: World) -> None:
    for number in range(3):
        one, two = (user(calls[0], CONNECTION, f"{name}{number}", user_id=f"{name}{number}") for name in ("a", "b"))
        answers = spread(
            calls,
            [
                ("POST", f"{one}/identities", {"provider": "auth0", "user_id": f"b{number}"}),
                ("POST", f"{two}/identities", {"provider": "auth0", "user_id": f"a{number}"}),
            ],
        )
        assert sorted(answer.done for answer in answers) == [False, True], answers
        assert {answer.status for answer in answers if not answer.done} <= {400, 404, 409}
        with world.platform.db.reading(world.tenant) as session:
            left = session.scalars(select(Identity).where(Identity.identity_user_id.in_([f"a{number}", f"b{number}"])))
            assert sorted(each.position for each in left) == [0, 1]


@row("R3")
def test_one_address_makes_one_passwordless_user(calls: list[Call]) -> None:
    made(calls[0], "/connections", {"name": "email", "strategy": "email"})
    body = {"connection": "email", "email": "twin@example.com", "email_verified": True}
    answers = spread(calls, [("POST", "/users", body)] * RACERS)
    assert sorted(answer.status for answer in answers) == [201] + [409] * (RACERS - 1)


@row("R10")
def test_twins_of_configuration_are_a_conflict(calls: list[Call]) -> None:
    client = made(calls[0], "/clients", {"name": "twins"})["client_id"]
    made(calls[0], "/resource-servers", {"identifier": "urn:granted"})
    for path, body in (
        ("/connections", {"name": "twin", "strategy": "auth0"}),
        ("/resource-servers", {"identifier": "urn:twin"}),
        ("/client-grants", {"client_id": client, "audience": "urn:granted", "scope": []}),
    ):
        answers = spread(calls, [("POST", path, body)] * RACERS)
        assert sorted(answer.status for answer in answers) == [201] + [409] * (RACERS - 1), path


@row("R10")
def test_changing_and_deleting_at_once_is_no_failure(calls: list[Call]) -> None:
    for number in range(3):
        where = user(calls[0], CONNECTION, f"going{number}")
        client = f"/clients/{made(calls[0], '/clients', {'name': 'x'})['client_id']}"
        api = f"/resource-servers/{made(calls[0], '/resource-servers', {'identifier': f'urn:going:{number}'})['id']}"
        name = {"name": f"going-{number}", "strategy": "auth0"}
        connection = f"/connections/{made(calls[0], '/connections', name)['id']}"
        for path, body in (
            (where, {"name": "n"}),
            (client, {"name": "n"}),
            (api, {"name": "n"}),
            (connection, {"is_domain_connection": True}),
        ):
            answers = spread(calls, [("PATCH", path, body), ("DELETE", path, None)] * 3)
            assert {answer.status for answer in answers} <= {200, 202, 204, 404}, answers
            assert calls[0]("GET", path, None).status == 404


@row("R10")
def test_consent_given_in_several_tabs_adds_up(processes: Sequence[World], jane: Person) -> None:
    client = processes[0].client().client_id

    def agree(world: World, scope: str) -> None:
        with world.context() as work, work.transaction():
            user_grants.record(work, jane.user_id, client, None, [scope])

    scopes = [f"s{n}" for n in range(RACERS)]
    at_once([partial(agree, processes[n % 3], scope) for n, scope in enumerate(scopes)])
    with processes[0].context() as work:
        found = user_grants.granted(work, jane.user_id, client, None)
        assert found is not None
        assert found.scope == frozenset(scopes)


@row("R10", "M6")
def test_of_tickets_made_at_once_one_is_good(calls: list[Call], world: World) -> None:
    where = user(calls[0], CONNECTION, "ticket", user_id="ticket")
    del where
    answers = spread(calls, [("POST", "/tickets/password-change", {"user_id": "auth0|ticket"})] * RACERS)
    values = [answer.json["ticket"].partition("ticket=")[2] for answer in answers]
    with world.context() as work:
        good = [tickets.read(work, tickets.PASSWORD_CHANGE, value) is not None for value in values]
    assert sorted(good) == [False] * (RACERS - 1) + [True]


@row("R10")
def test_passwords_set_at_once_are_all_remembered(calls: list[Call], world: World) -> None:
    world.connection_options(password_history={"enable": True, "size": RACERS})
    where = user(calls[0], CONNECTION, "history", user_id="history")
    passwords = [f"{PASSWORD} {n}" for n in range(4)]
    answers = spread(calls, [("PATCH", where, {"password": password}) for password in passwords])
    assert [answer.status for answer in answers] == [200] * 4
    with world.platform.db.reading(world.tenant) as session:
        account = session.scalars(select(DatabaseAccount).where(DatabaseAccount.account_id == "history")).one()
        assert len(set(account.password_history or ())) == 4


@row("R10")
def test_users_change_while_their_connection_goes(calls: list[Call]) -> None:
    connection = made(calls[0], "/connections", {"name": "going", "strategy": "auth0"})["id"]
    users = [user(calls[0], "going", f"going{n}") for n in range(4)]
    requests: list[tuple[str, str, Any]] = [("PATCH", where, {"user_metadata": {"a": 1}}) for where in users]
    requests += [("PATCH", where, {"blocked": True}) for where in users]
    answers = spread(calls, [*requests, ("DELETE", f"/connections/{connection}", None)])
    assert {answer.status for answer in answers} <= {200, 202, 404}, answers
    assert [calls[0]("GET", where, None).status for where in users] == [404] * 4


def test_a_row_that_is_not_locked_cannot_be_changed(world: World, jane: Person) -> None:
    """The house's net: a use case that forgets the lock fails in its first test, on either store."""

    def rename(work: Work, name: str = "another", *, locked: bool) -> None:
        with work.transaction():
            found = work.rows.get_one(User, (world.tenant, jane.user_id))
            (work.rows.lock(found) if locked else found).name = name

    def remove(work: Work) -> None:
        with work.transaction():
            work.rows.delete(work.rows.get_one(User, (world.tenant, jane.user_id)))

    for change in (partial(rename, locked=False), remove):
        with world.platform.work(world.tenant, orm=True) as work, pytest.raises(RowNotLockedError):
            change(work)
    with world.platform.work(world.tenant, orm=True) as work:
        rename(work, locked=True)
        with pytest.raises(RowNotLockedError):
            rename(work, "a third", locked=False)  # the lock ended with its transaction
        assert work.rows.get_one(User, (world.tenant, jane.user_id)).name == "another"
