"""``idp federation``."""

from __future__ import annotations

import sys

import click

from idp.processes.cli import Named
from idp.processes.cli.process import command_settings, opened, tenant_option, tenant_work


@click.group(cls=Named)
def federation() -> None:
    """Federations that the tenant trusts by an anchor."""


@federation.command()
@click.argument("entity")
@tenant_option
def chain(entity: str, tenant: str) -> None:
    """Say by what chain ENTITY, the address of a relying party, is trusted at this moment, and what client it would be;
    or why it is not. Nothing is kept. Ends with status 1 where nobody vouches for it.
    """
    from idp.applications.federation import entities
    from idp.applications.federation.statements import is_entity
    from idp.foundation.kernel import clock
    from idp.foundation.kernel.errors import OAuthError

    if not is_entity(entity):
        raise click.UsageError("ENTITY is the address of an entity: https, a host, neither query nor fragment.")
    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work:
        if not work.config.settings.federation.enabled:
            click.echo("The tenant is no entity of a federation: switch federation.enabled on.", err=True)
        try:
            found, said = entities.looked_at(work, entity)
        except OAuthError as problem:
            click.echo(f"{problem.error}: {problem.description}" + (f" ({problem.detail})" if problem.detail else ""))
            sys.exit(1)
    for each in found.path:
        click.echo(f"- {each}")
    click.echo(f"Until {clock.iso(found.ends_at * 1000)}, as {said.client_name or entity}:")
    for uri in said.redirect_uris:
        click.echo(f"  {uri}")
