"""``idp keys``."""

from __future__ import annotations

import sys

import click

from idp.processes.cli import Named
from idp.processes.cli.process import command_settings, echo_json, json_option, opened, tenant_option, tenant_work
from idp.processes.cli.words import command


@click.group(cls=Named)
def keys() -> None:
    """Signing keys, and the master key that secrets are sealed with."""


@keys.command("list")
@tenant_option
@json_option
def list_(tenant: str, as_json: bool) -> None:
    """Every signing key of the tenant with its state, the newest first."""
    from sqlalchemy import select

    from idp.foundation.kernel import clock
    from idp.tenant.keys.models import SigningKey

    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work:
        found = [
            {"kid": row.kid, "alg": row.alg, "state": row.state, "created_at": clock.iso(row.created_at)}
            for row in work.rows.scalars(select(SigningKey).order_by(SigningKey.created_at.desc(), SigningKey.kid))
        ]
    if as_json:
        echo_json(found)
        return
    for each in found:
        click.echo(f"{each['kid']:<34} {each['alg']:<6} {each['state']:<9} {each['created_at']}")


@keys.command()
@tenant_option
def rotate(tenant: str) -> None:
    """The next key becomes the current one; the one before it stays in the JWKS until it is revoked."""
    from idp.tenant.keys import service

    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work, work.transaction():
        kid = service.rotate(work).kid
    click.echo(f"Tokens are signed with the key {kid} from now on.")


@keys.command()
def reencrypt() -> None:
    """Rewrite every stored secret of all tenants under the first key of IDP_SECRET_KEY, while everything goes on; say
    whether the others may go. Stopped half-way, the next run goes on where it stopped.
    """
    from idp.foundation.db import resealing

    with opened(command_settings()) as platform:
        total = resealing.rows(platform.db, platform.sealer)
        with click.progressbar(length=total, label="Rewriting", file=sys.stderr) as bar:
            done = resealing.reseal(platform.db, platform.sealer, bar.update)
        left = resealing.left(platform.db, platform.sealer)
    click.echo(f"{done} secrets were rewritten.")
    newest = platform.sealer.newest
    for key_id, count in sorted(left.items()):
        known = "" if key_id in platform.sealer.key_ids else " (not in IDP_SECRET_KEY)"
        click.echo(f"{count} are still sealed with the key {key_id}{known}.")
    if left:
        click.echo(
            "A process that was started with another list of keys still writes with an older one: restart them all "
            f"with the new key first, then run `{command('keys reencrypt')}` again. A key that is not listed has to "
            "be put behind the others before what it sealed can be read."
        )
        sys.exit(1)
    others = [key_id for key_id in platform.sealer.key_ids if key_id != newest]
    click.echo(f"Everything is sealed with the first key ({newest}).")
    if others:
        click.echo(
            f"The other keys of IDP_SECRET_KEY ({', '.join(others)}) may go once every process runs with the new one "
            "first. Backups made before need them."
        )
