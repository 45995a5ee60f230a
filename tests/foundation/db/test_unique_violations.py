"""What is taken is told by column, whatever the driver says."""

from __future__ import annotations

import pytest

from connectors.contract import AlreadyExists, NewAccount
from idp.directory.users.credentials import Credentials
from idp.foundation.db.hot import UniqueViolation
from idp.foundation.ephemeral import one_time
from tests.world.fixtures import on_both_stores
from tests.world.world import World


@on_both_stores
@pytest.mark.parametrize(
    ("second", "taken"),
    [
        (NewAccount(email="username@example.com", username="other"), "email"),
        (NewAccount(email="other@example.com", username="email"), "username"),
    ],
)
def test_the_taken_identifier_is_named(world: World, second: NewAccount, taken: str) -> None:
    with world.context() as work:
        accounts = Credentials(work.hot, work.tenant_id, world.connection_id)
        accounts.insert(NewAccount(email="username@example.com", username="email"), "a hash")
        with pytest.raises(AlreadyExists) as refused:
            accounts.insert(second, "a hash")
        assert refused.value.field == taken


@on_both_stores
def test_a_primary_key_is_named_by_its_columns(world: World) -> None:
    with world.context() as work:
        one_time.put(work, "kind", "key", {}, ttl_ms=1000)
        with pytest.raises(UniqueViolation) as refused:
            one_time.put(work, "kind", "key", {}, ttl_ms=1000)
    assert refused.value.columns == {"tenant_id", "kind", "key_hash"}
