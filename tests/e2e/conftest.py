"""What the journeys share."""

from typing import Any

import pytest

from tests.counterparts.application import Application
from tests.counterparts.management import Management
from tests.counterparts.product import Product


@pytest.fixture
def application(product: Product, management: Management, landing: str) -> Application:
    """A first-party application of this test."""
    return Application.register(product, management, landing)


@pytest.fixture
def third_party(product: Product, management: Management, landing: str) -> Application:
    """An application of somebody else, so that consent is asked for."""
    return Application.register(product, management, landing, is_first_party=False)


@pytest.fixture
def user(product: Product, management: Management) -> dict[str, Any]:
    """A user of this test, with a verified address."""
    return management.create_user(connection=product.connection)
