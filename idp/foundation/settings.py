"""Settings of the process, read once from the environment (contract.md section 3). Tenant settings live in the
database.

``Settings.from_env()`` refuses unknown ``IDP_*`` names, malformed values and, in production, an unsafe set-up; each
refusal is a
:class:`SettingsError` whose text says what to do.
"""

from __future__ import annotations

import difflib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from idp.foundation.kernel.secrets import MIN_MASTER_KEY_BYTES

KNOWN = {
    "IDP_ENV": "`development` or `production`; default: production where the platform sets DYNO, else development",
    "IDP_BIND": "IP address to listen on; default 0.0.0.0 for `idp serve`, 127.0.0.1 for `idp dev`",
    "IDP_PUBLIC_URL": "public base URL of the default tenant; its issuer is exactly this with one trailing slash",
    "IDP_SECRET_KEY": "master key, 32 bytes or more; a comma list rotates, the first one writes",
    "IDP_ADMIN_EMAIL": "first administrator's address; default admin@example.com",
    "IDP_ADMIN_PASSWORD": "first administrator's password; generated in development",
    "IDP_TRUSTED_PROXIES": "how many reverse proxies to believe for X-Forwarded-*; default 1 where DYNO is set, else 0",
    "IDP_OUTBOUND_CA": "extra CA file for every outbound call",
    "IDP_OUTBOUND_ALLOW": "comma list of hosts, host:port or CIDRs that outbound calls may reach although they "
    "are private",
    "IDP_RATE_LIMITS": "`on` or `off` (benchmarks and conformance runs); never switches off the brute-force lockout",
    "IDP_METRICS": "`local` (only loopback peers), `on` or `off`",
}
OTHERS = {
    "PORT": "port to listen on; default 8000",
    "WEB_CONCURRENCY": "number of web worker processes; default by cores",
    "LOG_LEVEL": "debug, info, warning or error; default info",
    "DATABASE_URL": "SQLAlchemy URL; default sqlite:///var/idp.db; `?synchronous=FULL` on SQLite for power-loss safety",
    "REDIS_URL": "when set, rate limits, counters and waking the worker use it",
    "SMTP_URL": "smtp://user:pass@host:port or smtps://...; in development the mailbox at /dev/mailbox stands in",
}
DEVELOPMENT_ALLOW = ("localhost", "127.0.0.1", "::1")


class SettingsError(Exception):
    """The environment cannot be used; the message is for the operator."""


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
    redis_url: str | None
    secret_keys: tuple[str, ...]
    smtp_url: str | None
    admin_email: str
    admin_password: str | None
    trusted_proxies: int
    outbound_ca: str | None
    outbound_allow: tuple[str, ...]
    rate_limits: bool
    metrics: str
    var: Path

    @property
    def development(self) -> bool:
        """True in development."""
        return self.env == "development"

    @property
    def sqlite(self) -> bool:
        """True when the database is SQLite."""
        return self.database_url.startswith("sqlite")

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, *, create_key: bool = True) -> Settings:
        """Read and check the environment. ``create_key`` lets development make its master key under ``var/``."""
        env = os.environ if environ is None else environ
        _refuse_unknown(env)
        on_dyno = "DYNO" in env
        mode = _choice(env, "IDP_ENV", ("development", "production"), "production" if on_dyno else "development")
        port = _integer(env, "PORT", 8000, 1, 65535)
        var = Path("var")
        database_url = _database_url(env.get("DATABASE_URL") or "sqlite:///var/idp.db")
        if env.get("DATABASE_URL", "").startswith("sqlite:///"):
            var = Path(database_url.removeprefix("sqlite:///").partition("?")[0]).parent
        if not (env.get("DATABASE_URL") or mode == "production"):
            var.mkdir(mode=0o700, parents=True, exist_ok=True)
        given = bool(env.get("IDP_PUBLIC_URL"))
        allow = env.get("IDP_OUTBOUND_ALLOW")
        settings = cls(
            env=mode,
            bind=_address(env, "IDP_BIND"),
            port=port,
            web_concurrency=_integer(env, "WEB_CONCURRENCY", os.cpu_count() or 1, 1, 256),
            log_level=_choice(env, "LOG_LEVEL", ("debug", "info", "warning", "error"), "info"),
            public_url=checked_url(env.get("IDP_PUBLIC_URL") or f"http://localhost:{port}/", "IDP_PUBLIC_URL"),
            public_url_given=given,
            database_url=database_url,
            redis_url=env.get("REDIS_URL") or None,
            secret_keys=_secret_keys(env, mode, var, create_key=create_key),
            smtp_url=_smtp_url(env.get("SMTP_URL")),
            admin_email=env.get("IDP_ADMIN_EMAIL") or "admin@example.com",
            admin_password=env.get("IDP_ADMIN_PASSWORD") or None,
            trusted_proxies=_integer(env, "IDP_TRUSTED_PROXIES", 1 if on_dyno else 0, 0, 10),
            outbound_ca=_existing_file(env, "IDP_OUTBOUND_CA"),
            outbound_allow=tuple(w.strip() for w in allow.split(",") if w.strip())
            if allow is not None
            else (DEVELOPMENT_ALLOW if mode == "development" else ()),
            rate_limits=_choice(env, "IDP_RATE_LIMITS", ("on", "off"), "on") == "on",
            metrics=_choice(env, "IDP_METRICS", ("local", "on", "off"), "local"),
            var=var,
        )
        if mode == "production":
            _refuse_unsafe(settings, on_dyno)
        return settings


def _refuse_unknown(env: Mapping[str, str]) -> None:
    for name in env:
        if name.startswith("IDP_") and name not in KNOWN:
            near = difflib.get_close_matches(name, KNOWN, n=1, cutoff=0)
            raise SettingsError(f"{name} is not a setting of Gatehouse. Did you mean {near[0] if near else 'IDP_ENV'}?")


def _refuse_unsafe(settings: Settings, on_dyno: bool) -> None:
    problems = []
    if not settings.public_url_given or not settings.public_url.startswith("https://"):
        problems.append("IDP_PUBLIC_URL must be set to an https:// URL in production.")
    if not settings.rate_limits:
        problems.append("IDP_RATE_LIMITS=off is not allowed in production.")
    if on_dyno and settings.sqlite:
        problems.append("This platform's file system is not kept: set DATABASE_URL to a Postgres database.")
    if problems:
        raise SettingsError(" ".join(problems))


def _choice(env: Mapping[str, str], name: str, allowed: tuple[str, ...], default: str) -> str:
    value = (env.get(name) or default).lower()
    if value not in allowed:
        raise SettingsError(f"{name} must be one of {', '.join(allowed)}; it is {value!r}.")
    return value


def _integer(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    raw = env.get(name)
    if not raw:
        return default
    if not raw.isdecimal() or not low <= int(raw) <= high:
        raise SettingsError(f"{name} must be a whole number from {low} to {high}; it is {raw!r}.")
    return int(raw)


def _address(env: Mapping[str, str], name: str) -> str | None:
    raw = env.get(name)
    if not raw:
        return None
    try:
        return str(ip_address(raw.strip("[]")))
    except ValueError as error:
        raise SettingsError(f"{name} must be an IP address such as 127.0.0.1 or ::; it is {raw!r}.") from error


def checked_url(raw: str, name: str) -> str:
    """``raw`` as a base URL with one trailing slash. Raises SettingsError, which calls the value ``name``."""
    try:
        parts = urlsplit(raw)
        usable = parts.scheme in {"http", "https"} and parts.hostname and (parts.port or 1)
    except ValueError:
        usable = None
    if not usable or parts.username or parts.query or parts.fragment:
        raise SettingsError(f"{name} must look like https://login.example.com/; it is {raw!r}.")
    return raw.rstrip("/") + "/"


def _database_url(raw: str) -> str:
    for prefix in ("postgres://", "postgresql://"):
        if raw.startswith(prefix):
            return "postgresql+psycopg://" + raw.removeprefix(prefix)
    if not raw.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise SettingsError("DATABASE_URL must begin with sqlite:///, postgres:// or postgresql://.")
    return raw


def _smtp_url(raw: str | None) -> str | None:
    if not raw:
        return None
    if not raw.startswith(("smtp://", "smtps://")) or not urlsplit(raw).hostname:
        raise SettingsError("SMTP_URL must look like smtp://user:password@host:587 or smtps://host.")
    return raw


def _existing_file(env: Mapping[str, str], name: str) -> str | None:
    raw = env.get(name)
    if raw and not Path(raw).is_file():
        raise SettingsError(f"{name} names a file that is not there: {raw}")
    return raw or None


def _secret_keys(env: Mapping[str, str], mode: str, var: Path, *, create_key: bool) -> tuple[str, ...]:
    raw = env.get("IDP_SECRET_KEY")
    if raw:
        keys = tuple(part.strip() for part in raw.split(",") if part.strip())
        if not keys or any(len(key.encode()) < MIN_MASTER_KEY_BYTES for key in keys):
            raise SettingsError(
                f"IDP_SECRET_KEY must have {MIN_MASTER_KEY_BYTES} bytes or more (each key of a comma list)."
            )
        return keys
    if mode == "production":
        raise SettingsError(
            "IDP_SECRET_KEY is required in production: `python -c 'import secrets; print(secrets.token_urlsafe(48))'`."
        )
    return (development_key(var, create=create_key),)


def development_key(var: Path, *, create: bool) -> str:
    """The master key development keeps in ``var/secret.key`` (mode 600), made by the first process that needs it."""
    file = var / "secret.key"
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
