"""Custom domains as requests meet them: which tenant answers under a host name that is not of its own URL.

A tenant answers under a name only once it proved to hold it; :mod:`idp.tenant.domains` sees to that (decision 0245).
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from idp.foundation.db.hot import HotConnection, Statement
from idp.foundation.tenancy.models import CustomDomain


class Domain(msgspec.Struct, frozen=True):
    """A custom domain that its tenant holds, as far as requests need it."""

    name: str
    is_default: bool
    client_ip_header: str | None
    proxy_key_hash: str | None
    relying_party_identifier: str | None

    def url(self, own: str) -> str:
        """Its address, where the tenant's own URL is ``own``: the same scheme and port, and no path."""
        parts = urlsplit(own)
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{self.name}{port}/"


_OF_TENANT = Statement(
    "custom_domains_of_tenant",
    select(
        CustomDomain.held.label("name"),
        CustomDomain.is_default,
        CustomDomain.client_ip_header,
        CustomDomain.proxy_key_hash,
        CustomDomain.relying_party_identifier,
    ).where(CustomDomain.tenant_id == bindparam("tenant"), CustomDomain.held.is_not(None)),
    row=Domain,
)
_TENANT_OF = Statement(
    "custom_domain_tenant", select(CustomDomain.tenant_id).where(CustomDomain.held == bindparam("name")), row=str
)


def of_tenant(hot: HotConnection, tenant_id: str) -> Mapping[str, Domain]:
    """The domains that the tenant holds, by name."""
    return {row.name: row for row in hot.all(_OF_TENANT, tenant=tenant_id)}


def tenant_of(hot: HotConnection, name: str) -> str | None:
    """The tenant that holds the host name ``name``."""
    return hot.one(_TENANT_OF, name=name)


def holder(session: Session, name: str) -> str | None:
    """The same on an ORM session, which sees its own tenant's entities alone: the table is asked."""
    table = CustomDomain.__table__.c
    return session.execute(select(table.tenant_id).where(table.held == name)).scalar()
