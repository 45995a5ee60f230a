"""``idp keys``."""

from __future__ import annotations

import click

from idp.cli.process import command_settings, opened, tenant_context, tenant_option


@click.group()
def keys() -> None:
    """Signing keys."""


@keys.command()
@tenant_option
def rotate(tenant: str) -> None:
    """The next key becomes the current one; the one before it stays in the JWKS until it is revoked."""
    from idp.keys import service

    with (
        opened(command_settings()) as platform,
        tenant_context(platform, tenant),
        platform.db.unit(tenant) as session,
    ):
        kid = service.rotate(session, platform.sealer, tenant).kid
    click.echo(f"Tokens are signed with the key {kid} from now on.")
