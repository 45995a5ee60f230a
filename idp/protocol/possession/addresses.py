"""Under which address a request was made, as its sender knows it: the tenant's own URL with the path that was asked
for, whatever proxies stand between. Nothing is believed of the Host header (security.md Q1).
"""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

from idp.foundation.tenancy.work import Work
from idp.foundation.web.exchange import Call
from idp.protocol.possession import dpop


def called(work: Work, call: Call, named: str) -> str:
    """The normal form of the address: below the issuer, or below the one for clients with certificates where ``named``
    is there.
    """
    path = call.path
    here = f"{_origin(work.config.issuer)}{path}"
    alias = alias_of(work)
    there = f"{_origin(alias)}{path}" if alias is not None else None
    if there is not None and dpop.normal(named) == dpop.normal(there):
        return dpop.normal(there) or there
    return dpop.normal(here) or here


def alias_of(work: Work) -> str | None:
    """The base URL at which clients come with certificates, with its slash (RFC 8705 5); None where there is none."""
    if not work.config.settings.mtls.enable_endpoint_aliases:
        return None
    issuer, given = work.config.issuer, work.platform.settings.mtls_url
    if given is not None and issuer == work.platform.settings.public_url:
        return given
    scheme, _, rest = issuer.partition("://")
    port = work.platform.settings.mtls_port
    if port is not None:
        parts = urlsplit(issuer)
        name = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        return f"https://{name}:{port}{parts.path}"
    return f"{scheme}://mtls.{rest}"


def of_endpoint(work: Work, path: str) -> set[str]:
    """The addresses of an endpoint below the issuer, as discovery names them: its own, and the one for clients with
    certificates. Clients put either into ``aud`` of what they sign.
    """
    return {f"{base}{path}" for base in (work.config.issuer, alias_of(work)) if base is not None}


@lru_cache(maxsize=1_024)
def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
