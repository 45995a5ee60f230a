"""A tenant that tells receivers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.world.application import Application
from tests.world.signals import Endpoint, Receiver, endpoint, receiver, switch_on
from tests.world.world import World

GRANTS = ["authorization_code", "client_credentials", "refresh_token"]


@pytest.fixture
def app(world: World) -> Application:
    """An application of the tenant's own, which people sign in to."""
    switch_on(world)
    return world.client(grant_types=GRANTS)


@pytest.fixture
def hears(world: World, app: Application) -> Receiver:
    """The same application as a receiver."""
    return receiver(world, app)


@pytest.fixture
def there() -> Iterator[Endpoint]:
    """Where it takes events."""
    with endpoint() as made:
        yield made
