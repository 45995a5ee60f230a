"""``idp keys``."""

from __future__ import annotations

import click

from idp.processes.cli.process import command_settings, opened, tenant_option, tenant_work


@click.group()
def keys() -> None:
    """Signing keys."""


@keys.command()
@tenant_option
def rotate(tenant: str) -> None:
    """The next key becomes the current one; the one before it stays in the JWKS until it is revoked."""
    from idp.tenant.keys import service

    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work, work.transaction():
        kid = service.rotate(work).kid
    click.echo(f"Tokens are signed with the key {kid} from now on.")
