"""Use cases on configurations and tokens of provisioning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, or_, select, update

from idp.directory.connections import service as connections
from idp.directory.connections import strategies
from idp.directory.connections.models import Connection
from idp.directory.provisioning import mapping
from idp.directory.provisioning.models import ScimConfiguration, ScimResource, ScimToken
from idp.directory.roles import service as roles
from idp.foundation.kernel import clock, ids
from idp.foundation.kernel.errors import BadRequest, Conflict, NotFound
from idp.foundation.kernel.secrets import digest
from idp.foundation.tenancy.work import Work
from idp.tenant.audit import writes

SCOPES = frozenset(
    f"{verb}:{what}" for verb in ("get", "post", "put", "patch", "delete") for what in ("users", "groups")
)
MOST_TOKENS = 10
"""Tokens of one connection."""
MOST_COUNTED = 1_000
"""How far resources are counted."""
SHORTEST_S = 900
USED_AGAIN_MS = 60_000
"""How often it is written down that a token is used."""


@dataclass(frozen=True)
class NewToken:
    """A token that was just made; ``value`` is told once."""

    row: ScimToken
    value: str


def get(work: Work, connection_id: str) -> ScimConfiguration:
    """The configuration of that connection.

    :raises NotFound: the connection, or its configuration, is not there.
    """
    connections.get(work, connection_id)
    found = work.rows.get(ScimConfiguration, (work.tenant_id, connection_id))
    if found is None:
        raise NotFound("Not Found", "inexistent_scim_configuration")
    return found


def create(work: Work, connection_id: str, members: Mapping[str, Any]) -> ScimConfiguration:
    """Let the directory of a connection provision its people.

    :raises NotFound: there is no such connection.
    :raises BadRequest: people of that kind of source are not provisioned, or the mapping is none.
    :raises Conflict: it has a configuration already.
    """
    connection = _provisionable(work, connection_id)
    work.rows.lock(connection)
    if work.rows.get(ScimConfiguration, (work.tenant_id, connection_id)) is not None:
        raise Conflict("The connection has a SCIM configuration already")
    moment = clock.now_ms()
    made = ScimConfiguration(
        tenant_id=work.tenant_id, connection_id=connection_id, created_at=moment, updated_at=moment
    )
    _set(made, members.get("user_id_attribute") or mapping.USER_ID_ATTRIBUTE, members.get("mapping"))
    work.rows.add(made)
    work.rows.flush()
    return made


def change(work: Work, connection_id: str, members: Mapping[str, Any]) -> ScimConfiguration:
    """Replace what was configured. What was provisioned before follows at its next change.

    :raises NotFound: there is none.
    :raises BadRequest: the mapping is none.
    """
    found = get(work, connection_id)
    work.rows.lock(found)
    before = {"user_id_attribute": found.user_id_attribute, "mapping": found.mapping}
    _set(found, members["user_id_attribute"], members["mapping"])
    for name, old in before.items():
        new = getattr(found, name)
        if new != old:
            writes.note(work, "connections", connection_id, f"scim.{name}", old=old, new=new)
    found.updated_at = clock.now_ms()
    work.rows.flush()
    return found


def lock(work: Work, connection_id: str) -> None:
    """Hold the configuration, in the caller's transaction: nobody else changes it meanwhile. Raises NotFound."""
    work.rows.lock(get(work, connection_id))


def counts(work: Work, connection_id: str) -> dict[str, int]:
    """What goes with a configuration: its ``tokens``, and the ``resources`` that its directory has sent."""
    tokens = select(ScimToken.token_id).where(ScimToken.connection_id == connection_id)
    sent = select(ScimResource.resource_id).where(ScimResource.connection_id == connection_id)
    counted = {
        name: select(func.count()).select_from(some.limit(MOST_COUNTED).subquery())
        for name, some in (("tokens", tokens), ("resources", sent))
    }
    return {name: int(work.rows.scalar(statement) or 0) for name, statement in counted.items()}


def remove(work: Work, connection_id: str) -> None:
    """Provision that connection no longer: its tokens end, its users stay.

    :raises NotFound: there is no configuration.
    """
    get(work, connection_id)
    forget(work, connection_id)


def forget(work: Work, connection_id: str) -> None:
    """Whatever is known of the directory of that connection, its groups included."""
    roles.forget_groups_of(work, connection_id)
    for model in (ScimResource, ScimToken, ScimConfiguration):
        work.rows.execute(delete(model).where(model.connection_id == connection_id))


def tokens(work: Work, connection_id: str) -> Sequence[ScimToken]:
    """The tokens of a connection, oldest first. Raises NotFound."""
    get(work, connection_id)
    statement = select(ScimToken).where(ScimToken.connection_id == connection_id)
    return work.rows.scalars(statement.order_by(ScimToken.created_at, ScimToken.token_id)).all()


def create_token(work: Work, connection_id: str, scopes: Sequence[str], lifetime_s: int | None) -> NewToken:
    """A token for the directory of a connection.

    :raises NotFound: it is not provisioned.
    :raises BadRequest: a scope is none.
    :raises Conflict: it has too many.
    """
    work.rows.lock(get(work, connection_id))
    unknown = sorted(set(scopes) - SCOPES)
    if unknown or not scopes:
        raise BadRequest(f"scopes takes {', '.join(sorted(SCOPES))}", "invalid_body")
    count = work.rows.scalar(
        select(func.count()).select_from(ScimToken).where(ScimToken.connection_id == connection_id)
    )
    if (count or 0) >= MOST_TOKENS:
        raise Conflict(f"A connection has {MOST_TOKENS} SCIM tokens at most")
    moment, token_id = clock.now_ms(), ids.prefixed("tok")
    value = f"{token_id}.{ids.token()}"
    row = ScimToken(
        tenant_id=work.tenant_id,
        token_id=token_id,
        connection_id=connection_id,
        token_hash=digest(value),
        scopes=sorted(set(scopes)),
        created_at=moment,
        valid_until=moment + lifetime_s * 1000 if lifetime_s else None,
    )
    work.rows.add(row)
    work.rows.flush()
    return NewToken(row, value)


def delete_token(work: Work, connection_id: str, token_id: str) -> None:
    """End a token. Raises NotFound."""
    get(work, connection_id)
    found = work.rows.lock_one(ScimToken, token_id)
    if found is None or found.connection_id != connection_id:
        raise NotFound("Not Found", "inexistent_scim_token")
    work.rows.delete(found)
    work.rows.flush()


def presented(work: Work, connection_id: str, value: str) -> ScimToken | None:
    """The token, if it is good for the directory of that connection now."""
    found = work.rows.scalars(select(ScimToken).where(ScimToken.token_hash == digest(value))).first()
    if found is None or found.connection_id != connection_id:
        return None
    return found if found.valid_until is None or found.valid_until > clock.now_ms() else None


def used(work: Work, token: ScimToken) -> None:
    """Write down that a token is used, once a minute."""
    moment = clock.now_ms()
    if token.last_used_at is not None and token.last_used_at >= moment - USED_AGAIN_MS:
        return
    before = or_(ScimToken.last_used_at.is_(None), ScimToken.last_used_at < moment - USED_AGAIN_MS)
    statement = update(ScimToken).where(ScimToken.token_id == token.token_id, before)
    with work.transaction():
        work.rows.execute(statement.values(last_used_at=moment))


def _provisionable(work: Work, connection_id: str) -> Connection:
    connection = connections.get(work, connection_id)
    if strategies.named(connection.strategy).kind != "enterprise":
        raise BadRequest("SCIM is for enterprise connections", "operation_not_supported")
    return connection


def _set(row: ScimConfiguration, user_id_attribute: str, rules: Sequence[Mapping[str, str]] | None) -> None:
    rules = mapping.DEFAULT if rules is None else rules
    problem = mapping.problem(user_id_attribute, rules)
    if problem is not None:
        raise BadRequest(problem, "invalid_body")
    row.user_id_attribute, row.mapping = user_id_attribute, [dict(rule) for rule in rules]
