"""Opens what a web process needs, in the right order around the fork, for ``idp serve`` and ``idp dev``."""

from __future__ import annotations

import errno
import socket
from typing import Any

import click

from idp.foundation.settings import Settings
from idp.foundation.tenancy.work import Platform
from idp.operations import installation
from idp.processes.rehearsal import rehearse
from idp.processes.wsgi import parts
from idp.wiring import wire


def listener(host: str, port: int, setting: str = "PORT") -> socket.socket:
    """The listening socket for the port of ``setting``. Raises ClickException where it is taken."""
    from idp.processes.serving import listen

    try:
        return listen(host, port)
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            raise click.ClickException(f"{host} is no address of this machine. IDP_BIND names another one.") from error
        raise click.ClickException(
            f"Port {port} can't be used: {error.strerror}. {setting} names another one."
        ) from error


def doorway(host: str, settings: Settings) -> Any:
    """What opens the second listening socket in a worker, for clients with certificates; None where IDP_MTLS_PORT is
    not set. Raises ClickException where the port is taken or the server's certificate can't be read.
    """
    if settings.mtls_port is None:
        return None
    from idp.processes import certified

    listening = listener(host, settings.mtls_port, "IDP_MTLS_PORT")
    try:
        return certified.Doorway(listening, settings)
    except (OSError, ValueError) as problem:
        listening.close()
        raise click.ClickException(f"IDP_MTLS_PORT can't be served: {problem}.") from problem


def prepare(settings: Settings) -> None:
    """Schema and default tenant, with connections that are closed before anything forks."""
    wire()
    platform = Platform.open(settings)
    try:
        installation.prepare(platform)
    finally:
        platform.db.dispose()


def install(settings: Settings) -> dict[str, Any]:
    """The same with administrator and samples, for development."""
    wire()
    platform = Platform.open(settings)
    try:
        return installation.install(platform)
    finally:
        platform.db.dispose()


def serve(
    listening: socket.socket,
    settings: Settings,
    *,
    workers: int,
    certificate: Any = None,
    doorway: Any = None,
    with_jobs: bool = False,
    with_worker: bool = False,
) -> None:
    """Serve until told to stop. The application is put together here, once; its workers open their own connections.

    ``with_jobs`` runs the background jobs beside the web server in its (only) worker, ``with_worker`` in a process of
    their own, which shares what is loaded here.
    """
    from idp.processes import serving
    from idp.processes import worker as jobs_alone

    if settings.redis_url:
        import redis  # noqa: F401 - imported before the fork, so that the workers share it
    platform = Platform.open(settings)
    built = parts(platform)
    rehearse(built.whole, platform)  # and closes what it opened: each process opens its own

    def opened() -> serving.Opened:
        jobs = _jobs(platform) if with_jobs else None

        def close() -> None:
            from idp.tenant.audit.log import batch

            if jobs is not None:
                jobs.stop()
            batch.close()
            platform.db.dispose()

        return built, close

    def work() -> None:
        jobs_alone.work(platform)

    beside = work if with_worker else None
    serving.serve(listening, settings, opened, workers=workers, certificate=certificate, beside=beside, doorway=doorway)


def _jobs(platform: Platform) -> Any:
    from idp.processes.worker import Jobs

    jobs = Jobs(platform)
    jobs.start()
    return jobs
