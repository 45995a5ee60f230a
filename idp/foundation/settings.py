"""Settings of the process, read once from the environment (contract.md section 3). Tenant settings live in the
database.

``Settings.from_env()`` refuses unknown ``IDP_*`` names, malformed values and, in production, an unsafe set-up: one
:class:`SettingsError` names everything that is wrong and says what to do.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qs

from idp.foundation.environment import Reading, SettingsError, checked_url, weak_key
from idp.foundation.kernel.secrets import MIN_MASTER_KEY_BYTES

__all__ = ["KNOWN", "OTHERS", "Settings", "SettingsError", "checked_url", "development_key"]

KNOWN = {
    "IDP_ENV": "`development` or `production`; default: production where the platform sets DYNO, else development",
    "IDP_BIND": "IP address to listen on; default 0.0.0.0 for `idp serve`, 127.0.0.1 for `idp dev`",
    "IDP_PUBLIC_URL": "public base URL of the default tenant, a path included; its issuer is exactly this with one "
    "trailing slash",
    "IDP_SECRET_KEY": "master key, 32 bytes or more; a comma list rotates, the first one writes",
    "IDP_ADMIN_EMAIL": "first administrator's address; default admin@example.com",
    "IDP_ADMIN_PASSWORD": "first administrator's password; generated in development",
    "IDP_TRUSTED_PROXIES": "how many reverse proxies to believe for X-Forwarded-*; default 1 where DYNO is set, else 0",
    "IDP_CLIENT_CERTIFICATE_HEADER": "header in which the proxy that ends TLS passes on the certificate of a client "
    "(RFC 8705), such as X-Client-Cert; unset: none is believed",
    "IDP_CLIENT_CERTIFICATE_PROXIES": "comma list of IP addresses or CIDRs of the proxies whose header counts; default "
    "127.0.0.0/8,::1",
    "IDP_CLIENT_CERTIFICATE_CA": "PEM file with the authorities that issue certificates for `tls_client_auth`",
    "IDP_MTLS_URL": "base URL of the default tenant for clients with certificates (`mtls_endpoint_aliases`); default "
    "its public URL at IDP_MTLS_PORT, or else with `mtls.` before the host",
    "IDP_MTLS_PORT": "a second port that asks clients for certificates itself, with no proxy in front; unset: none",
    "IDP_MTLS_CERTIFICATE": "PEM file with the certificate of that port, and those of the authorities in between",
    "IDP_MTLS_KEY": "PEM file with its private key",
    "IDP_OUTBOUND_CA": "extra CA file for every outbound call",
    "IDP_OUTBOUND_ALLOW": "comma list of hosts, host:port or CIDRs that outbound calls may reach although they "
    "are private",
    "IDP_NAMESERVERS": "comma list of IP addresses, with or without a port, of the DNS servers that are asked for the "
    "proofs of custom domains; default those of the system",
    "IDP_RATE_LIMITS": "`on` or `off` (benchmarks and conformance runs); never switches off the brute-force lockout",
    "IDP_BREACHED_PASSWORDS": "file with the list of breached passwords that `idp breached-passwords build` writes; "
    "default var/breached-passwords.list",
    "IDP_BREACHED_PASSWORDS_URL": "range service of breached passwords, asked where a tenant's method is `enhanced`, "
    "such as https://api.pwnedpasswords.com/range/; unset: none is asked",
    "IDP_IMPORT_MAX_BYTES": "bytes that the body of an import of users (`POST /jobs/users-imports`) may have; default "
    "512000, at most 1048576. `idp users import` takes files of any size",
    "IDP_HSM": "library of a hardware security module (PKCS #11) that makes and keeps signing keys; needs the extra "
    "pkcs11",
    "IDP_HSM_TOKEN": "label of the module's token; default gatehouse",
    "IDP_HSM_PIN": "PIN of its user",
    "IDP_METRICS": "`local` (only loopback peers), `on` or `off`",
}
OTHERS = {
    "PORT": "port to listen on; default 8000",
    "WEB_CONCURRENCY": "number of web worker processes; default by cores",
    "LOG_LEVEL": "debug, info, warning or error; default info",
    "DATABASE_URL": "SQLAlchemy URL; default sqlite:///var/idp.db; `?synchronous=FULL` on SQLite for power-loss safety",
    "DATABASE_REPLICA_URL": "a read replica of a Postgres database, for what may be a second old: the Management API's "
    "list of users, logs and statistics",
    "REDIS_URL": "when set, rate limits, counters and waking the worker use it",
    "SMTP_URL": "smtp://user:pass@host:port or smtps://...; in development the mailbox at /dev/mailbox stands in",
}
DEVELOPMENT_ALLOW = ("localhost", "127.0.0.1", "::1")
LOOPBACK = ("127.0.0.0/8", "::1/128")
DEFAULT_DATABASE = "sqlite:///var/idp.db"
KEY_FILE = "secret.key"
BREACHED_PASSWORDS = "breached-passwords.list"
SYNCHRONOUS = ("NORMAL", "FULL", "EXTRA")
_DRIVER = "postgresql+psycopg://"
_POSTGRES = ("postgres://", "postgresql://", _DRIVER)
_MAKE_A_KEY = "Make one with `python3 -c 'import secrets; print(secrets.token_urlsafe(48))'`."


@dataclass(frozen=True)
class Settings:
    """All that a process knows before it opens the database."""

    env: str
    bind: str | None
    port: int
    web_concurrency: int
    log_level: str
    public_url: str
    public_url_given: bool
    database_url: str
    replica_url: str | None
    redis_url: str | None
    secret_keys: tuple[str, ...]
    secret_key_given: bool
    smtp_url: str | None
    admin_email: str
    admin_password: str | None
    trusted_proxies: int
    outbound_ca: str | None
    pkcs11_module: str | None
    pkcs11_token: str
    pkcs11_pin: str | None
    outbound_allow: tuple[str, ...]
    nameservers: tuple[tuple[str, int], ...]
    rate_limits: bool
    metrics: str
    var: Path
    breached_passwords: Path
    breached_passwords_url: str | None
    import_max_bytes: int = 512_000
    client_certificate_header: str | None = None
    client_certificate_proxies: tuple[str, ...] = LOOPBACK
    client_certificate_ca: str | None = None
    mtls_url: str | None = None
    mtls_port: int | None = None
    mtls_certificate: str | None = None
    mtls_key: str | None = None

    @property
    def tells_certificates(self) -> bool:
        """Whether anything tells of clients' certificates: a port of our own, or a proxy."""
        return self.mtls_port is not None or self.client_certificate_header is not None

    @property
    def development(self) -> bool:
        """True in development."""
        return self.env == "development"

    @property
    def sqlite(self) -> bool:
        """True when the database is SQLite."""
        return self.database_url.startswith("sqlite")

    @property
    def sqlite_file(self) -> Path | None:
        """The file of an SQLite database."""
        return Path(_sqlite_path(self.database_url)) if self.sqlite else None

    @property
    def key_file(self) -> Path:
        """Where development keeps the master key that it made."""
        return self.var / KEY_FILE

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, *, create_key: bool = True) -> Settings:
        """Read and check the environment. With ``create_key`` what is not there yet is made: the folder of the default
        database, and the master key that development keeps in it.
        """
        reading = Reading(os.environ if environ is None else environ)
        reading.unknown("IDP_", KNOWN)
        on_dyno = "DYNO" in reading.env
        mode = reading.choice("IDP_ENV", ("development", "production"), "production" if on_dyno else "development")
        port = reading.integer("PORT", 8000, 1, 65535)
        database_url = _database_url(reading)
        var = Path("var")
        if reading.text("DATABASE_URL") and database_url.startswith("sqlite:///"):
            var = Path(_sqlite_path(database_url)).parent
        allow = reading.destinations("IDP_OUTBOUND_ALLOW")
        settings = cls(
            env=mode,
            bind=reading.address("IDP_BIND"),
            port=port,
            web_concurrency=reading.integer("WEB_CONCURRENCY", os.cpu_count() or 1, 1, 256),
            log_level=reading.choice("LOG_LEVEL", ("debug", "info", "warning", "error"), "info"),
            public_url=reading.base_url("IDP_PUBLIC_URL", f"http://localhost:{port}/"),
            public_url_given=bool(reading.text("IDP_PUBLIC_URL")),
            database_url=database_url,
            replica_url=_replica_url(reading, database_url),
            redis_url=reading.server("REDIS_URL", ("redis", "rediss", "unix"), "redis://localhost:6379/0"),
            secret_keys=_secret_keys(reading, mode),
            secret_key_given=bool(reading.text("IDP_SECRET_KEY")),
            smtp_url=reading.server("SMTP_URL", ("smtp", "smtps"), "smtp://user:password@host:587"),
            admin_email=reading.text("IDP_ADMIN_EMAIL") or "admin@example.com",
            admin_password=reading.text("IDP_ADMIN_PASSWORD"),
            trusted_proxies=reading.integer("IDP_TRUSTED_PROXIES", 1 if on_dyno else 0, 0, 10),
            outbound_ca=reading.file("IDP_OUTBOUND_CA"),
            pkcs11_module=reading.file("IDP_HSM"),
            pkcs11_token=reading.text("IDP_HSM_TOKEN") or "gatehouse",
            pkcs11_pin=reading.text("IDP_HSM_PIN"),
            outbound_allow=allow if allow is not None else (DEVELOPMENT_ALLOW if mode == "development" else ()),
            nameservers=reading.addresses("IDP_NAMESERVERS", 53),
            rate_limits=reading.choice("IDP_RATE_LIMITS", ("on", "off"), "on") == "on",
            metrics=reading.choice("IDP_METRICS", ("local", "on", "off"), "local"),
            var=var,
            breached_passwords=Path(reading.text("IDP_BREACHED_PASSWORDS") or var / BREACHED_PASSWORDS),
            breached_passwords_url=reading.base_url("IDP_BREACHED_PASSWORDS_URL", "") or None
            if reading.text("IDP_BREACHED_PASSWORDS_URL")
            else None,
            import_max_bytes=reading.integer("IDP_IMPORT_MAX_BYTES", 512_000, 1_000, 1024 * 1024),
            client_certificate_header=reading.header("IDP_CLIENT_CERTIFICATE_HEADER"),
            client_certificate_proxies=reading.networks("IDP_CLIENT_CERTIFICATE_PROXIES", LOOPBACK),
            client_certificate_ca=reading.file("IDP_CLIENT_CERTIFICATE_CA"),
            mtls_url=reading.base_url("IDP_MTLS_URL", "") if reading.text("IDP_MTLS_URL") else None,
            mtls_port=reading.integer("IDP_MTLS_PORT", 0, 1, 65535) or None,
            mtls_certificate=reading.file("IDP_MTLS_CERTIFICATE"),
            mtls_key=reading.file("IDP_MTLS_KEY"),
        )
        _check_second_port(reading, settings)
        if mode == "production":
            _refuse_unsafe(reading, settings, on_dyno)
        if create_key and not reading.problems and not reading.text("DATABASE_URL"):
            _make_folder(reading, var)
        if reading.problems:
            raise SettingsError(*reading.problems)
        if not settings.secret_keys:
            return replace(settings, secret_keys=(development_key(var, create=create_key),))
        return settings


def _check_second_port(reading: Reading, settings: Settings) -> None:
    """A port that asks for certificates has one of its own, and is not the first one."""
    if settings.mtls_port is None:
        return
    if settings.mtls_port == settings.port:
        reading.refuse("IDP_MTLS_PORT", "IDP_MTLS_PORT must be another port than PORT.")
    for name in ("IDP_MTLS_CERTIFICATE", "IDP_MTLS_KEY"):
        if reading.text(name) is None:
            reading.refuse(name, f"IDP_MTLS_PORT needs {name}, a file in PEM.")


def _refuse_unsafe(reading: Reading, settings: Settings, on_dyno: bool) -> None:
    secure = settings.public_url_given and settings.public_url.startswith("https://")
    if not secure and "IDP_PUBLIC_URL" not in reading.refused:
        reading.refuse("IDP_PUBLIC_URL", "IDP_PUBLIC_URL must be set to an https:// URL in production.")
    if settings.secret_keys and weak_key(settings.secret_keys[0]):
        reading.refuse("IDP_SECRET_KEY", f"IDP_SECRET_KEY is long, but easy to guess. {_MAKE_A_KEY}")
    if not settings.rate_limits:
        reading.refuse("IDP_RATE_LIMITS", "IDP_RATE_LIMITS=off is not allowed in production.")
    if on_dyno and settings.sqlite:
        reading.refuse(
            "DATABASE_URL", "This platform's file system is not kept: set DATABASE_URL to a Postgres database."
        )


def _database_url(reading: Reading) -> str:
    raw = reading.text("DATABASE_URL")
    if raw is None:
        return DEFAULT_DATABASE
    if raw.startswith("sqlite:///"):
        _check_file(reading, raw)
        return raw
    return _postgres_url(reading, "DATABASE_URL", raw, "sqlite:///, postgres:// or postgresql://") or DEFAULT_DATABASE


def _replica_url(reading: Reading, database_url: str) -> str | None:
    raw = reading.text("DATABASE_REPLICA_URL")
    if raw is None:
        return None
    if database_url.startswith("sqlite"):
        reading.refuse(
            "DATABASE_REPLICA_URL", "DATABASE_REPLICA_URL needs a DATABASE_URL of Postgres to be a replica of."
        )
        return None
    return _postgres_url(reading, "DATABASE_REPLICA_URL", raw, "postgres:// or postgresql://")


def _postgres_url(reading: Reading, name: str, raw: str, beginnings: str) -> str | None:
    """The URL with our driver; None where it is of something else."""
    bare = next((raw.removeprefix(prefix) for prefix in _POSTGRES if raw.startswith(prefix)), None)
    if bare is None:
        reading.refuse(name, f"{name} must begin with {beginnings}.")
        return None
    port = _PORT.match(_DRIVER + bare)
    if port is None or (port[1] is not None and not port[1].isdecimal()):
        reading.refuse(
            name,
            f"{name} can't be read; it must look like postgres://user:password@host:5432/name. In a user name or "
            "password, characters such as @ : / are written %40 %3A %2F.",
        )
    return _DRIVER + bare


_PORT = re.compile(r"[\w+]+://(?:[^:/]*(?::[^@]*)?@)?(?:\[[^/?]+\]|[^/:?]+)?(?::([^/?]*))?")
"""The port of a database's URL, as SQLAlchemy reads it: all that it refuses. A worker that rests does without it."""


def _check_file(reading: Reading, url: str) -> None:
    folder = Path(_sqlite_path(url)).parent
    if not folder.is_dir():
        reading.refuse("DATABASE_URL", f"DATABASE_URL names a file in a folder that is not there: {folder}")
    elif not os.access(folder, os.W_OK | os.X_OK):
        reading.refuse("DATABASE_URL", f"DATABASE_URL names a file in a folder that can't be written to: {folder}")
    wanted = parse_qs(url.partition("?")[2]).get("synchronous", ["NORMAL"])[0].upper()
    if wanted not in SYNCHRONOUS:
        reading.refuse("DATABASE_URL", f"DATABASE_URL: synchronous must be one of {', '.join(SYNCHRONOUS)}.")


def _sqlite_path(url: str) -> str:
    return url.removeprefix("sqlite:///").partition("?")[0]


def _make_folder(reading: Reading, folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        reading.refuse("DATABASE_URL", f"The folder {folder}/ for the database can't be made here: {error.strerror}.")


def _secret_keys(reading: Reading, mode: str) -> tuple[str, ...]:
    """The master keys; none where development makes its own."""
    raw = reading.text("IDP_SECRET_KEY")
    if raw is None:
        if mode == "production":
            reading.refuse("IDP_SECRET_KEY", f"IDP_SECRET_KEY is required in production. {_MAKE_A_KEY}")
        return ()
    keys = tuple(part.strip() for part in raw.split(",") if part.strip())
    if not keys or any(len(key.encode()) < MIN_MASTER_KEY_BYTES for key in keys):
        reading.refuse(
            "IDP_SECRET_KEY",
            f"IDP_SECRET_KEY must have {MIN_MASTER_KEY_BYTES} bytes or more (each key of a comma list).",
        )
        return ()
    return keys


def development_key(var: Path, *, create: bool) -> str:
    """The master key development keeps in ``var/secret.key`` (mode 600), made by the first process that needs it."""
    file = var / KEY_FILE
    if not file.exists():
        if not create:
            return secrets.token_urlsafe(48)
        var.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = var / f".secret.key.{os.getpid()}.{secrets.token_hex(4)}"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as handle:
            handle.write(secrets.token_urlsafe(48))
        try:
            os.link(fresh, file)
        except FileExistsError:
            pass  # another process made it first; both use the one that is there
        finally:
            fresh.unlink()
    return file.read_text(encoding="ascii").strip()
