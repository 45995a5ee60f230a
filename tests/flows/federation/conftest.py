"""A tenant that trusts the anchor of a federation."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from idp.applications.federation import entities
from tests.counterparts.local_site import local_site
from tests.counterparts.private_ca import PrivateAuthority
from tests.world.application import Application
from tests.world.federation import Federation, settings
from tests.world.world import CALLBACK, World


@pytest.fixture(scope="session")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Federation, str]]:
    """The site of a federation, and the file of the authority that its certificate is of."""
    folder, authority, made = tmp_path_factory.mktemp("federation"), PrivateAuthority.make(), Federation()
    trusted = folder / "ca.pem"
    trusted.write_text(authority.pem)
    certificate = authority.server(folder, ["localhost"])
    with local_site(made.app(), tls=True, certificate=certificate) as base:
        made.base = base
        yield made, str(trusted)


@pytest.fixture
def federation(standing: tuple[Federation, str]) -> Federation:
    """An anchor, an intermediate and a relying party as they should be."""
    entities._failed.clear()
    standing[0].furnish()
    return standing[0]


@pytest.fixture
def environment(standing: tuple[Federation, str]) -> dict[str, str]:
    return {"IDP_OUTBOUND_CA": standing[1], "IDP_OUTBOUND_ALLOW": "localhost"}


@pytest.fixture
def party(world: World, federation: Federation) -> Application:
    """The relying party, of a tenant that trusts its anchor."""
    api = world.management()
    api.patch("/tenants/settings", settings(federation))
    api.patch(f"/connections/{world.connection_id}", {"is_domain_connection": True})
    return Application(world, federation["rp"].id, None, CALLBACK, "none")
