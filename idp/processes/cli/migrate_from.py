"""``idp migrate-from``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from idp.processes.cli.process import command_settings, opened, tenant_option, tenant_work

if TYPE_CHECKING:
    from idp.operations.migration.report import Report

SECRET = "AUTH0_CLIENT_SECRET"  # noqa: S105 - the name of a variable


@click.group("migrate-from")
def migrate_from() -> None:
    """Copy a whole tenant that somebody else hosts."""


@migrate_from.command()
@click.option("--domain", required=True, help="The tenant's domain, such as acme.eu.auth0.com.")
@click.option("--client-id", required=True, help="A machine that may read everything of its Management API.")
@click.option("--dry-run", is_flag=True, help="Read everything and write nothing.")
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Remembers how far the users are; the next run goes on there.",
)
@click.option(
    "--accept-refresh-tokens",
    is_flag=True,
    help="From now on refresh tokens that the tenant issued are exchanged here, each once (former_tenant).",
)
@tenant_option
def auth0(
    domain: str, client_id: str, dry_run: bool, state: Path | None, accept_refresh_tokens: bool, tenant: str
) -> None:
    """Copy APIs, applications (with their ids and secrets), connections, grants, roles and people (with linked accounts
    and those who come from other sources) of an Auth0 tenant. The secret of the machine stands in AUTH0_CLIENT_SECRET.
    What is here already stays as it is, so that an interrupted run is simply begun again. Passwords do not leave Auth0
    this way: `idp users import` takes its export of hashes.
    """
    from idp.operations.migration import copying
    from idp.operations.migration.report import BEGINNING
    from idp.operations.migration.source import ManagementApi, SourceError, base_of
    from idp.tenant.settings import service as settings_of_tenant

    secret = os.environ.get(SECRET)
    if not secret:
        raise click.ClickException(f"The secret of {client_id} is expected in {SECRET}.")
    settings = command_settings()
    with opened(settings) as platform, tenant_work(platform, tenant) as work:
        after = state.read_text(encoding="utf-8").strip() if state is not None and state.is_file() else ""
        asked = copying.Copy(
            platform=platform,
            tenant=work.tenant_id,
            source=ManagementApi(settings, domain, client_id, secret),
            dry_run=dry_run,
            after=after or BEGINNING,
            told=lambda report: _told(report, None if dry_run else state),
        )
        try:
            report = copying.run(asked)
        except SourceError as error:
            raise click.ClickException(str(error)) from error
        if accept_refresh_tokens and not dry_run:
            with work.transaction():
                settings_of_tenant.update_settings(work, {"former_tenant": {"issuer": f"{base_of(domain)}/"}})
    click.echo("", err=True)
    for kind, count in report.counts.items():
        verb = "would be copied" if dry_run else "copied"
        click.echo(f"{kind}: {count.copied} {verb}, {count.there} here already, {count.refused} not copied")
    for reason in report.reasons:
        click.echo(f"  {reason}")


def _told(report: Report, state: Path | None) -> None:
    """A line that is written over, and how far the users are."""
    done = ", ".join(f"{count.copied + count.there + count.refused} {kind}" for kind, count in report.counts.items())
    if sys.stderr.isatty():
        click.echo(f"\r{done}", nl=False, err=True)
    if state is not None:
        state.write_text(report.reached, encoding="utf-8")
