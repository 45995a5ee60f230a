"""What is around every page of the dashboard, and what a page is before it is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from idp.admin.desk.resource import Document
from idp.admin.desk.texts import DeskTexts
from idp.admin.signed_in import Member
from idp.foundation.tenancy.work import Work
from idp.foundation.web.i18n import direction
from idp.foundation.web.language_list import LocaleLink

THEMES = ("auto", "light", "dark")
DENSITIES = ("regular", "compact")
KEYS = ("on", "off")


@dataclass(frozen=True)
class Preferences:
    """What somebody chose for this browser; ``columns`` by resource."""

    theme: str = "auto"
    density: str = "regular"
    keys: str = "on"
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Link:
    """A place to go to."""

    name: str
    text: str
    href: str
    current: bool = False


@dataclass(frozen=True)
class Group:
    """A group of the navigation."""

    text: str
    links: Sequence[Link]


@dataclass(frozen=True)
class Visit:
    """One request of somebody who may be here: what a page is made from. ``form`` is empty for a GET."""

    work: Work
    member: Member
    texts: DeskTexts
    preferences: Preferences
    query: Mapping[str, str]
    form: Mapping[str, str]
    method: str
    address: str
    """The address of the request below the tenant's own, with its query."""
    fresh: bool = False
    """Whether they have signed in a moment ago."""
    kept: Mapping[str, str] = field(default_factory=dict)
    """The form that was sent when the session was over, to be filled in again."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """Files of the form, by the names of their inputs."""

    def href(self, path: str, /, **query: str | None) -> str:
        """The address of a page of the dashboard."""
        return self.work.href(path, **query)


@dataclass(frozen=True)
class Shown:
    """A page to be drawn. ``title`` is its heading; ``document`` the object it is about."""

    template: str
    title: str
    values: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    current: str = ""
    """``<group>/<resource>`` of the navigation."""
    trail: Sequence[Link] = ()
    """The way here, from the outside."""
    document: Document | None = None
    framed: bool = False
    """Whether it shows another page of ours in a frame."""


@dataclass(frozen=True)
class File:
    """Something to be kept by the browser as a file."""

    name: str
    content: bytes
    mimetype: str = "application/x-ndjson"


@dataclass(frozen=True)
class Nothing:
    """There is no news: 204."""


@dataclass(frozen=True)
class Moved:
    """Somewhere else to go on; with ``fresh`` only after signing in again."""

    href: str
    fresh: bool = False


@dataclass(frozen=True)
class Frame:
    """The frame of one page."""

    texts: DeskTexts
    nonce: str
    root: str
    csrf: str
    who: str
    """Whose forms they are, should the session end before they are sent."""
    tenant: str
    environment: str
    member: str
    email: str
    groups: Sequence[Group]
    preferences: Preferences
    locale_links: Sequence[LocaleLink]
    title: str
    trail: Sequence[Link]
    current: str
    address: str
    notice: str = ""
    unsaved: bool = False
    """Whether its form shows what nobody saved: typed before the session ended, or out of the history."""
    refresh: int = 0
    refresh_url: str = ""
    """Where it is seen again after ``refresh`` seconds, which nobody did (:func:`idp.admin.signed_in.by_itself`)."""
    """Seconds after which the page is asked for again where no script does it; never for 0."""
    tenants: Sequence[Link] = ()
    """Dashboards of other tenants that they switch to."""
    undo: Mapping[str, str] | None = None
    """The form that takes back what was just done: ``href``, and its fields."""

    @property
    def locale(self) -> str:
        """The page's language tag."""
        return self.texts.locale

    @property
    def dir(self) -> str:
        """``ltr`` or ``rtl``."""
        return direction(self.locale)

    def href(self, path: str) -> str:
        """The address of one of our pages or files."""
        return f"{self.root}{path}"
