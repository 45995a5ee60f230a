"""Whose a request is, by host and path: a tenant lives at ``https://login.example.com/`` or below a path,
``https://example.com/auth/`` (decision 0108).

Everything behind :class:`Placed` sees paths as if the tenant had the host for itself; what leads out is built by
:meth:`idp.foundation.tenancy.configuration.Configuration.href`.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Collection, Iterable
from typing import Any
from urllib.parse import urlsplit

import structlog

from idp.foundation.environment import MAX_PATH_SEGMENTS, RESERVED, is_segment
from idp.foundation.kernel.errors import StoreUnavailable
from idp.foundation.kernel.secrets import digest, equal
from idp.foundation.tenancy.configuration import Configuration
from idp.foundation.tenancy.domains import Domain

Environ = dict[str, Any]
Resolve = Callable[[str, str], Configuration | None]
"""(Host header, path) -> the tenant."""
FOUND = "gatehouse.configuration"
"""Where the tenant stands in the environment of a request; None for an address of no tenant."""
PROXY_KEY = "HTTP_CNAME_API_KEY"
"""Where the proxy of a custom domain with certificates of its own proves itself, as Auth0's does."""
WELL_KNOWN = "/.well-known/"
log = structlog.get_logger(__name__)
INSERTED = frozenset({"oauth-authorization-server", "openid-configuration", "ssf-configuration"})
"""Well-known documents that are also asked for at the root of the host, with the issuer's path behind their name (RFC
8414 3.1, OpenID SSF 1.0 7.2).
"""


def places(host: str, path: str) -> list[str]:
    """Where a tenant that answers ``path`` may live, the longest first: the host alone, or with segments of the path
    that are none of the product's own.
    """
    found = [host]
    for segment in path.split("/")[1 : MAX_PATH_SEGMENTS + 1]:
        if segment in RESERVED or not is_segment(segment):
            break
        found.append(f"{found[-1]}/{segment}")
    return found[::-1]


def covers(path: str, root: str) -> bool:
    """Whether the tenant at ``root`` (``""`` or ``/auth``) answers ``path``: what is below it, and the address without
    the last slash.
    """
    return below(path, root) is not None or path == root


def below(path: str, root: str) -> str | None:
    """The rest of ``path`` below ``root`` (``""`` or ``/auth``), with its slash; None where it is not below it."""
    rest = path.removeprefix(root)
    return rest if path.startswith(root) and rest.startswith("/") else None


def document(path: str, names: Collection[str]) -> tuple[str, str] | None:
    """(path of the issuer, path of the document) where ``path`` asks for one of the well-known documents ``names``, at
    the root of the host or below an issuer's path.
    """
    if path in names:
        return "", path
    if WELL_KNOWN not in path:
        return None
    root, _, name = path.partition(WELL_KNOWN)
    place = well_known(path) if not root else (root, f"{WELL_KNOWN}{name}")
    return place if place is not None and place[1] in names else None


def well_known(path: str) -> tuple[str, str] | None:
    """(path of the issuer, path of the document) for a document asked for at the root of the host; None for other
    paths.
    """
    if not path.startswith(WELL_KNOWN):
        return None
    name, slash, issuer = path.removeprefix(WELL_KNOWN).partition("/")
    return (f"/{issuer.rstrip('/')}", f"{WELL_KNOWN}{name}") if slash and name in INSERTED and issuer else None


class Placed:
    """Finds the tenant of each request and takes the path of its URL off, as WSGI has it: ``SCRIPT_NAME`` is the
    tenant's path, ``PATH_INFO`` the rest.
    """

    def __init__(
        self, app: Any, resolve: Resolve, *, public_url: str, untouched: frozenset[str], hops: int = 0
    ) -> None:
        self._app = app
        self._resolve = resolve
        self._public_root = root_of(public_url)
        self._untouched = untouched
        self._hops = hops

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """WSGI."""
        path = environ.get("SCRIPT_NAME", "") + environ["PATH_INFO"]
        if path not in self._untouched:
            root = self._place(environ, path)
            if root and path == root:
                start_response("308 Permanent Redirect", _to_slash(root, environ.get("QUERY_STRING", "")))
                return [b""]
        answer: Iterable[bytes] = self._app(environ, start_response)
        return answer

    def _place(self, environ: Environ, path: str) -> str:
        """Tell the application where it is asked; answers the tenant's path."""
        inserted = well_known(path)
        asked = f"{inserted[0]}{inserted[1]}" if inserted else path
        try:
            found = self._resolve(environ.get("HTTP_HOST", ""), asked)
            environ[FOUND] = found
            if found is not None and found.domain is not None:
                _believe(environ, found.domain, self._hops)
            root = found.root if found else ""
        except StoreUnavailable as error:
            # an endpoint that needs the tenant looks again, and says so in its own words; health checks never ask
            log.warning("the tenant of a request could not be looked up", detail=error.detail, path=path)
            root = self._public_root
        except Exception:
            log.exception("the tenant of a request could not be looked up", path=path)
            root = self._public_root
        rest = below(asked, root)
        if rest is None or (inserted and inserted != (root, rest)):
            environ["SCRIPT_NAME"], environ["PATH_INFO"] = "", path
        else:
            environ["SCRIPT_NAME"], environ["PATH_INFO"] = root, rest
        return root


def _believe(environ: Environ, domain: Domain, hops: int) -> None:
    """The address of the client as the proxy of a custom domain tells it, where the request carries the key that
    :func:`idp.tenant.domains.service.verify` gave out for that proxy; nobody else is believed (security.md Q2).

    ``hops``: proxies of our own behind it, each of which put an address behind that of the one before.
    """
    key = environ.get(PROXY_KEY)
    if not key or domain.proxy_key_hash is None or not equal(digest(key), domain.proxy_key_hash):
        return
    said = environ.get(f"HTTP_{(domain.client_ip_header or '').upper().replace('-', '_')}", "").split(",")
    try:
        environ["REMOTE_ADDR"] = str(ipaddress.ip_address(said[-1 - hops if len(said) > 1 else 0].strip()))
    except (ValueError, IndexError):
        log.warning("the proxy of a custom domain names no address of a client", domain=domain.name)


def _to_slash(root: str, query: str) -> list[tuple[str, str]]:
    """Headers that lead from ``/auth`` to ``/auth/``, as servers do for folders. Nothing of it is the request's own but
    the query, and nobody keeps it: the tenant may move.
    """
    target = f"{root}/?{query}" if query else f"{root}/"
    return [("Location", target), ("Cache-Control", "no-store"), ("Content-Length", "0")]


def root_of(url: str) -> str:
    """Path of a tenant's URL without its trailing slash: nothing, or ``/auth``."""
    return urlsplit(url).path.rstrip("/")
