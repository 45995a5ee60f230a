"""One construct is the upsert of both stores: the texts are those of each dialect's own (decision 0263)."""

from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite

from idp.foundation.db.upsert import insert

THINGS = Table("things", MetaData(), Column("tenant", String, primary_key=True), Column("seen", Integer))
DIALECTS = (postgresql.psycopg.dialect, postgresql.asyncpg.dialect, sqlite.dialect)


def written(insertion: Any, what: str) -> Any:
    made = insertion(THINGS).values(tenant=bindparam("tenant_id"), seen=bindparam("now"))
    if what == "nothing":
        return made.on_conflict_do_nothing()
    later = THINGS.c.seen < made.excluded.seen
    updating = made.on_conflict_do_update(
        index_elements=[THINGS.c.tenant], set_={"seen": made.excluded.seen}, where=later
    )
    return updating.returning(THINGS.c.seen)


@pytest.mark.parametrize("what", ["nothing", "update"])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_text_is_the_one_of_the_dialect(dialect: Any, what: str) -> None:
    its_own = sqlite.insert if dialect is sqlite.dialect else postgresql.insert
    ours, theirs = (written(each, what).compile(dialect=dialect()) for each in (insert, its_own))
    assert str(ours) == str(theirs)
    assert ours.params == theirs.params
