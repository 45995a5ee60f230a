"""Use cases on custom domains: write one down, prove it, choose the default, drop it (decision 0245)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import or_, select

from idp.foundation import egress
from idp.foundation.kernel import clock, ids, strict_json
from idp.foundation.kernel.errors import BadRequest, Conflict, NotFound
from idp.foundation.kernel.events import RelyingPartyLeft
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.kernel.secrets import digest
from idp.foundation.tenancy import documents
from idp.foundation.tenancy.domains import Domain, tenant_of
from idp.foundation.tenancy.models import CustomDomain, Tenant
from idp.foundation.tenancy.work import Work
from idp.tenant.audit import log
from idp.tenant.domains import names
from idp.tenant.domains.log_types import DomainLog
from idp.tenant.domains.names import Record
from idp.tenant.domains.resolver import Dns, NoAnswer, Resolver

MOST: Final = 20
"""Custom domains that a tenant may have, as Auth0's largest plans."""
SELF_MANAGED: Final = "self_managed_certs"
CONFLICT: Final = "custom_domain_conflict"
_COLUMNS: Final = {
    "tls_policy": "tls_policy",
    "custom_client_ip_header": "client_ip_header",
    "relying_party_identifier": "relying_party_identifier",
}
"""Member of the API -> column, of what a PATCH replaces."""


@dataclass(frozen=True)
class Verified:
    """What a verification came to. ``proxy_key`` is told once: what the proxy in front of a domain with certificates of
    its own says, to be believed about addresses of clients.
    """

    row: CustomDomain
    proxy_key: str | None = None


@dataclass(frozen=True)
class Tried:
    """Whether the domain leads here now; ``message`` says what it does instead."""

    success: bool
    message: str | None = None


def every(work: Work) -> list[CustomDomain]:
    """The tenant's domains, the oldest first."""
    return list(work.rows.scalars(select(CustomDomain).order_by(CustomDomain.created_at, CustomDomain.id)))


def get(work: Work, domain_id: str) -> CustomDomain:
    """One of them. Raises NotFound."""
    return _found(work.rows.get(CustomDomain, (work.tenant_id, domain_id)))


def named(work: Work, name: str) -> CustomDomain | None:
    """The tenant's domain of that name."""
    return work.rows.scalars(select(CustomDomain).where(CustomDomain.domain == name.lower())).first()


def default(work: Work) -> CustomDomain | None:
    """The tenant's default domain; None where that is its own host."""
    return work.rows.scalars(select(CustomDomain).where(CustomDomain.is_default)).first()


def create(work: Work, members: Mapping[str, Any]) -> CustomDomain:
    """Write a domain down; it counts once :func:`verify` found its proof. Raises BadRequest, Conflict."""
    name = names.canonical(members["domain"])
    if name is None:
        raise fault(BODY, f"Object didn't pass validation for format hostname: {members['domain'][:200]}", "domain")
    _check_relying_party(members.get("relying_party_identifier"), name)
    documents.lock(work)
    _refuse_others(work, name)
    known = every(work)
    if any(row.domain == name for row in known):
        raise Conflict("The custom domain already exists.", CONFLICT)
    if len(known) >= MOST:
        raise Conflict(f"A tenant can have {MOST} custom domains.", "too_many_custom_domains")
    moment = clock.now_ms()
    row = CustomDomain(
        id=ids.prefixed("cd"),
        domain=name,
        held=None,
        type=members["type"],
        by_record="txt" if members.get("verification_method") == "txt" else "",
        token=ids.alphanumeric(40),
        is_default=False,
        domain_metadata=_metadata({}, members.get("domain_metadata") or {}),
        created_at=moment,
        updated_at=moment,
        **{column: members.get(member) or None for member, column in _COLUMNS.items()},
    )
    if row.tls_policy is None and row.type != SELF_MANAGED:
        row.tls_policy = "recommended"
    work.rows.add(row)
    work.rows.flush()
    return row


def update(work: Work, domain_id: str, members: Mapping[str, Any]) -> CustomDomain:
    """Change some: ``domain_metadata`` merges key by key, null takes a key away. Raises NotFound, BadRequest."""
    row = _locked(work, domain_id)
    _check_relying_party(members.get("relying_party_identifier"), row.domain)
    identifier = members.get("relying_party_identifier", row.relying_party_identifier)
    left = left_by(work, row, identifier or "")
    for member, column in _COLUMNS.items():
        if member in members:
            setattr(row, column, members[member] or None)
    if "domain_metadata" in members:
        row.domain_metadata = _metadata(row.domain_metadata, members["domain_metadata"] or {})
    _changed(work, row)
    if left is not None:
        work.emit(RelyingPartyLeft(left, _relying_party(row)))
    return row


def delete(work: Work, domain_id: str) -> None:
    """Drop it: from now on nothing of the tenant is served there. Unknown ids are no error, as recorded."""
    row = work.rows.lock_one(CustomDomain, domain_id)
    if row is not None:
        left = left_by(work, row, None)
        work.rows.delete(row)
        work.rows.flush()
        work.configuration_changed()
        if left is not None:
            work.emit(RelyingPartyLeft(left, None))


def left_by(work: Work, row: CustomDomain, instead: str | None) -> str | None:
    """The relying party that no address of the tenant would be any more if that domain said ``instead`` (its own name
    where that is empty), or were gone (None); None where nothing changes for authenticators.
    """
    before, after = _relying_party(row), None if instead is None else instead or row.domain
    return before if row.held and before != after and before not in _relying_parties(work, row.id) else None


def choose_default(work: Work, name: str) -> CustomDomain | None:
    """Links of what nobody asked for under a domain name this one: one of the tenant's, or its own host (None).

    :raises BadRequest: it is neither, or was not proved.
    """
    rows = work.rows.lock_all(select(CustomDomain).order_by(CustomDomain.id))
    wanted = next((row for row in rows if row.held == name.lower()), None)
    if wanted is None and name.lower() != work.config.own_host:
        raise BadRequest("The domain is no verified custom domain of this tenant.", "invalid_domain")
    for row in rows:
        if row.is_default is not (row is wanted):
            row.is_default = row is wanted
            _changed(work, row)
    return wanted


def proofs(work: Work, row: CustomDomain) -> list[Record]:
    """The records any one of which proves it."""
    by_cname = row.type != SELF_MANAGED and row.by_record != "txt"
    return names.records(row.domain, row.token, work.config.own_url, by_cname=by_cname)


def verify(work: Work, domain_id: str, resolver: Resolver | None = None) -> Verified:
    """Ask the DNS for the proof; from now on the tenant answers there if it is found. One that was proved stays so
    whatever the DNS says later: a name server that is down signs nobody out.

    :raises NotFound: there is no such domain.
    :raises Conflict: another tenant holds the name, or lives there.
    """
    with work.looking():
        row = get(work, domain_id)
        problem = _problem(work, row, resolver or Dns(work.platform.settings))
    with work.transaction():
        row = _locked(work, domain_id)
        if problem is not None and row.held is None:
            row.problem, row.updated_at = problem[:500], clock.now_ms()
            log.write(work, DomainLog.VERIFICATION_FAILED, f"{row.domain}: {problem}")
            return Verified(row)
        key = None
        if row.held is None:
            _refuse_others(work, row.domain)
            row.held = row.domain
            if row.type == SELF_MANAGED:
                key = ids.token()
                row.proxy_key_hash = digest(key)
        if problem is None:
            row.problem, row.verified_at = None, clock.now_ms()
        _changed(work, row)
        return Verified(row, key)


def attempt(work: Work, domain_id: str) -> Tried:
    """Whether the domain leads here: its discovery document is asked for, and has to name it. Raises NotFound."""
    with work.looking():
        row = get(work, domain_id)
        url = Domain(row.domain, False, None, None, None).url(work.config.own_url)
    if row.held is None:
        return Tried(False, "The domain is not verified.")
    try:
        answer = egress.get(work.platform.settings, f"{url}.well-known/openid-configuration")
        said = strict_json.decode(answer.body) if answer.status == 200 else {}
    except egress.EgressError as error:
        return Tried(False, f"{url} cannot be reached: {error}")
    except strict_json.InvalidJson:
        said = {}
    if isinstance(said, dict) and said.get("issuer") == url:
        return Tried(True)
    return Tried(False, f"What answers at {url} is not this tenant: the proxy has to pass on the Host header as it is.")


def _problem(work: Work, row: CustomDomain, resolver: Resolver) -> str | None:
    """Why the domain is not proved; None where it is."""
    if work.platform.settings.development and names.needs_no_proof(row.domain):
        return None
    wanted, unknown = proofs(work, row), False
    for record in wanted:
        try:
            said = resolver.cname(record.name) if record.kind == "cname" else resolver.txt(record.name)
        except NoAnswer:
            unknown = True
            continue
        if record.value in said:
            return None
    if unknown:
        return "The DNS does not answer. Try again later."
    places = " or ".join(f"a {record.kind.upper()} record of {record.name} with {record.value}" for record in wanted)
    return f"The DNS does not have {places}."


def _refuse_others(work: Work, name: str) -> None:
    """Raises Conflict where another tenant holds the name, or any tenant's URL is there: two tenants never answer under
    one host name.
    """
    holder = tenant_of(work.hot, name)
    lives = select(Tenant.id).where(
        or_(Tenant.host == name, Tenant.host.startswith(f"{name}/"), Tenant.host.startswith(f"{name}:"))
    )
    if holder not in (None, work.tenant_id) or work.rows.scalars(lives).first() is not None:
        raise Conflict("The custom domain is used already.", CONFLICT)


def _relying_party(row: CustomDomain) -> str:
    return row.relying_party_identifier or row.domain


def _relying_parties(work: Work, but: str) -> frozenset[str]:
    """What the tenant is for authenticators at its own host and at its domains ``but`` that one."""
    others = (_relying_party(each) for each in every(work) if each.held and each.id != but)
    return frozenset((urlsplit(work.config.own_url).hostname or "", *others))


def _check_relying_party(identifier: str | None, domain: str) -> None:
    if identifier and not names.is_suffix_of(identifier, domain):
        raise fault(BODY, "It has to be the domain, or a registered name above it", "relying_party_identifier")


def _metadata(before: Mapping[str, str], changes: Mapping[str, str | None]) -> dict[str, str]:
    merged = {**before, **changes}
    whole = {name: value for name, value in merged.items() if value is not None}
    if len(whole) > 10:
        raise fault(BODY, "Too many properties defined (11), maximum 10", "domain_metadata")
    return whole


def _changed(work: Work, row: CustomDomain) -> None:
    row.updated_at = clock.now_ms()
    work.rows.flush()
    work.configuration_changed()


def _locked(work: Work, domain_id: str) -> CustomDomain:
    return _found(work.rows.lock_one(CustomDomain, domain_id))


def _found(row: CustomDomain | None) -> CustomDomain:
    if row is None:
        raise NotFound("The custom domain does not exist.", "inexistent_custom_domain")
    return row
