"""``idp domains``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from idp.processes.cli import Named
from idp.processes.cli.process import command_settings, echo_json, json_option, opened, tenant_option, tenant_work

if TYPE_CHECKING:
    from idp.foundation.tenancy.models import CustomDomain
    from idp.foundation.tenancy.work import Work


@click.group(cls=Named)
def domains() -> None:
    """Custom domains: host names under which a tenant answers beside its own URL."""


@domains.command("list")
@tenant_option
@json_option
def list_(tenant: str, as_json: bool) -> None:
    """Every custom domain; the default one has a star. Those that are not verified name the records that prove them."""
    from idp.tenant.domains import service

    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work:
        found = [_shown(work, row) for row in service.every(work)]
    if as_json:
        echo_json(found)
        return
    for each in found:
        click.echo(f"{'*' if each['default'] else ' '} {each['status']:<20} {each['domain']}")
        if each["status"] != "ready":
            _print_records(each)


@domains.command()
@click.argument("name")
@click.option("--own-certificates", is_flag=True, help="A proxy of your own stands in front; proved by TXT alone.")
@tenant_option
@json_option
def add(name: str, own_certificates: bool, tenant: str, as_json: bool) -> None:
    """Write the custom domain NAME down, and print the records that prove it."""
    from idp.foundation.kernel.errors import ManagementError
    from idp.tenant.domains import service

    kind = service.SELF_MANAGED if own_certificates else "auth0_managed_certs"
    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work:
        try:
            with work.transaction():
                row = service.create(work, {"domain": name, "type": kind})
        except ManagementError as error:
            raise click.ClickException(error.message) from error
        made = _shown(work, row)
    if as_json:
        echo_json(made)
        return
    click.echo(f"{made['domain']} is written down. One of these records proves it:")
    _print_records(made)


@domains.command()
@click.argument("name")
@tenant_option
@json_option
def verify(name: str, tenant: str, as_json: bool) -> None:
    """Look for the proof of the custom domain NAME in the DNS; ends with 1 where it is not there."""
    from idp.foundation.kernel.errors import ManagementError
    from idp.tenant.domains import service

    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work:
        with work.looking():
            row = service.named(work, name)
        if row is None:
            raise click.ClickException(f"There is no custom domain called {name}.")
        try:
            found = service.verify(work, row.id)
        except ManagementError as error:
            raise click.ClickException(error.message) from error
        shown = _shown(work, found.row)
    if as_json:
        echo_json({**shown, "proxy_key": found.proxy_key})
    elif found.row.held is not None:
        click.echo(f"{name} is verified: the tenant answers there.")
        if found.proxy_key is not None:
            click.echo(f"What its proxy sends as cname-api-key, shown this once: {found.proxy_key}")
    else:
        click.echo(found.row.problem)
    if found.row.held is None:
        raise SystemExit(1)


def _shown(work: Work, row: CustomDomain) -> dict[str, Any]:
    from idp.tenant.domains import render, service

    return {
        "id": row.id,
        "domain": row.domain,
        "status": render.READY if row.held else render.PENDING,
        "default": row.is_default,
        "problem": row.problem,
        "records": [
            {"type": each.kind.upper(), "name": each.name, "value": each.value} for each in service.proofs(work, row)
        ],
    }


def _print_records(shown: dict[str, Any]) -> None:
    for each in shown["records"]:
        click.echo(f"    {each['name']}  {each['type']}  {each['value']}")
