"""``idp docs``: reference pages made from the code, so that they can't say anything else than it does."""

from __future__ import annotations

from pathlib import Path

import click

from idp.processes.cli import Named


@click.group(cls=Named)
def docs() -> None:
    """Reference pages made from the code."""


@docs.command()
def settings() -> None:
    """The settings, as docs/configuration.md holds them."""
    click.echo(settings_reference(), nl=False)


@docs.command()
def endpoints() -> None:
    """Every endpoint, as docs/reference/endpoints.md holds them."""
    from idp.processes.cli.reference import endpoints_reference

    click.echo(endpoints_reference(), nl=False)


@docs.command("log-types")
def log_types() -> None:
    """The types of log entries, as docs/reference/log-types.md holds them."""
    from idp.processes.cli.reference import log_types_reference

    click.echo(log_types_reference(), nl=False)


@docs.command()
def parity() -> None:
    """Every operation of Auth0's Management API, as docs/management-api.md holds them."""
    from idp.processes.cli.parity_reference import parity_reference

    click.echo(parity_reference(), nl=False)


@docs.command("pages")
def hosted_pages() -> None:
    """Every screen and template, as docs/reference/pages.md holds them."""
    from idp.processes.cli.page_reference import pages_reference

    click.echo(pages_reference(), nl=False)


@docs.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path("docs"))
def write(folder: Path) -> None:
    """Write all of them into FOLDER (default: docs)."""
    for name, text in pages().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        click.echo(str(path))


def pages() -> dict[str, str]:
    """Every generated page by its path below ``docs``."""
    from idp.processes.cli.connection_reference import connections_reference, social_reference
    from idp.processes.cli.page_reference import pages_reference
    from idp.processes.cli.parity_reference import parity_reference
    from idp.processes.cli.reference import endpoints_reference, log_types_reference

    return {
        "configuration.md": settings_reference(),
        "connections/README.md": connections_reference(),
        "connections/social.md": social_reference(),
        "management-api.md": parity_reference(),
        "reference/endpoints.md": endpoints_reference(),
        "reference/log-types.md": log_types_reference(),
        "reference/pages.md": pages_reference(),
    }


def settings_reference() -> str:
    """Markdown of every environment variable the product reads."""
    from idp.foundation.settings import KNOWN, OTHERS

    tables = "\n".join(
        f"## {title}\n\n{intro}\n\n| variable | meaning |\n|---|---|\n"
        + "".join(f"| `{name}` | {_cell(text)} |\n" for name, text in names.items())
        for title, intro, names in (
            (
                "Gatehouse's own",
                "An `IDP_` name that is not in this table stops the start and names the nearest one that is.",
                KNOWN,
            ),
            ("Shared with the platform", "The names platforms and libraries use everywhere.", OTHERS),
        )
    )
    return f"{_INTRODUCTION}\n{tables}\n{_CLOSING}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


_INTRODUCTION = """<!-- Made by `idp docs settings`; a test compares it. Change idp/foundation/settings.py instead. -->
# Configuration

Settings of a process come from its environment, once, when it starts. Settings of a tenant (session lifetimes,
colours, prompts, ...) are changed with the Management API and apply at once. In development everything has a default;
nothing needs to be set.
"""

_CLOSING = """## What production refuses

With `IDP_ENV=production` (the default where the platform sets `DYNO`) a process does not start, and says why,
without an `IDP_SECRET_KEY` of 32 bytes or more that is no repeated word, without an https `IDP_PUBLIC_URL`, with
`IDP_RATE_LIMITS=off`, and on SQLite where the platform's disk is not kept. Values that can't be read stop every
process, in development too. All that is wrong is named at once, without the values. `idp doctor` also names what
starts but should not stay: no `SMTP_URL`, no trusted proxy behind https, a master key that is not the database's, work
that nobody does.

## Values

- **`IDP_PUBLIC_URL`**: may have a path (`https://example.com/auth/`), below which everything is served then
  (docs/deployment.md): up to three parts of letters, digits and `. _ ~ -`, the first of which is none of Gatehouse's
  own.
- **`REDIS_URL`**: `redis://`, `rediss://` (TLS; the certificate is checked against the system's authorities and
  `IDP_OUTBOUND_CA`) or `unix://`.
- **User names and passwords in URLs**: `@ : / ? # %` are written `%40 %3A %2F %3F %23 %25`.
- **`SMTP_URL`**: `smtp://` uses STARTTLS where the server offers it and never sends a password in clear; `smtps://`
  speaks TLS from the first byte. `?from=login@example.com` sets the sender; without it that is the URL's user name if
  it is an address, else `no-reply@` and the tenant's host.
- **`IDP_OUTBOUND_ALLOW`**: a host name or `host:port` allows that name as it is written in a URL, wherever it points.
  A CIDR such as `10.0.0.0/8` allows addresses. When it is set it replaces the default, which is empty in production
  and `localhost,127.0.0.1,::1` in development.
- **`IDP_SECRET_KEY`**: a comma list rotates. Put the new key first and keep the old one behind it: the first key
  writes, all of them read. `idp keys reencrypt` says when the old one may go.
- **`DATABASE_URL`**: `postgres://` is accepted as platforms write it. For SQLite the path follows three slashes, four
  for an absolute one.
"""
