"""An object on its page: read by its operation, and known again by its version or its looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from idp.admin.desk import form as forms
from idp.admin.desk import operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.lists import object_path
from idp.admin.desk.resource import Document, Resource, Section, Tab
from idp.foundation.kernel.errors import NotFound, VersionMismatch
from idp.foundation.tenancy import documents

NOBODYS = 0
"""Version of what is not there yet: whoever was quicker is not overwritten."""


@dataclass(frozen=True)
class Object:
    """An object on its page."""

    resource: Resource
    id: str
    document: Document
    seen: int | None = None
    """Its version, where its kind has one."""
    missing: bool = False
    """Whether nobody has made it yet."""

    @property
    def tag(self) -> str:
        """What a form remembers of it: its version, or how it looks."""
        return forms.version(self.document) if self.seen is None else f"v{self.seen}"

    @property
    def title(self) -> str:
        """What it is called."""
        return self.resource.title(self.document) or self.id

    @property
    def parameters(self) -> dict[str, str]:
        """How operations name it."""
        return self.resource.parameters_of(self.id)

    def path(self, part: str = "") -> str:
        """The address of one of its tabs or actions."""
        if self.resource.single:
            return f"{self.resource.path}/{part}" if part else self.resource.path
        return object_path(self.resource, self.id, part)


def opened(visit: Visit, resource: Resource, id_: str) -> Object:
    """The object, as its operation answers it.

    :raises ManagementError: it is not there, or not for this person.
    """
    params = resource.parameters_of(id_)
    try:
        document = operations.call(visit.work, resource.read, params)
    except NotFound:
        if resource.absent is None:
            raise
        seen = NOBODYS if resource.absent.create is None else None
        return Object(resource, id_, resource.absent.document(visit, id_), seen, missing=True)
    return Object(resource, id_, document, operations.version(visit.work, resource.read, params))


def is_there(visit: Visit, there: Object, tab: Tab) -> bool:
    """Whether the object has that tab, for this person."""
    return tab.when(there.document) and (tab.needs is None or operations.may(visit.work, tab.needs))


def sections_of(visit: Visit, about: Object, tab: Tab, chosen: Mapping[str, str]) -> Sequence[Section]:
    """The sections of a tab that is a form, of the document that it is about."""
    if tab.parts is not None:
        parts: Sequence[Section] = tab.parts(visit, about)
        return parts
    return tab.made_of({**about.document, **chosen}) if tab.made_of else tab.sections


def unchanged(visit: Visit, there: Object) -> None:
    """Whether nobody was quicker by a moment, of a document of the tenant. Raises VersionMismatch."""
    if there.resource.of_tenant:
        documents.lock(visit.work)
        visit.work.rows.expire_all()
        if opened(visit, there.resource, there.id).tag != there.tag:
            raise VersionMismatch
