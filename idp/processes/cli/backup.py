"""``idp backup``."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from idp.foundation.settings import Settings
from idp.processes.cli.process import command_settings, require_database

LOOK_S = 0.1
"""How often the progress bar looks at the size of what was written."""


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--elsewhere", is_flag=True, help="Something else made a copy just now: note that, and copy nothing.")
def backup(file: Path | None, elsewhere: bool) -> None:
    """Write a snapshot of the database to FILE, readable by you alone, while everything goes on.

    SQLite: a database file; put it back in place of the old one. Postgres: an archive for pg_restore. Keep
    IDP_SECRET_KEY with it: without the key no secret in it can be read.

    When it was made stands at the dashboard, and `idp doctor` warns where that is long ago. Let whatever else makes
    copies say `idp backup --elsewhere` afterwards.
    """
    if (file is None) is not elsewhere:
        raise click.UsageError("Name the FILE to write, or say --elsewhere.")
    if file is not None and file.exists():
        raise click.ClickException(f"{file} is there already; name another file.")
    settings = command_settings()
    require_database(settings, with_key=False)
    if file is not None:
        _copy(settings, file)
        click.echo(f"{file}  {_mib(file.stat().st_size)}", err=True)
    _note(settings, copied=file is not None)


def _copy(settings: Settings, file: Path) -> None:
    with _part(file) as part:
        if settings.sqlite_file is not None:
            _sqlite(settings.sqlite_file, part)
        else:
            _postgres(settings.database_url, part)
        _keep(part, file)


def _note(settings: Settings, *, copied: bool) -> None:
    """Say in the database when that was. A copy is one whether or not that can be said: its database may take no writes
    from here, or have the schema of an earlier version.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from idp.foundation.db.session import Database
    from idp.foundation.kernel.errors import StoreUnavailable
    from idp.tenant.settings import backups

    database = Database(settings.database_url)
    try:
        with database.system_session() as session:
            noted = backups.note(session)
    except (StoreUnavailable, SQLAlchemyError) as error:
        said = f"When it was made could not be noted in the database ({type(error).__name__})."
        if not copied:
            raise click.ClickException(said) from error
        click.echo(said, err=True)
        return
    finally:
        database.dispose()
    if not noted and not copied:
        raise click.ClickException("There is no default tenant yet, and so nothing to copy.")


@contextmanager
def _part(file: Path) -> Iterator[Path]:
    """An empty file beside ``file``, which is gone afterwards with whatever stands beside it, come what may; so is what
    a run that was killed left. Raises ClickException where none can be made.
    """
    for left in file.parent.glob(f".{file.name}.*.part*"):
        if not _runs(left.name.removeprefix(f".{file.name}.").partition(".")[0]):
            left.unlink(missing_ok=True)
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _stopped)
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:  # from here on, so that a signal right after the first byte leaves nothing either
        _make(part, file)
        yield part
    except OSError as error:
        raise click.ClickException(f"{file} can't be written: {error.strerror}.") from error
    finally:
        for left in (part, *(part.with_name(part.name + end) for end in ("-journal", "-wal", "-shm"))):
            with suppress(NotADirectoryError):
                left.unlink(missing_ok=True)


def _make(part: Path, file: Path) -> None:
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise click.ClickException(f"There is no folder {file.parent}.") from error


def _stopped(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def _runs(pid: str) -> bool:
    return pid.isdecimal() and Path(f"/proc/{pid}").exists()


def _keep(part: Path, file: Path) -> None:
    """Give the finished copy its name, once it is on the disk; never over a file that came meanwhile."""
    with part.open("rb") as written:
        os.fsync(written.fileno())
    try:
        os.link(part, file)
    except FileExistsError as error:
        raise click.ClickException(f"{file} is there already; name another file.") from error
    except OSError:  # a file system without links
        part.replace(file)


def _sqlite(source: Path, target: Path) -> None:
    """``VACUUM INTO``: one read transaction, so its time follows the size of the database and not what is written
    meanwhile; writers wait for nothing. The copy is checked before it gets its name.
    """
    reading = sqlite3.connect(
        f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=30, isolation_level=None, check_same_thread=False
    )
    try:
        size = _used(reading)
        _watched(lambda: reading.execute("VACUUM INTO ?", (str(target),)), reading.interrupt, target, size)
    except sqlite3.Error as error:
        raise click.ClickException(f"SQLite could not copy the database: {error}") from error
    finally:
        reading.close()
    answer = _check(target)
    if answer != "ok":
        raise click.ClickException(f"The copy is damaged: {answer}")


def _used(reading: sqlite3.Connection) -> int:
    """Bytes of the pages in use: about what the copy will have."""
    pages, free, size = (
        reading.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def _check(copy: Path) -> str:
    try:
        with sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro", uri=True) as read:
            return str(read.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        return str(error)


def _postgres(database_url: str, target: Path) -> None:
    """``pg_dump``, which reads one snapshot."""
    from sqlalchemy.engine import make_url

    program = shutil.which("pg_dump")
    if program is None:
        raise click.ClickException(
            "pg_dump is not installed here. Install Postgres' client programs, or use your platform's own backups."
        )
    url = make_url(database_url)
    password = {"PGPASSWORD": str(url.password)} if url.password else {}
    plain = url.set(drivername="postgresql", password=None).render_as_string()
    dump = subprocess.Popen(  # noqa: S603 - a program found on the PATH with arguments of our own
        [program, "--format=custom", "--no-owner", f"--file={target}", f"--dbname={plain}"],
        env={**os.environ, **password},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    said: list[str] = []
    try:
        _watched(lambda: said.append(dump.communicate()[1]), dump.terminate, target, None)
    finally:
        if dump.poll() is None:
            dump.kill()
            dump.wait()
    if dump.returncode != 0:
        raise click.ClickException(f"pg_dump failed: {' '.join(''.join(said).split())}")


def _watched(work: Callable[[], object], stop: Callable[[], object], target: Path, size: int | None) -> None:
    """Do ``work`` in a thread and show how much of ``size`` bytes ``target`` has; Ctrl-C stops it. Raises what it
    raises.
    """
    failed: list[Exception] = []

    def run() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - raised again below, in the thread that was asked
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        _show(thread, target, size)
    except BaseException:
        stop()
        thread.join()
        raise
    if failed:
        raise failed[0]


def _show(thread: threading.Thread, target: Path, size: int | None) -> None:
    """The progress bar; where the size is not known, how much there is."""
    if size is None:
        while thread.is_alive():
            thread.join(LOOK_S)
            if sys.stderr.isatty():
                click.echo(f"\rCopying  {_mib(target.stat().st_size)} ", err=True, nl=False)
        if sys.stderr.isatty():
            click.echo(err=True)
        return
    with click.progressbar(length=size, label="Copying", file=sys.stderr) as bar:
        while thread.is_alive():
            thread.join(LOOK_S)
            with suppress(FileNotFoundError):
                bar.update(max(0, min(target.stat().st_size, size) - bar.pos))
        bar.update(size - bar.pos)


def _mib(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MiB"
