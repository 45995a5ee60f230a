"""``idp mail``."""

from __future__ import annotations

import click

from idp.processes.cli import Named
from idp.processes.cli.process import command_settings, echo_json, json_option, opened, tenant_option, tenant_work


@click.group(cls=Named)
def mail() -> None:
    """Mail: try what sends it, and look at it."""


@mail.command("test")
@click.argument("address")
@click.option("--template", default="verify_email", show_default=True, help="Which mail.")
@tenant_option
def test_(address: str, template: str, tenant: str) -> None:
    """Send one mail with made-up values to ADDRESS, now, through whatever sends for the tenant."""
    from idp.foundation.queue.tasks import FORESEEN
    from idp.tenant.mail import delivery, trial

    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work:
        try:
            made = trial.write(work, template, to=address)
            delivery.hand_over(work, made)
        except (LookupError, *FORESEEN) as error:
            raise click.ClickException(str(error)) from error
        click.echo(f"{made.subject!r} from {made.sender} to {made.to}: sent by {delivery.sends(work)}.")


@mail.command()
@click.argument("template", default="verify_email")
@click.option("--language", default="", help="A language tag; the tenant's default without it.")
@click.option("--html", is_flag=True, help="The HTML instead of the text.")
@json_option
@tenant_option
def preview(template: str, language: str, html: bool, as_json: bool, tenant: str) -> None:
    """Print the mail TEMPLATE with made-up values, as the tenant's own template says it, or as we do."""
    from idp.tenant.mail import trial

    with opened(command_settings()) as platform, tenant_work(platform, tenant) as work:
        try:
            made = trial.write(work, template, to="jane@example.com", language=language)
        except LookupError as error:
            raise click.ClickException(str(error)) from error
    if as_json:
        names = ("subject", "sender", "sender_name", "text", "html")
        echo_json({name: getattr(made, name) for name in names})
    else:
        click.echo(f"From: {made.sender_name} <{made.sender}>\nSubject: {made.subject}\n")
        click.echo(made.html if html else made.text)
