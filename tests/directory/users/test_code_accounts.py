"""People who sign in with codes are found by an index, however many there are."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import postgresql, sqlite

from idp.directory.connections import runtime as connections
from idp.directory.users.service.codes import accounts_with
from tests.flows.test_passwordless import connect
from tests.world.fixtures import on_both_stores
from tests.world.world import World


@on_both_stores
@pytest.mark.parametrize(
    ("strategy", "address", "index"),
    [
        ("email", "jane@example.com", "ix_users_email_key"),
        ("sms", "+491712345678", "ix_users_sorted_phone_number"),
    ],
)
def test_the_address_leads_to_its_row(world: World, strategy: str, address: str, index: str) -> None:
    connection_id = connect(world, strategy=strategy)
    with world.context() as work:
        connection = connections.find(work, connection_id)
        assert connection is not None
        dialect = sqlite.dialect() if work.platform.db.sqlite else postgresql.dialect()
        sql = str(accounts_with(connection, address).compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
        sql = sql.replace("WHERE", "WHERE users.tenant_id = 'default' AND identities.tenant_id = 'default' AND", 1)
        session = work.rows
        if work.platform.db.sqlite:
            plan = session.execute(text(f"EXPLAIN QUERY PLAN {sql}")).all()
        else:
            session.execute(text("SET LOCAL enable_seqscan = off"))
            plan = session.execute(text(f"EXPLAIN {sql}")).all()
    assert index in str(plan)
