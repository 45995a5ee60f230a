"""Use cases of the Authorization Extension: the only place that writes its rows."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import and_, func, select
from sqlalchemy import delete as sql_delete

from idp.applications.resource_servers import service as resource_servers
from idp.directory.authorization.models import AuthorizationMember, AuthorizationObject
from idp.directory.authorization.runtime import AUDIENCE, CONFIGURATION
from idp.directory.users.models import User
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import BadRequest, NotFound
from idp.foundation.tenancy.models import Tenant
from idp.foundation.tenancy.work import Work

GROUP, ROLE, PERMISSION = "group", "role", "permission"
MOST = 2_000
"""Objects of one kind: all of them are remembered with the configuration."""
MOST_SHOWN = 1_000
"""Members that a list names; it counts them all."""
SCOPES = tuple(
    f"{verb}:{what}"
    for verbs, kinds in (
        (("read", "create", "update", "delete"), ("groups", "roles", "permissions", "resource-server")),
        (("read",), ("users", "applications", "connections")),
        (("read", "update"), ("configuration",)),
    )
    for what in kinds
    for verb in verbs
)
_AT_ONCE = 5_000
"""So many people one statement asks for."""
_Name: TypeAlias = tuple[str | None, str | None]
"""What something is called, and in which application: of groups in none."""
REFERENCES = {ROLE: (GROUP, "roles"), GROUP: (GROUP, "nested"), PERMISSION: (ROLE, "permissions")}
"""Which objects name one of a kind, and in which list."""


def install(work: Work) -> None:
    """Put the extension up: its API, which no person gets tokens of.

    :raises Conflict: it is there.
    """
    members = {
        "identifier": AUDIENCE,
        "name": "auth0-authorization-extension-api",
        "scopes": [{"value": each} for each in SCOPES],
        "subject_type_authorization": {
            "user": {"policy": "deny_all"},
            "client": {"policy": "require_client_grant"},
        },
    }
    resource_servers.create(work, members)


def every(work: Work, kind: str) -> Sequence[AuthorizationObject]:
    """All of a kind, oldest first."""
    statement = select(AuthorizationObject).where(
        AuthorizationObject.tenant_id == work.tenant_id, AuthorizationObject.kind == kind
    )
    return work.rows.scalars(statement.order_by(AuthorizationObject.created_at, AuthorizationObject.id)).all()


def get(work: Work, kind: str, id_: str) -> AuthorizationObject:
    """One of them.

    :raises NotFound: there is none.
    """
    found = work.rows.get(AuthorizationObject, (work.tenant_id, id_))
    if found is None or found.kind != kind:
        raise NotFound(f"The record {id_[:80]} in {kind}s does not exist.")
    return found


def create(work: Work, kind: str, document: Mapping[str, Any]) -> AuthorizationObject:
    """A new one.

    :raises BadRequest: there are too many, its name is taken in its application, or it names what is not there.
    """
    work.rows.lock_one(Tenant, work.tenant_id)
    counted = select(func.count()).select_from(AuthorizationObject).where(AuthorizationObject.kind == kind)
    if int(work.rows.scalar(counted) or 0) >= MOST:
        raise BadRequest(f"There are {MOST} {kind}s at most.", "too_many")
    _check(work, kind, document, None)
    row = AuthorizationObject(
        tenant_id=work.tenant_id,
        id=str(uuid.uuid4()),
        kind=kind,
        document=dict(document),
        created_at=clock.now_ms(),
    )
    work.rows.add(row)
    work.rows.flush()
    work.configuration_changed()
    return row


def change(work: Work, kind: str, id_: str, members: Mapping[str, Any]) -> AuthorizationObject:
    """Replace these members of it.

    :raises NotFound: there is none.
    :raises BadRequest: as in :func:`create`.
    """
    get(work, kind, id_)
    work.rows.lock_one(Tenant, work.tenant_id)
    row = work.rows.lock(get(work, kind, id_))
    document = {**row.document, **members}
    _check(work, kind, document, id_)
    row.document = document
    work.rows.flush()
    work.configuration_changed()
    return row


def delete(work: Work, kind: str, id_: str) -> None:
    """Remove it, and from whatever names it.

    :raises NotFound: there is none.
    """
    get(work, kind, id_)
    work.rows.lock_one(Tenant, work.tenant_id)
    row = work.rows.lock(get(work, kind, id_))
    holder, member = REFERENCES[kind]
    for each in every(work, holder):
        if id_ in each.document.get(member, ()):
            work.rows.lock(each)
            each.document = {**each.document, member: [other for other in each.document[member] if other != id_]}
    work.rows.execute(sql_delete(AuthorizationMember).where(AuthorizationMember.object_id == id_))
    work.rows.delete(row)
    work.rows.flush()
    work.configuration_changed()


def listed(
    work: Work, kind: str, id_: str, member: str, *, add: Sequence[Any] = (), take: Collection[str] = ()
) -> None:
    """Add to a list of an object, or take from it. What is there, or is not, is no error.

    :raises NotFound: there is no such object.
    :raises BadRequest: what is added is not there.
    """
    get(work, kind, id_)
    work.rows.lock_one(Tenant, work.tenant_id)
    now = work.rows.lock(get(work, kind, id_)).document.get(member, [])
    kept = [each for each in now if _key(each) not in take]
    new = [each for each in add if _key(each) not in {_key(other) for other in kept}]
    change(work, kind, id_, {member: [*kept, *new]})


def members(work: Work, id_: str) -> Sequence[str]:
    """Who is in a group, or has a role."""
    statement = select(AuthorizationMember.user_id).where(AuthorizationMember.object_id == id_)
    return work.rows.scalars(statement.order_by(AuthorizationMember.user_id)).all()


def people_in(work: Work, ids: Collection[str]) -> tuple[Sequence[User], int]:
    """The first of those who are in any of these groups, by id, and how many there are."""
    there = (
        select(AuthorizationMember.user_id)
        .where(AuthorizationMember.tenant_id == work.tenant_id, AuthorizationMember.object_id.in_(ids))
        .distinct()
    )
    total = work.rows.scalar(select(func.count()).select_from(there.subquery())) or 0
    found = select(User).where(User.user_id.in_(there)).order_by(User.user_id).limit(MOST_SHOWN)
    return work.rows.scalars(found).all(), total


def members_of(work: Work, kind: str) -> dict[str, list[str]]:
    """Who is in each group, or has each role."""
    statement = (
        select(AuthorizationMember)
        .join(
            AuthorizationObject,
            and_(
                AuthorizationObject.tenant_id == AuthorizationMember.tenant_id,
                AuthorizationObject.id == AuthorizationMember.object_id,
            ),
        )
        .where(AuthorizationObject.kind == kind)
        .order_by(AuthorizationMember.object_id, AuthorizationMember.user_id)
    )
    found: dict[str, list[str]] = {}
    for row in work.rows.scalars(statement):
        found.setdefault(row.object_id, []).append(row.user_id)
    return found


def memberships(work: Work, user_id: str) -> set[str]:
    """The groups and roles that somebody was put into."""
    return set(work.rows.scalars(select(AuthorizationMember.object_id).where(AuthorizationMember.user_id == user_id)))


def count_people(work: Work, most: int) -> int:
    """How many people are in a group or have a role directly; counting ends at ``most``."""
    people = select(AuthorizationMember.user_id).where(AuthorizationMember.tenant_id == work.tenant_id).distinct()
    return int(work.rows.scalar(select(func.count()).select_from(people.limit(most).subquery())) or 0)


def join(work: Work, kind: str, ids: Collection[str], user_ids: Collection[str]) -> None:
    """Put these people into these groups, or give them these roles.

    :raises NotFound: somebody, or something, is not there.
    """
    wanted, people = sorted(set(ids)), sorted(set(user_ids))
    for id_ in wanted:
        work.rows.lock(get(work, kind, id_))
    found = work.rows.lock_all(select(User).where(User.user_id.in_(people)).order_by(User.user_id))
    if len(found) < len(people):
        raise NotFound("The user does not exist.", "inexistent_user")
    for id_ in wanted:
        had = set(members(work, id_))
        work.rows.add_all(
            AuthorizationMember(tenant_id=work.tenant_id, object_id=id_, user_id=user_id)
            for user_id in people
            if user_id not in had
        )
    work.rows.flush()


def leave(work: Work, kind: str, ids: Collection[str], user_ids: Collection[str]) -> None:
    """Take these people out of these groups, or these roles from them.

    :raises NotFound: there is no such group or role.
    """
    for id_ in sorted(set(ids)):
        work.rows.lock(get(work, kind, id_))
    work.rows.execute(
        sql_delete(AuthorizationMember).where(
            AuthorizationMember.object_id.in_(set(ids)), AuthorizationMember.user_id.in_(set(user_ids))
        )
    )


def erase_of_users(work: Work, user_ids: Sequence[str]) -> None:
    """No row mentions these users, who are gone."""
    work.rows.execute(sql_delete(AuthorizationMember).where(AuthorizationMember.user_id.in_(user_ids)))


def configuration(work: Work) -> dict[str, Any]:
    """The settings that were made."""
    found = work.rows.get(AuthorizationObject, (work.tenant_id, CONFIGURATION))
    return dict(found.document) if found is not None else {}


def configure(work: Work, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Change some settings; answers all."""
    work.rows.lock_one(Tenant, work.tenant_id)
    found = work.rows.lock_one(AuthorizationObject, CONFIGURATION)
    if found is None:
        found = AuthorizationObject(
            tenant_id=work.tenant_id, id=CONFIGURATION, kind="configuration", document={}, created_at=clock.now_ms()
        )
        work.rows.add(found)
        work.rows.flush()
    found.document = {**found.document, **changes}
    work.rows.flush()
    work.configuration_changed()
    return dict(found.document)


def replace_all(work: Work, documents: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Put an export in the place of what is there, ids included, or leave everything as it is. ``documents`` are lists
    by kind; ``_id`` of each, and ``members`` and ``users``, are read here. People who are not here are left out.

    :raises BadRequest: there are too many, two have one id or name, or something names what is not there.
    """
    work.rows.lock_one(Tenant, work.tenant_id)
    for model in (AuthorizationMember, AuthorizationObject):
        work.rows.execute(sql_delete(model))
    work.rows.expunge_all()
    here = _here(work, {user_id for each in documents.values() for one in each for user_id in _named_people(one)})
    moment, seen = clock.now_ms(), set()
    for kind in (PERMISSION, ROLE, GROUP):
        if len(documents.get(kind, ())) > MOST:
            raise BadRequest(f"There are {MOST} {kind}s at most.", "too_many")
        for position, document in enumerate(documents.get(kind, ())):
            id_ = str(document["_id"])
            if id_ in seen or id_ == CONFIGURATION:
                raise BadRequest(f"The id {id_[:80]} stands twice.", "invalid_body")
            seen.add(id_)
            kept = {name: value for name, value in document.items() if name not in ("_id", "members", "users")}
            work.rows.add(
                AuthorizationObject(
                    tenant_id=work.tenant_id, id=id_, kind=kind, document=kept, created_at=moment + position
                )
            )
            work.rows.add_all(
                AuthorizationMember(tenant_id=work.tenant_id, object_id=id_, user_id=user_id)
                for user_id in sorted(_named_people(document) & here)
            )
        work.rows.flush()
    there = {kind: every(work, kind) for kind in (PERMISSION, ROLE, GROUP)}
    ids = {kind: {row.id for row in rows} for kind, rows in there.items()}
    for kind, rows in there.items():
        names: set[_Name] = set()
        for row in rows:
            _check_name(kind, row.document, names)
            _check_references(kind, row.document, ids.__getitem__)
            names.add(_name(row.document))
    configure(work, next(iter(documents.get("configuration", ())), {}))


def _named_people(document: Mapping[str, Any]) -> set[str]:
    return {*document.get("members", ()), *document.get("users", ())}


def _here(work: Work, user_ids: Collection[str]) -> set[str]:
    """Those of them who are users. An export names any number of people, a statement takes only so many values."""
    wanted, found = sorted(user_ids), set[str]()
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        found.update(work.rows.scalars(select(User.user_id).where(User.user_id.in_(some))))
    return found


def _check(work: Work, kind: str, document: Mapping[str, Any], own: str | None) -> None:
    """A name is one's own within its application, and what is named is there."""
    _check_name(kind, document, {_name(each.document) for each in every(work, kind) if each.id != own})
    _check_references(kind, document, lambda named: {each.id for each in every(work, named)})


def _check_name(kind: str, document: Mapping[str, Any], others: Collection[_Name]) -> None:
    if _name(document) in others:
        raise BadRequest(f"A {kind} with the name '{str(document.get('name'))[:80]}' exists already.", "name_taken")


def _check_references(kind: str, document: Mapping[str, Any], known: Callable[[str], Collection[str]]) -> None:
    """``known`` answers the ids that are there of a kind; it is asked for those that are named."""
    for named, (holder, member) in REFERENCES.items():
        if holder == kind and document.get(member):
            there = known(named)
            unknown = next((each for each in document[member] if each not in there), None)
            if unknown is not None:
                raise BadRequest(f"The {named} {str(unknown)[:80]} does not exist.", "invalid_body")


def _name(document: Mapping[str, Any]) -> _Name:
    return document.get("name"), document.get("applicationId")


def _key(each: Any) -> str:
    return str(each["_id"] if isinstance(each, Mapping) else each)
