"""A custom domain of a tenant, and what is asked under it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from idp.tenant.domains import service
from tests.world.world import World

DOMAIN = "login.acme.example"


def held(world: World, name: str = DOMAIN, **members: Any) -> str:
    """The tenant holds that domain; answers the id."""
    with world.platform.work(world.tenant, orm=True) as work:
        with work.transaction():
            made = service.create(work, {"domain": name, "type": "auth0_managed_certs", **members}).id
        service.verify(work, made)
    return made


def under(world: World, name: str = DOMAIN) -> World:
    """The same tenant as it is met under that domain."""
    made = replace(world, installed={**world.installed, "issuer": f"https://{name}/"})
    made.app = world.app
    return made


def app_at(here: World, app: Any) -> Any:
    """The same application as it meets us there."""
    return replace(app, world=here)
