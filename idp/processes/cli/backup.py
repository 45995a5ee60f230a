"""``idp backup``."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import click

from idp.processes.cli.process import command_settings

PAGES_A_STEP = 2_000


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write a snapshot of the database to FILE, readable by you alone, while everything goes on.

    SQLite: a database file; put it back in place of the old one. Postgres: an archive for pg_restore. Keep
    IDP_SECRET_KEY with it: without the key no secret in it can be read.
    """
    if file.exists():
        raise click.ClickException(f"{file} is there already; name another file.")
    settings = command_settings(create_key=False)
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        if settings.sqlite:
            _sqlite(Path(settings.database_url.removeprefix("sqlite:///").partition("?")[0]), part)
        else:
            _postgres(settings.database_url, part)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    click.echo(f"{file}  {file.stat().st_size / 1024 / 1024:.1f} MiB", err=True)


def _sqlite(source: Path, target: Path) -> None:
    """SQLite's online backup: a consistent copy, however much is written meanwhile."""
    if not source.is_file():
        raise click.ClickException(f"There is no database at {source}.")
    reading = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=30)
    writing = sqlite3.connect(target)
    try:
        with click.progressbar(length=1, label="Copying", file=sys.stderr) as bar:
            done = 0

            def progress(_status: int, remaining: int, total: int) -> None:
                nonlocal done
                bar.length = total
                bar.update(total - remaining - done)
                done = total - remaining

            reading.backup(writing, pages=PAGES_A_STEP, progress=progress, sleep=0.01)
        answer = writing.execute("PRAGMA integrity_check").fetchone()[0]
        if answer != "ok":
            raise click.ClickException(f"The copy is damaged: {answer}")
    except sqlite3.Error as error:
        raise click.ClickException(f"SQLite could not copy the database: {error}") from error
    finally:
        writing.close()
        reading.close()


def _postgres(database_url: str, target: Path) -> None:
    from sqlalchemy.engine import make_url

    program = shutil.which("pg_dump")
    if program is None:
        raise click.ClickException(
            "pg_dump is not installed here. Install Postgres' client programs, or use your platform's own backups."
        )
    url = make_url(database_url)
    password = {"PGPASSWORD": str(url.password)} if url.password else {}
    plain = url.set(drivername="postgresql", password=None).render_as_string()
    done = subprocess.run(  # noqa: S603 - a program found on the PATH with arguments of our own
        [program, "--format=custom", "--no-owner", f"--file={target}", f"--dbname={plain}"],
        env={**os.environ, **password},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise click.ClickException(f"pg_dump failed: {done.stderr.strip()}")
