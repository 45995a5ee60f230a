"""SCIM itself, by ``scim2-server`` over our rows: it reads requests, filters, changes and versions, and says what is
wrong.

Imported with the first request of a directory (:mod:`idp.directory.provisioning.views`), since it brings pydantic.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from scim2_models import (
    AuthenticationScheme,
    Bulk,
    ChangePassword,
    EnterpriseUser,
    ETag,
    Filter,
    ForbiddenException,
    Group,
    InvalidValueException,
    Meta,
    NotFoundException,
    Patch,
    PreconditionFailedException,
    Resource,
    ResourceType,
    ResponseParameters,
    SCIMException,
    ScimPolicy,
    ScimProvider,
    SearchRequest,
    ServiceProviderConfig,
    Sort,
    TooManyException,
    UniquenessException,
    User,
)
from scim2_models.path import CompareOperator, Comparison
from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.routing import Operation, Target
from scim2_server.service import ScimService
from scim2_server.storage import ScimStorage, SearchPage
from sqlalchemy import Select, false, func, select
from sqlalchemy.exc import IntegrityError

from connectors.contract import AlreadyExists
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.provisioning import people
from idp.directory.provisioning.models import ScimConfiguration, ScimResource
from idp.directory.roles import service as roles
from idp.directory.users import service as users
from idp.foundation.db.hot import UniqueViolation
from idp.foundation.kernel import clock, ids
from idp.foundation.tenancy.work import Work

MOST_RESULTS = 200
MOST_LOOKED_AT = 2_000
"""Resources that one filter compares which no index answers."""
FURTHEST = 1_000_000_000
"""Where a page may begin: nobody has so many, and databases count no further than they can."""
MOST_GROUPS = 5_000
"""Groups of one directory."""
USER, GROUP = "User", "Group"
_NAMES = ("userName", "displayName", "externalId")
_OURS = ("id", "meta", "password", "groups")
"""Members of a resource that are not stored as they were sent."""
_INDEXED = {"username": "name_key", "displayname": "name_key", "externalid": "external_id", "id": "resource_id"}
_NAMED_BY = {USER: "username", GROUP: "displayname"}
_VERBS = {
    Operation.create: "post",
    Operation.replace: "put",
    Operation.patch: "patch",
    Operation.delete: "delete",
}
ENTRA = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
"""What Microsoft's and others' directories send beside the standard."""
PROVIDER = ScimProvider(
    models=[User, EnterpriseUser, Group],
    resource_types=[ResourceType.from_resource(User[EnterpriseUser]), ResourceType.from_resource(Group)],
    config=ServiceProviderConfig(
        patch=Patch(supported=True),
        bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
        filter=Filter(supported=True, max_results=MOST_RESULTS),
        change_password=ChangePassword(supported=False),
        sort=Sort(supported=False),
        etag=ETag(supported=True),
        authentication_schemes=[
            AuthenticationScheme(
                type=AuthenticationScheme.Type.oauthbearertoken,
                name="Bearer token",
                description="A token of the connection's SCIM configuration",
            )
        ],
    ),
    policy=ENTRA,
)


class Service(ScimService):
    """Lets a token do what its scopes say: ``get:users``, ``post:groups`` and so on."""

    def authorize(self, request: ScimRequest, target: Target, resource_type: ResourceType) -> None:
        """See :class:`scim2_server.service.ScimService`. Searching by POST is reading."""
        verb = _VERBS.get(target.operation, "get")
        needed = f"{verb}:{'groups' if resource_type.name == GROUP else 'users'}"
        if needed not in request.subject:
            raise ForbiddenException(detail=f"The token lacks the scope {needed}")


SERVICE = Service(PROVIDER)


class Rows(ScimStorage):
    """The resources of one connection's directory."""

    def __init__(self, work: Work, connection: ConnectionConfig, configuration: ScimConfiguration, *, reads: bool):
        self._work = work
        self._connection = connection
        self._configuration = configuration
        self._reads = reads
        self.touched: ScimResource | None = None
        """What was written last."""

    @contextmanager
    def operation(self) -> Iterator[None]:
        """One commit. Of two who want the same name at once one is told that it is taken."""
        if self._reads:
            with self._work.looking():
                yield
            return
        try:
            with self._work.transaction():
                yield
        except (IntegrityError, UniqueViolation) as error:
            raise UniquenessException(detail="Another resource has that name or id") from error

    def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> Resource[Any]:
        """See :class:`scim2_server.storage.ScimStorage`."""
        row = self._work.rows.get(ScimResource, (self._work.tenant_id, resource_id))
        if row is None or (row.connection_id, row.kind) != (self._connection.id, resource_type.name):
            raise NotFoundException(detail="There is no such resource")
        return self._resource(row)

    def search(
        self, resource_types: list[ResourceType], search_request: SearchRequest[Any], *, position: Any = None
    ) -> SearchPage:
        """See :class:`scim2_server.storage.ScimStorage`. What no index answers is compared one by one, so far."""
        kinds = [str(each.name) for each in resource_types]
        statement = select(ScimResource).where(
            ScimResource.connection_id == self._connection.id, ScimResource.kind.in_(kinds)
        )
        start, count = min(search_request.start_index_0 or 0, FURTHEST), search_request.count
        wanted = search_request.filter
        narrowed = self._narrowed(statement, kinds, wanted) if wanted is not None else statement
        if wanted is not None and narrowed is statement:
            rows = self._all(statement)
            found = [each for each in map(self._resource, rows) if wanted.match(each)]
            return SearchPage(len(found), found[start : None if count is None else start + count])
        total = self._work.rows.scalar(select(func.count()).select_from(narrowed.subquery())) or 0
        ordered = narrowed.order_by(ScimResource.kind.desc(), ScimResource.created_at, ScimResource.resource_id)
        page = self._work.rows.scalars(ordered.offset(start).limit(MOST_RESULTS if count is None else count))
        return SearchPage(total, [self._resource(row) for row in page])

    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        """See :class:`scim2_server.storage.ScimStorage`."""
        work, document, kind = self._work, _document(resource), str(resource_type.name)
        if kind == GROUP:
            self._refuse_too_many()
        moment = clock.now_ms()
        row = ScimResource(
            tenant_id=work.tenant_id,
            resource_id=ids.hex24(),
            connection_id=self._connection.id,
            kind=kind,
            version=1,
            created_at=moment,
            updated_at=moment,
        )
        self._check_unique(kind, document, None)
        if kind == USER:
            row.account_id = self._person(document, None)
        _set(row, document)
        work.rows.add(row)
        work.rows.flush()
        self._keep_group(row)
        self.touched = row
        return self._resource(row)

    def update(
        self, resource_type: ResourceType, resource: Resource[Any], *, expected_version: str | None = None
    ) -> Resource[Any]:
        """See :class:`scim2_server.storage.ScimStorage`."""
        row, document = self._locked(resource_type, str(resource.id), expected_version), _document(resource)
        self.touched = row
        if document == row.document:
            return self._resource(row)
        self._check_unique(row.kind, document, row)
        if row.kind == USER:
            row.account_id = self._person(document, row)
        _set(row, document)
        row.version, row.updated_at = row.version + 1, clock.now_ms()
        self._work.rows.flush()
        self._keep_group(row)
        return self._resource(row)

    def delete(self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None) -> None:
        """See :class:`scim2_server.storage.ScimStorage`. Who is deleted is a member of no group any more."""
        row = self._locked(resource_type, resource_id, expected_version)
        self.touched = row
        if row.kind == USER:
            self._leave_groups(resource_id)
            people.remove(self._work, self._connection, row)
        else:
            roles.forget_groups_of(self._work, row.connection_id, row.resource_id)
        still = self._work.rows.get(ScimResource, (self._work.tenant_id, resource_id), populate_existing=True)
        if still is not None:
            self._work.rows.delete(still)
        self._work.rows.flush()

    def _keep_group(self, row: ScimResource) -> None:
        """What the group is called and who is in it, for roles. Groups in groups are kept as they were sent, and give
        nothing.
        """
        if row.kind == GROUP:
            name = str(row.document.get("displayName") or row.resource_id)[:300]
            accounts = people.accounts_in(self._work, row)
            roles.keep_group(self._work, row.connection_id, row.resource_id, name, row.external_id, accounts)

    def _person(self, document: dict[str, Any], before: ScimResource | None) -> str:
        try:
            account_id = people.put(self._work, self._connection, self._configuration, document, before)
            self._refuse_twice(account_id, before)
            return account_id
        except people.NotUsable as error:
            raise InvalidValueException(detail=str(error)) from error
        except AlreadyExists as error:
            raise UniquenessException(detail="Another user has that id") from error

    def _refuse_twice(self, account_id: str, before: ScimResource | None) -> None:
        """Two resources of one person would each say whether they may come in. Their user is locked by now."""
        statement = select(ScimResource.resource_id).where(
            ScimResource.connection_id == self._connection.id, ScimResource.account_id == account_id
        )
        if any(found != (before.resource_id if before else None) for found in self._work.rows.scalars(statement)):
            raise UniquenessException(detail="Another resource is the same user at the source")

    def _locked(self, resource_type: ResourceType, resource_id: str, expected_version: str | None) -> ScimResource:
        seen = self._work.rows.get(ScimResource, (self._work.tenant_id, resource_id))
        if seen is not None and seen.account_id is not None:
            users.locked_owner(self._work, seen.connection_id, seen.account_id)  # users before what belongs to them
        row = self._work.rows.lock_one(ScimResource, resource_id)
        if row is None or (row.connection_id, row.kind) != (self._connection.id, resource_type.name):
            raise NotFoundException(detail="There is no such resource")
        if expected_version is not None and expected_version != _version(row):
            raise PreconditionFailedException
        return row

    def _check_unique(self, kind: str, document: dict[str, Any], row: ScimResource | None) -> None:
        key = _unique_key(kind, document)
        if key is None:
            return
        statement = select(ScimResource.resource_id).where(
            ScimResource.connection_id == self._connection.id,
            ScimResource.kind == kind,
            ScimResource.unique_key == key,
        )
        if any(found != (row.resource_id if row else None) for found in self._work.rows.scalars(statement)):
            raise UniquenessException(detail="Another user has that userName")

    def _refuse_too_many(self) -> None:
        of_kind = (ScimResource.connection_id == self._connection.id, ScimResource.kind == GROUP)
        if (self._work.rows.scalar(select(func.count()).select_from(ScimResource).where(*of_kind)) or 0) >= MOST_GROUPS:
            raise InvalidValueException(detail=f"A directory has {MOST_GROUPS} groups at most")

    def _leave_groups(self, resource_id: str) -> None:
        of_kind = select(ScimResource).where(
            ScimResource.connection_id == self._connection.id, ScimResource.kind == GROUP
        )
        for group in self._work.rows.lock_all(of_kind.order_by(ScimResource.resource_id)):
            members = group.document.get("members") or []
            left = [each for each in members if each.get("value") != resource_id]
            if len(left) != len(members):
                group.document = {**group.document, "members": left}
                group.version, group.updated_at = group.version + 1, clock.now_ms()

    def _all(self, statement: Select[ScimResource]) -> Sequence[ScimResource]:
        ordered = statement.order_by(ScimResource.kind.desc(), ScimResource.created_at, ScimResource.resource_id)
        rows = self._work.rows.scalars(ordered.limit(MOST_LOOKED_AT + 1)).all()
        if len(rows) > MOST_LOOKED_AT:
            raise TooManyException(detail="Filter by userName, displayName, externalId or id: there are too many")
        return rows

    def _narrowed(self, statement: Select[ScimResource], kinds: Sequence[str], wanted: Any) -> Select[ScimResource]:
        """The statement that finds what an equality of an indexed attribute asks for; else the one that came in."""
        node = wanted.ast
        if not isinstance(node, Comparison) or node.op != CompareOperator.eq or not isinstance(node.value, str):
            return statement
        name = str(node.attr_path).rpartition(":")[2].lower()
        column = _INDEXED.get(name)
        if column is None or (column == "name_key" and kinds != [kind for kind, by in _NAMED_BY.items() if by == name]):
            return statement
        if not _storable(node.value):
            return statement.where(false())
        value = node.value.lower()[:300] if column == "name_key" else node.value
        return statement.where(getattr(ScimResource, column) == value)

    def _resource(self, row: ScimResource) -> Resource[Any]:
        model: type[Resource[Any]] = User[EnterpriseUser] if row.kind == USER else Group
        made = model.model_validate(row.document, scim_policy=ENTRA)
        made.id = row.resource_id
        made.meta = Meta(
            resource_type=row.kind,
            created=_moment(row.created_at),
            last_modified=_moment(row.updated_at),
            version=_version(row),
        )
        return made


def serve(request: ScimRequest, rows: Rows) -> tuple[ScimResponse, SCIMException | None]:
    """The answer, and what was wrong, if anything was."""
    with PROVIDER:
        try:
            return ScimHandler(SERVICE, rows).handle(request), None
        except SCIMException as error:
            return SERVICE.error_response(error), error


def _document(resource: Resource[Any]) -> dict[str, Any]:
    """As it is stored: everything it says but what is ours to say.

    :raises InvalidValueException: what it is called cannot be stored.
    """
    said: dict[str, Any] = resource.model_dump()
    document = {name: value for name, value in said.items() if name not in _OURS}
    odd = next((name for name in _NAMES if not _storable(document.get(name))), None)
    if odd is not None:
        raise InvalidValueException(detail=f"{odd} holds a character that cannot be stored")
    return document


def _storable(value: object) -> bool:
    """Whether a column takes it: no store takes NUL or half a character."""
    return not isinstance(value, str) or ("\0" not in value and not any("\ud800" <= each <= "\udfff" for each in value))


def _set(row: ScimResource, document: dict[str, Any]) -> None:
    name = document.get("userName" if row.kind == USER else "displayName")
    row.name_key = name.lower()[:300] if isinstance(name, str) else None
    row.unique_key = _unique_key(row.kind, document)
    row.external_id = str(document["externalId"])[:300] if document.get("externalId") else None
    row.document = document


def _unique_key(kind: str, document: dict[str, Any]) -> str | None:
    name = document.get("userName") if kind == USER else None
    return name.lower()[:300] if isinstance(name, str) else None


def _version(row: ScimResource) -> str:
    return f'W/"{row.version}"'


def _moment(ms: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(ms / 1000, dt.UTC)


__all__ = ["MOST_GROUPS", "MOST_LOOKED_AT", "MOST_RESULTS", "Rows", "serve"]
