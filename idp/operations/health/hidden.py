"""What is said about settings, without the secrets among them."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote

MIN_HIDDEN_CHARS = 4


def without_secrets(line: str, environ: Mapping[str, str]) -> str:
    """The line without any secret of the environment: whoever is asked for it may repeat what they were given."""
    hidden = {environ.get("IDP_ADMIN_PASSWORD", ""), *environ.get("IDP_SECRET_KEY", "").split(",")}
    for name in ("DATABASE_URL", "DATABASE_REPLICA_URL", "REDIS_URL", "SMTP_URL", "IDP_PUBLIC_URL"):
        account = environ.get(name, "").partition("://")[2].rpartition("@")[0]
        password = account.partition(":")[2]
        hidden |= {password, unquote(password)}
    for secret in sorted((each.strip() for each in hidden), key=len, reverse=True):
        if len(secret) >= MIN_HIDDEN_CHARS:
            line = line.replace(secret, "***")
    return line
