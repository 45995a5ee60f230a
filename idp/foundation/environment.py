"""Reads the environment: every value by its kind, and everything that is wrong with any of them.

A :class:`Reading` answers something usable for a value it refuses, so that one look names all problems at once. What it
says holds no value that may be, or may hold, a secret.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections import Counter
from collections.abc import Collection, Mapping
from itertools import pairwise
from math import log2
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

MIN_KEY_BITS = 64
"""Below this a master key of 32 bytes is a pattern or a word: 32 random letters have more than 130."""
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?(?::[0-9]{1,5})?")
_SEGMENT = re.compile(r"[A-Za-z0-9._~-]+")
MAX_PATH_SEGMENTS = 3
MAX_PLACE_CHARS = 255


class SettingsError(Exception):
    """The environment cannot be used; ``problems`` are for the operator, one line each."""

    def __init__(self, *problems: str) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


class Reading:
    """One look at an environment. ``problems`` grows as values are read; ``refused`` are their names."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = env
        self.problems: list[str] = []
        self.refused: set[str] = set()

    def text(self, name: str) -> str | None:
        """The value; None where it is empty or not set."""
        return self.env.get(name) or None

    def refuse(self, name: str, problem: str) -> None:
        """Something is wrong with the value of ``name``; ``problem`` is the whole line."""
        self.problems.append(problem)
        self.refused.add(name)

    def unknown(self, prefix: str, known: Collection[str]) -> None:
        """Names that begin with ``prefix`` and are none."""
        for name in self.env:
            if name.startswith(prefix) and name not in known:
                import difflib  # for whoever mistyped a name

                near = difflib.get_close_matches(name, known, n=1, cutoff=0)
                self.refuse(name, f"{name} is not a setting of Gatehouse. Did you mean {near[0]}?")

    def choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        """One of a few words."""
        value = (self.text(name) or default).lower()
        if value not in allowed:
            self.refuse(name, f"{name} must be one of {', '.join(allowed)}.")
            return default
        return value

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number within limits."""
        raw = self.text(name)
        if raw is None:
            return default
        if not (raw.isascii() and raw.isdigit()) or not low <= int(raw[:12]) <= high:
            self.refuse(name, f"{name} must be a whole number from {low} to {high}.")
            return default
        return int(raw)

    def address(self, name: str) -> str | None:
        """An IP address; None where it is not set."""
        raw = self.text(name)
        if raw is None:
            return None
        try:
            return str(ipaddress.ip_address(raw.strip("[]")))
        except ValueError:
            self.refuse(name, f"{name} must be an IP address such as 127.0.0.1 or ::.")
            return None

    def addresses(self, name: str, port: int) -> tuple[tuple[str, int], ...]:
        """A comma list of IP addresses, each with a port behind it or ``port``; empty where it is not set."""
        found: list[tuple[str, int]] = []
        for word in filter(None, map(str.strip, (self.text(name) or "").split(","))):
            parts = _split(f"//{word}" if word.count(":") < 2 or word.startswith("[") else f"//[{word}]")
            try:
                found.append((str(ipaddress.ip_address((parts.hostname if parts else None) or "")), parts.port or port))  # type: ignore[union-attr]
            except ValueError:
                self.refuse(name, f"{name}: {word!r} is no IP address such as 192.0.2.53 or [2001:db8::53]:5353.")
        return tuple(found)

    def networks(self, name: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """A comma list of IP addresses and CIDRs, as CIDRs."""
        found: list[str] = []
        for word in filter(None, map(str.strip, (self.text(name) or "").split(","))):
            try:
                found.append(str(ipaddress.ip_network(word)))
            except ValueError:
                self.refuse(name, f"{name}: {word!r} is no IP address or CIDR such as 10.0.0.0/8.")
        return tuple(found) or default

    def header(self, name: str) -> str | None:
        """The name of an HTTP header; None where it is not set."""
        raw = self.text(name)
        if raw is None or re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,63}", raw):
            return raw
        self.refuse(name, f"{name} must be the name of a header such as X-Client-Cert.")
        return None

    def file(self, name: str) -> str | None:
        """A file that is there, and that this process may read."""
        raw = self.text(name)
        if raw is not None and not (os.access(raw, os.R_OK) and Path(raw).is_file()):
            self.refuse(name, f"{name} names a file that is not there, or that may not be read: {raw}")
            return None
        return raw

    def base_url(self, name: str, default: str) -> str:
        """An http or https URL with one trailing slash."""
        try:
            return checked_url(self.text(name) or default, name)
        except SettingsError as error:
            self.refuse(name, str(error))
            return default

    def server(self, name: str, schemes: tuple[str, ...], example: str) -> str | None:
        """The URL of a server of one of ``schemes``, with or without user and password."""
        raw = self.text(name)
        if raw is None:
            return None
        problem = _server_problem(raw, schemes, example)
        if problem is None:
            return raw
        self.refuse(name, f"{name} {problem}")
        return None

    def destinations(self, name: str) -> tuple[str, ...] | None:
        """A comma list of hosts, ``host:port`` or CIDRs; None where it is not set."""
        raw = self.env.get(name)
        if raw is None:
            return None
        entries = tuple(word.strip() for word in raw.split(",") if word.strip())
        for entry in entries:
            if not _destination(entry):
                self.refuse(name, f"{name}: {entry!r} is no host, host:port or CIDR such as 10.0.0.0/8.")
        return entries


def checked_url(raw: str, name: str) -> str:
    """``raw`` as a base URL with one trailing slash. Raises SettingsError, which calls the value ``name``.

    Its path has up to three plain segments: it is compared letter by letter with the paths of requests, and stands in
    cookies.
    """
    parts = _split(raw)
    if (
        parts is None
        or parts.scheme not in {"http", "https"}
        or parts.username is not None
        or parts.query
        or parts.fragment
        or raw.endswith(("?", "#"))
        or any(not 0x21 <= ord(char) <= 0x7E for char in raw)
    ):
        raise SettingsError(f"{name} must look like https://login.example.com/ or https://example.com/auth/.")
    segments = parts.path.strip("/").split("/") if parts.path.strip("/") else []
    if len(segments) > MAX_PATH_SEGMENTS or not all(map(is_segment, segments)):
        raise SettingsError(
            f"{name}: the path may have up to {MAX_PATH_SEGMENTS} parts of letters, digits and . _ ~ -, "
            "as in https://example.com/auth/."
        )
    own = next((segment for segment in segments if segment in RESERVED), None)
    if own is not None:  # also further down: below a tenant at /auth/, /auth/login/ is a page of that tenant
        raise SettingsError(f"{name}: no part of the path can be {own}, which is one of Gatehouse's own.")
    if len(parts.netloc) + len(parts.path) > MAX_PLACE_CHARS:
        raise SettingsError(f"{name} is too long.")
    return f"{parts.scheme}://{parts.netloc}/" + "".join(f"{each}/" for each in segments)


RESERVED = frozenset(
    {
        ".well-known",
        "account",
        "activate",
        "admin",
        "api",
        "approve",
        "authorize",
        "avatars",
        "bc-authorize",
        "co",
        "connected-accounts",
        "continue",
        "client",
        "dbconnections",
        "device",
        "delegation",
        "dev",
        "exports",
        "extensions",
        "favicon.ico",
        "healthz",
        "login",
        "logout",
        "me",
        "metrics",
        "mfa",
        "oauth",
        "oidc",
        "passkey",
        "passwordless",
        "pictures",
        "readyz",
        "robots.txt",
        "samlp",
        "scim",
        "ssf",
        "static",
        "tokeninfo",
        "u",
        "user",
        "users",
        "userinfo",
        "v2",
        "wsfed",
    }
)
"""First segments of the product's own paths (contract.md section 4): no tenant lives below one of them, so that a path
says whose it is without a look at the store. A test holds them against the routes.
"""


def is_segment(text: str) -> bool:
    """Whether a tenant's path may have this part."""
    return _SEGMENT.fullmatch(text) is not None and text not in {".", ".."}


def _split(raw: str) -> SplitResult | None:
    """The parts of a URL with a host and a sound port; None for anything else."""
    try:
        parts = urlsplit(raw)
        return parts if parts.hostname and (parts.port is None or 0 < parts.port < 65536) else None
    except ValueError:
        return None


def _server_problem(raw: str, schemes: tuple[str, ...], example: str) -> str | None:
    scheme = raw.partition("://")[0].lower()
    if "://" not in raw or scheme not in schemes:
        return f"must begin with {' or '.join(f'{each}://' for each in schemes)}, as in {example}."
    if "#" in raw:
        return "holds a '#', which ends a URL: in a user name or password it is written %23."
    if scheme == "unix":
        return None
    if scheme == "rediss" and re.search(r"[?&]ssl_(cert_reqs|check_hostname)=", raw, re.IGNORECASE):
        return "can't switch the check of the certificate off; IDP_OUTBOUND_CA names an authority of your own."
    parts = _split(raw)
    if parts is None or parts.netloc.count("@") > 1 or "@" in parts.path:
        return (
            f"can't be read; it must look like {example}. In a user name or password, characters such as @ : / ? are "
            "written %40 %3A %2F %3F."
        )
    return None


def _destination(entry: str) -> bool:
    if "/" in entry:
        return _network(entry)
    bare = entry[1:].partition("]")[0] if entry.startswith("[") else entry
    try:
        ipaddress.ip_address(bare)
    except ValueError:
        return bool(_HOST.fullmatch(entry)) and not _like_an_address(entry)
    return True


def _network(entry: str) -> bool:
    try:
        ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return False
    return True


def _like_an_address(entry: str) -> bool:
    """Digits and dots that are no address after all, such as 10.0.0.300."""
    host = entry.partition(":")[0]
    if not re.fullmatch(r"[0-9.]+", host):
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return True
    return False


def weak_key(key: str) -> bool:
    """Whether a master key is easier to guess than its length says: one character or word again and again, a run of the
    alphabet, a few characters only.
    """
    unit = key[: _period(key)]
    steps = [ord(b) - ord(a) for a, b in pairwise(unit)]
    foreseen = sum(1 for before, step in pairwise(steps) if step == before)
    counts = Counter(unit).values()
    entropy = -sum(count / len(unit) * log2(count / len(unit)) for count in counts)
    return entropy * (len(unit) - foreseen) < MIN_KEY_BITS


def _period(text: str) -> int:
    """Length of the shortest beginning that the text repeats."""
    return next(n for n in range(1, len(text) + 1) if all(text[i] == text[i - n] for i in range(n, len(text))))
