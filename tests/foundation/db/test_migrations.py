"""The schema comes from migrations: the same as the models, once whoever starts first, forward and back."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from idp.foundation.db import migrate
from idp.foundation.db.engine import open_engine
from idp.foundation.db.migrations import HEAD
from idp.foundation.db.schema import is_modelled, metadata

OPTIONS = {"compare_type": True, "include_object": is_modelled}


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/idp.db"
    url: str = request.getfixturevalue("postgres_url")
    return "postgresql+psycopg://" + url.removeprefix("postgres://").removeprefix("postgresql://")


def test_head_is_the_newest_script() -> None:
    assert ScriptDirectory.from_config(migrate.configuration()).get_current_head() == HEAD


def test_migrations_make_what_the_models_say(database_url: str) -> None:
    assert migrate.upgrade(database_url)
    engine = open_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=OPTIONS)
        assert compare_metadata(context, metadata()) == []
    engine.dispose()


def test_a_database_at_head_is_left_alone(database_url: str) -> None:
    migrate.upgrade(database_url)
    assert not migrate.upgrade(database_url)


def test_going_back_leaves_nothing(database_url: str) -> None:
    migrate.upgrade(database_url)
    migrate.downgrade(database_url, "base")
    engine = open_engine(database_url)
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    engine.dispose()
    assert migrate.upgrade(database_url)


def test_several_starters_migrate_once(database_url: str) -> None:
    done: list[bool] = []
    starters = [threading.Thread(target=lambda: done.append(migrate.upgrade(database_url))) for _ in range(4)]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()
    assert sorted(done) == [False, False, False, True]


def test_what_another_starter_did_is_seen_in_an_open_transaction(postgres_url: str) -> None:
    engine = open_engine("postgresql+psycopg://" + postgres_url.partition("://")[2])
    with engine.begin() as waiting, engine.connect() as first:  # waiting: whoever got the lock after the first starter
        assert migrate._read_revision(waiting) is None
        first.execute(text("CREATE TABLE alembic_version AS SELECT '0012' AS version_num"))
        first.commit()
        assert migrate._read_revision(waiting) == "0012"
    engine.dispose()


def test_a_fresh_file_is_opened_by_many_at_once(tmp_path: Path) -> None:
    failures: list[Exception] = []

    def begin(url: str) -> None:
        engine = open_engine(url)
        try:
            engine.connect().close()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the failure
            failures.append(error)
        engine.dispose()

    for number in range(30):
        url = f"sqlite:///{tmp_path}/{number}.db"
        starters = [threading.Thread(target=begin, args=(url,)) for _ in range(8)]
        for starter in starters:
            starter.start()
        for starter in starters:
            starter.join()
    assert failures == []


def test_a_failed_migration_leaves_the_schema_as_it_was(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail_late(connection: object, direction: str, revision: str) -> None:
        original(connection, direction, revision)
        raise RuntimeError("power went")

    original = migrate._run
    monkeypatch.setattr(migrate, "_run", fail_late)
    with pytest.raises(RuntimeError):
        migrate.upgrade(database_url)
    engine = open_engine(database_url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_starting_at_head_does_not_import_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/idp.db"
    migrate.upgrade(url)
    steps = (
        "import sys",
        "from idp.foundation.db import migrate",
        f"migrate.upgrade({url!r})",
        "sys.exit('alembic' in sys.modules)",
    )
    code = "\n".join(steps)
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
