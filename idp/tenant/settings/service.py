"""Use cases on tenants: make one, move it, change its settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from idp.foundation.kernel import clock, time_zones
from idp.foundation.kernel.documents import merged
from idp.foundation.kernel.errors import BadRequest, NotFound
from idp.foundation.kernel.events import DefaultDirectoryChosen, DeviceSignInChosen, FederationSet, TenantMoved
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.tenancy import domains
from idp.foundation.tenancy.configuration import own_audiences
from idp.foundation.tenancy.models import Tenant
from idp.foundation.tenancy.placing import root_of
from idp.foundation.tenancy.work import Work
from idp.tenant.settings import stored

PER_KEY = ("flags", "compatibility", "device_flow", "client_registration", "federation")
DIRECTORY, DEVICES = "default_directory", "webauthn_platform_first_factor"
HOURS = ("session_lifetime", "idle_session_lifetime", "ephemeral_session_lifetime", "idle_ephemeral_session_lifetime")


def host_of(url: str) -> str:
    """Host, with the port where the URL names one that is not its scheme's own: what the Host header carries."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    host = (parts.hostname or "").lower()
    if ":" in host:
        host = f"[{host}]"
    return host if parts.port in (None, default) else f"{host}:{parts.port}"


def place_of(url: str) -> str:
    """Where requests find the tenant at ``url``: its host, with the path behind where it has one."""
    return host_of(url) + root_of(url)


def find(session: Session, tenant_id: str) -> Tenant | None:
    """The tenant's row."""
    return session.get(Tenant, tenant_id)


def default(session: Session) -> Tenant | None:
    """The default tenant, once ``init`` made it."""
    return session.scalars(select(Tenant).where(Tenant.is_default)).first()


def create(session: Session, tenant_id: str, url: str, *, is_default: bool = False) -> Tenant:
    """A new tenant at ``url`` (with one trailing slash). Raises ValueError when the name or the place is taken."""
    host = place_of(url)
    taken = session.scalars(select(Tenant).where((Tenant.id == tenant_id) | (Tenant.host == host))).first()
    if taken is None:
        _refuse_custom_domains(session, url)
    if taken is not None:
        raise ValueError(f"tenant {taken.id} has that name or that address already")
    moment = clock.now_ms()
    tenant = Tenant(
        id=tenant_id,
        url=url,
        host=host,
        is_default=is_default,
        config_version=1,
        settings={},
        branding={},
        prompts={},
        attack_protection={},
        created_at=moment,
        updated_at=moment,
    )
    session.add(tenant)
    session.flush()
    return tenant


def move(work: Work, tenant: Tenant, url: str) -> None:
    """Give the tenant another URL (``IDP_PUBLIC_URL`` changed). Who listens lets whatever is derived from it follow.

    Raises ValueError when another tenant lives there.
    """
    work.rows.lock(tenant)
    host = place_of(url)
    taken = work.rows.scalars(select(Tenant.id).where(Tenant.host == host, Tenant.id != tenant.id)).first()
    if taken is not None:
        raise ValueError(f"{url} belongs to the tenant {taken} already.")
    _refuse_custom_domains(work.rows, url)
    old_url = tenant.url
    tenant.url, tenant.host, tenant.updated_at = url, host, clock.now_ms()
    tenant.config_version += 1
    work.rows.flush()
    work.emit(TenantMoved(old_url, url))


def _refuse_custom_domains(session: Session, url: str) -> None:
    """Raises ValueError where a tenant holds the host of ``url`` as a custom domain."""
    holder = domains.holder(session, host_of(url).partition(":")[0])
    if holder is not None:
        raise ValueError(f"{url} is a custom domain of the tenant {holder}.")


def settings(work: Work) -> dict[str, Any]:
    """The stored settings as they were sent."""
    return stored.opened(work, work.rows.get_one(Tenant, work.tenant_id))


def locked(work: Work) -> Tenant:
    """The tenant's row, which nobody else changes until the transaction ends: the last one that is locked.

    :raises NotFound: there is no such tenant any more.
    """
    tenant = work.rows.lock_one(Tenant, work.tenant_id)
    if tenant is None:
        raise NotFound("The tenant does not exist.")
    return tenant


def change(work: Work, column: str, document: dict[str, Any]) -> Tenant:
    """Replace one of the tenant's documents (``settings``, ``branding``, ``prompts``, ``attack_protection``)."""
    tenant = locked(work)
    setattr(tenant, column, document)
    tenant.updated_at = clock.now_ms()
    tenant.config_version += 1
    return tenant


def update_settings(work: Work, members: Mapping[str, Any]) -> dict[str, Any]:
    """Change some settings: ``flags``, ``compatibility`` and ``device_flow`` merge key by key, null restores the
    default. A lifetime in hours takes the place of the same one in minutes. Objects that nobody declared are sealed.
    Answers all settings.

    :raises BadRequest: the default directory is none of the tenant's connections, the default audience an API of our
        own, or the time zone none.
    """
    _check_default_audience(work, members.get("default_audience"))
    _check_time_zone(members.get("time_zone"))
    before = stored.opened(work, locked(work))
    for name in members.keys() & set(HOURS):
        before = {key: value for key, value in before.items() if key != f"{name}_in_minutes"}
    document = merged(before, _whole_hours(members), deep=PER_KEY)
    change(work, "settings", stored.sealed(work, document))
    if members.get(DIRECTORY):
        work.emit(DefaultDirectoryChosen(str(members[DIRECTORY])))
    if members.get("federation"):
        said = document["federation"]
        work.emit(FederationSet(bool(said.get("enabled")), said.get("trust_anchors") or ()))
    return document


def _check_default_audience(work: Work, audience: str | None) -> None:
    """Nobody means an API of our own by naming none (decision 0316), under whatever domain it is named."""
    if audience and any(audience in own_audiences(url) for url in work.urls()):
        raise BadRequest("An API of this service cannot be the default audience.", "invalid_body")


def _check_time_zone(name: str | None) -> None:
    if name and name not in time_zones.names():
        raise fault(BODY, f"There is no time zone {name}", "time_zone")


def update_prompts(work: Work, members: Mapping[str, Any]) -> Tenant:
    """Change some of Universal Login's switches; the next page obeys."""
    if members.get(DEVICES) and not getattr(work.config.prompts, DEVICES):
        work.emit(DeviceSignInChosen())  # before the tenant's row is locked, which is the last one
    before = locked(work).prompts
    return change(work, "prompts", merged(before, members))


def hours(value: float) -> float:
    """Whole hours are integers, as Auth0 answers them."""
    return int(value) if float(value).is_integer() else value


def _whole_hours(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: hours(value) if name in HOURS and value is not None else value for name, value in members.items()}
