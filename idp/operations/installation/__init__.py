"""Puts a database into working order: schema, default tenant with everything a tenant starts with, administrator,
development samples.

Owns ``idp init`` and what ``idp dev`` does before it serves; refuses to change what is there already, but for what
follows ``IDP_PUBLIC_URL``. No routes.
"""

from __future__ import annotations

from typing import Any

from idp.foundation.db import migrate
from idp.foundation.kernel.errors import GatehouseError
from idp.foundation.tenancy.work import Platform
from idp.operations.installation import administrators, demonstration, samples, tenant


class InstallationError(GatehouseError):
    """The database and the settings contradict each other; the message is for the operator."""


def prepare(platform: Platform, *, move: bool = True) -> tenant.Provisioned:
    """What any process that serves needs: schema and default tenant, at the URL the settings name now. Without ``move``
    a tenant that is there stays where it is.

    Safe to run at every start and by several processes at once: each part looks before it makes something, under one
    lock. Raises InstallationError, StoreUnavailable.
    """
    migrate.upgrade(platform.settings.database_url)
    try:
        provisioned = tenant.provision(
            platform, tenant.DEFAULT_TENANT, platform.settings.public_url, is_default=True, move=move
        )
    except ValueError as error:
        raise InstallationError(str(error)) from error
    administrators.first_owner(platform, provisioned)
    return provisioned


def install(platform: Platform, *, move: bool = True) -> dict[str, Any]:
    """:func:`prepare`, then the administrator and the development samples; answers the object of ``idp init
    --json``.
    """
    provisioned = prepare(platform, move=move)
    administrator = administrators.administrator(platform, provisioned)
    if platform.settings.development:
        samples.ensure(platform, provisioned)
        demonstration.follow(platform, provisioned)
    return provisioned.described(administrator)


def create_tenant(platform: Platform, name: str, url: str) -> dict[str, Any]:
    """A further tenant at ``url``; answers the same object. Raises InstallationError when the name or the host is
    taken.
    """
    migrate.upgrade(platform.settings.database_url)
    try:
        provisioned = tenant.provision(platform, name, url, must_be_new=True)
    except ValueError as error:
        raise InstallationError(str(error)) from error
    return provisioned.described(administrators.administrator(platform, provisioned))
