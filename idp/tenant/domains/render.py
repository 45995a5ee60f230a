"""Custom domains as the Management API shows them."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET

from idp.foundation.kernel import clock
from idp.foundation.tenancy.models import CustomDomain
from idp.foundation.tenancy.work import Work
from idp.tenant.domains import service
from idp.tenant.domains.schemas import DefaultView, DomainView, MethodView, VerificationView

READY = "ready"
PENDING = "pending_verification"


def view(work: Work, row: CustomDomain, proxy_key: str | None = None) -> DomainView:
    """A domain; ``proxy_key`` where it was just made."""
    self_managed = row.type == service.SELF_MANAGED
    return DomainView(
        custom_domain_id=row.id,
        domain=row.domain,
        primary=row.held is not None,
        is_default=row.is_default,
        status=READY if row.held else PENDING,
        type=row.type,
        verification=_verification(work, row),
        created_at=clock.iso(row.created_at),
        origin_domain_name=work.config.own_host if self_managed and row.held else UNSET,
        custom_client_ip_header=row.client_ip_header,
        tls_policy=row.tls_policy or UNSET,
        domain_metadata=row.domain_metadata or UNSET,
        relying_party_identifier=row.relying_party_identifier or UNSET,
        cname_api_key=proxy_key or UNSET,
    )


def default_view(work: Work, row: CustomDomain | None) -> DefaultView:
    """The default domain; None is the tenant's own host."""
    if row is None:
        return DefaultView(domain=work.config.own_host)
    shown: dict[str, Any] = msgspec.structs.asdict(view(work, row))
    del shown["cname_api_key"]
    return DefaultView(**shown)


def _verification(work: Work, row: CustomDomain) -> VerificationView:
    failed = row.problem is not None and row.held is None
    return VerificationView(
        methods=[MethodView(name=each.kind, record=each.value, domain=each.name) for each in service.proofs(work, row)],
        status="verified" if row.held else "failed" if failed else "pending",
        error_msg=row.problem or UNSET,
        last_verified_at=UNSET if row.verified_at is None else clock.iso(row.verified_at),
    )
