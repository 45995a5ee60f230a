"""``idp doctor``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from idp.foundation import logging
from idp.foundation.settings import Settings, SettingsError
from idp.processes.cli import running
from idp.processes.cli.words import command, without_secrets


@click.command()
def doctor() -> None:
    """Say in plain words what is missing or unsafe for production. Ends with status 1 if anything is."""
    logging.configure("error", readable=True, stream=sys.stderr)
    found = list(problems())
    for each in found:
        click.echo(f"- {without_secrets(each, os.environ)}")
    if found:
        click.echo(f"{len(found)} thing{'s' if len(found) > 1 else ''} to put right before people depend on this.")
        sys.exit(1)
    click.echo("Nothing is missing.")


def problems() -> Iterator[str]:
    """Everything that is wrong, most fundamental first."""
    from idp.operations.health import checks

    try:
        settings = Settings.from_env(running.environment(os.environ), create_key=False)
    except SettingsError as error:
        yield from error.problems
        return
    yield from checks.problems(settings, command)
    yield from _port_problems(settings)


def _port_problems(settings: Settings) -> Iterator[str]:
    """Whether the port for clients with certificates can be served."""
    if settings.mtls_certificate is None or settings.mtls_key is None:
        return
    from idp.processes import certified

    try:
        certified.context_of(Path(settings.mtls_certificate), Path(settings.mtls_key))
    except (OSError, ValueError) as problem:
        yield f"IDP_MTLS_PORT can't be served: {problem}."
