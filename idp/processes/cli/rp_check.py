"""``idp rp-check``."""

from __future__ import annotations

import sys

import click

from idp.processes.cli.process import command_settings, opened, tenant_option, tenant_work


@click.command("rp-check")
@click.argument("url")
@tenant_option
def rp_check(url: str, tenant: str) -> None:
    """Say what is wrong with URL, an address that an application sent a browser to (.../authorize?client_id=...), and
    with the application's registration. Nothing is signed in, nothing is written. Ends with status 1 if the request
    would be refused.
    """
    from idp.protocol.oauth.authorize import advice

    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work:
        asked = advice.read(work, url.strip())
        said, refused = advice.found(asked), advice.refusal(asked)
        name = asked.client.name if asked.client else None
    if name is not None:
        click.echo(f"Application: {name}")
    for each in said:
        click.echo(f"- {each}")
    if refused is not None:
        click.echo(f"The request would be refused: {refused}")
        sys.exit(1)
    click.echo("The request would be accepted." if said else "Nothing is wrong with it.")
