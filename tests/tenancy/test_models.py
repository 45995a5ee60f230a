"""An ORM session sees its own tenant's rows and no others, whatever the model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, Integer, LargeBinary, delete, func, insert, select, update
from sqlalchemy import inspect as inspected
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased, sessionmaker

from idp.foundation.db.base import Base, JSONText, TenantScoped
from idp.foundation.db.schema import metadata
from idp.foundation.db.session import Database, TenantlessSessionError, UnitOfWork
from idp.foundation.tenancy.models import CustomDomain

metadata()
MODELS: list[Any] = sorted(
    (mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, TenantScoped)),
    key=lambda model: str(model.__name__),
)
every_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'idp.db'}")
    metadata().create_all(made.engine)
    yield made
    made.dispose()


def row(model: Any) -> Any:
    """A row with a value in every column, but for the tenant."""
    return model(**values(model))


def values(model: Any) -> dict[str, Any]:
    attributes = inspected(model).column_attrs
    return {each.key: _value(each.columns[0].type) for each in attributes if each.key != "tenant_id"}


def _value(kind: Any) -> Any:
    if isinstance(kind, JSONText):
        return {}
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, LargeBinary):
        return b"x"
    return 1 if isinstance(kind, Integer) else "x"


def key(model: Any, tenant: str) -> tuple[Any, ...]:
    columns = inspected(model).primary_key
    return tuple(tenant if column.key == "tenant_id" else _value(column.type) for column in columns)


@pytest.fixture
def of_a(database: Database, request: pytest.FixtureRequest) -> Any:
    """The model, with one row of tenant a."""
    model = request.param
    with database.unit("a") as session:
        session.add(row(model))
    with database.reading("a") as session:
        assert session.get(model, key(model, "a")) is not None
    return model


every_filled_model = pytest.mark.parametrize("of_a", MODELS, ids=lambda model: model.__name__, indirect=True)


@every_filled_model
def test_another_tenant_does_not_find_the_row(database: Database, of_a: Any) -> None:
    other = aliased(of_a)
    with database.unit("b") as session:
        assert session.scalars(select(of_a)).all() == []
        assert session.scalars(select(other)).all() == []
        assert session.scalar(select(func.count()).select_from(of_a)) == 0
        assert session.execute(select(of_a.tenant_id)).all() == []
        assert session.get(of_a, key(of_a, "a")) is None
        assert session.get(of_a, key(of_a, "b")) is None
        assert session.query(of_a).filter(of_a.tenant_id == "a").all() == []


@every_filled_model
def test_another_tenant_changes_and_removes_nothing(database: Database, of_a: Any) -> None:
    with database.unit("b") as session:
        session.execute(update(of_a).values(**values(of_a)))
        session.execute(update(of_a).where(of_a.tenant_id == "a").values(tenant_id="b"))
        session.execute(delete(of_a))
        session.query(of_a).delete()
    with database.reading("a") as session:
        assert len(session.scalars(select(of_a)).all()) == 1
    with database.reading("b") as session:
        assert session.scalars(select(of_a)).all() == []


@every_filled_model
def test_two_tenants_have_rows_of_the_same_key(database: Database, of_a: Any) -> None:
    mine = row(of_a)
    if of_a is CustomDomain:
        mine.held = None  # a host name is held by one tenant alone
    with database.unit("b") as session:
        session.add(mine)
    for tenant in ("a", "b"):
        with database.reading(tenant) as session:
            assert [found.tenant_id for found in session.scalars(select(of_a))] == [tenant]


@every_model
def test_a_row_of_another_tenant_cannot_be_added(database: Database, model: Any) -> None:
    foreign = row(model)
    foreign.tenant_id = "a"
    with pytest.raises(TenantlessSessionError), database.unit("b") as session:
        session.add(foreign)
    with database.reading("a") as session:
        assert session.scalars(select(model)).all() == []


@every_model
def test_rows_are_not_inserted_past_the_session(database: Database, model: Any) -> None:
    for tenant in ({}, {"tenant_id": "a"}, {"tenant_id": "b"}):
        with pytest.raises((TenantlessSessionError, IntegrityError)), database.unit("b") as session:
            session.execute(insert(model).values(**values(model), **tenant))
        with pytest.raises((TenantlessSessionError, IntegrityError)), database.unit("b") as session:
            session.execute(insert(model), [{**values(model), **tenant}])
    with database.reading("a") as session:
        assert session.scalars(select(model)).all() == []


@every_filled_model
def test_a_row_cannot_be_moved_to_another_tenant(database: Database, of_a: Any) -> None:
    with pytest.raises(TenantlessSessionError), database.unit("a") as session:
        session.scalars(select(of_a)).one().tenant_id = "b"
    with database.reading("b") as session:
        assert session.scalars(select(of_a)).all() == []


@every_filled_model
def test_a_session_without_a_tenant_reaches_nothing(database: Database, of_a: Any) -> None:
    sessions = sessionmaker(database.engine, class_=UnitOfWork)
    statements = (select(of_a), select(aliased(of_a)), update(of_a).values(**values(of_a)), delete(of_a))
    with sessions() as session:
        for statement in statements:
            with pytest.raises(TenantlessSessionError):
                session.execute(statement)
        with pytest.raises(TenantlessSessionError):
            session.get(of_a, key(of_a, "a"))
        session.add(row(of_a))
        with pytest.raises(TenantlessSessionError):
            session.flush()
        with pytest.raises(TenantlessSessionError):
            assert session.tenant_id
