"""``idp dev``: everything on this machine, for trying and developing."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from idp.processes.cli.words import command

if TYPE_CHECKING:
    from idp.foundation.settings import Settings


BETWEEN_PORTS = 443
"""From the port of `idp dev --tls` to the one that asks for certificates, where that is free: 8000 and 8443."""


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Port to serve on; PORT says the same.")
@click.option(
    "--host", metavar="ADDRESS", help="IP address to listen on, 127.0.0.1 by default; IDP_BIND says the same."
)
@click.option("--tls", is_flag=True, help="Serve https with a certificate from a local authority made under var/tls/.")
@click.option(
    "--db", type=click.Path(dir_okay=False, path_type=Path), help="SQLite file to use instead of DATABASE_URL."
)
@click.option(
    "--conformance",
    metavar="[URL]",
    is_flag=False,
    flag_value="https://localhost.emobix.co.uk:8443",
    help="Prepare clients, a person and settings for the OpenID Foundation's conformance suite at URL.",
)
def dev(port: int | None, host: str | None, tls: bool, db: Path | None, conformance: str | None) -> None:
    """Start web and background jobs on localhost, with a sample application and people to sign in as. Ctrl-C ends it;
    data stays.
    """
    begun = time.monotonic()
    if port is not None:
        os.environ["PORT"] = str(port)
    if host is not None:
        os.environ["IDP_BIND"] = host
    if db is not None:
        os.environ["DATABASE_URL"] = f"sqlite:///{db}"
    from idp.processes.cli.server import server_settings

    certificate = _tls() if tls else None
    settings = server_settings()
    if not settings.development:
        raise click.ClickException(
            f"`{command('dev')}` is for development, and IDP_ENV says production. `{command('serve')}` and "
            f"`{command('worker')}` are for that."
        )
    if tls and not settings.public_url.startswith("https://"):
        raise click.ClickException(f"--tls serves https, but IDP_PUBLIC_URL is {settings.public_url}.")
    from idp.processes import starting
    from idp.processes.cli.running import announced

    bind = settings.bind or "127.0.0.1"
    listener = starting.listener(bind, settings.port)
    doorway = starting.doorway(bind, settings)
    with announced(os.environ):
        printed = starting.install(settings)
        click.echo(_welcome(printed, settings.var, tls=tls))
        if conformance:
            _conform(settings, conformance)
        click.echo(f"  Ready in {time.monotonic() - begun:.1f} s. Ctrl-C ends it; the data stays in {settings.var}/\n")
        starting.serve(listener, settings, workers=1, certificate=certificate, doorway=doorway, with_jobs=True)


def _conform(settings: Settings, suite: str) -> None:
    """Prepare what the suite needs, and say where its files are."""
    from idp.operations.dev import conformance
    from idp.processes.cli.process import opened, tenant_work

    with opened(settings) as platform, tenant_work(platform, "default") as work:
        written = conformance.prepare(work, settings.var / "conformance", suite)
    click.echo(f"  Conformance suite   {suite}, signing in as {conformance.EMAIL}  {conformance.PASSWORD}")
    for path in written:
        click.echo(f"    {path}")
    click.echo("  IDP_RATE_LIMITS=off keeps the suite from being stopped (docs/conformance.md).")


def _tls() -> Any:
    """Make the certificate, and let this process and its children trust the authority."""
    from idp.foundation.settings import Settings
    from idp.processes.certificates import ensure
    from idp.processes.serving import Certificate

    port = os.environ.get("PORT") or "8000"
    os.environ.setdefault("IDP_PUBLIC_URL", f"https://localhost:{port}/")
    made = ensure(Settings.from_env(create_key=False).var / "tls")
    os.environ.setdefault("IDP_OUTBOUND_CA", str(made.authority))
    os.environ.setdefault("IDP_MTLS_CERTIFICATE", str(made.certificate))
    os.environ.setdefault("IDP_MTLS_KEY", str(made.key))
    second = int(port) + BETWEEN_PORTS if port.isdigit() else 0
    if "IDP_MTLS_PORT" not in os.environ and _free(second):
        os.environ["IDP_MTLS_PORT"] = str(second)
    return Certificate(made.certificate, made.key)


def _free(port: int) -> bool:
    """Whether nobody listens there."""
    from idp.processes.serving import listen

    try:
        listen(os.environ.get("IDP_BIND") or "127.0.0.1", port).close()
    except (OSError, OverflowError):
        return False
    return port > 0


def _welcome(printed: dict[str, Any], var: Path, *, tls: bool) -> str:
    from idp.operations.installation.kept import Kept
    from idp.operations.installation.samples import USER_EMAIL, USER_FILE

    issuer, admin = printed["issuer"], printed["admin"]
    sample = Kept(var, USER_FILE).password(USER_EMAIL)
    lines = [
        "",
        "  Gatehouse is running",
        "",
        f"  Welcome page        {issuer}",
        f"  Sample application  {issuer}dev/app/",
        f"  Mailbox             {issuer}dev/mailbox",
        f"  Account             {issuer}account",
        f"  Discovery           {issuer}.well-known/openid-configuration",
        "",
        f"  Sample user         {USER_EMAIL}  {sample or '(password not kept here)'}",
        f"  Administrator       {admin['email']}  {admin.get('password') or '(password not kept here)'}",
        f"  Management API      client id {printed['management']['client_id']}; secret: {command('init')}",
    ]
    if tls:
        authority = (var / "tls" / "ca.pem").absolute()
        names = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
        lines += [
            "",
            "  Applications trust the certificate with one of",
            *(f"    export {name}={authority}" for name in names),
        ]
    if "IDP_MTLS_PORT" in os.environ:
        second = f"https://{urlsplit(issuer).hostname}:{os.environ['IDP_MTLS_PORT']}/"
        lines += ["", f"  Client certificates {second}  (docs/deployment.md)"]
    return "\n".join([*lines, ""])
