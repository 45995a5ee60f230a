"""What a resource of the dashboard declares. Everything it shows is named as the Management API names it; labels are
texts of its own catalogue (``idp/admin/texts/<language>/<resource>.json``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from idp.admin.desk.fields import Field, Section
from idp.admin.desk.operations import Handler
from idp.foundation.tenancy.work import Work

__all__ = [
    "About",
    "Absent",
    "Action",
    "Bulk",
    "Bulks",
    "Cell",
    "Column",
    "Document",
    "Doing",
    "Done",
    "Field",
    "Filter",
    "Kinds",
    "Listing",
    "Resource",
    "Section",
    "Tab",
]
Document = Mapping[str, Any]


# ---- lists
@dataclass(frozen=True)
class Cell:
    """What stands in one column of one row. ``kind``: text, code (an id, to be copied), time (ms), tag, number, state
    (a word of the catalogue, ``<resource>.state.<text>``).
    """

    text: str = ""
    kind: str = "text"
    at: int | None = None
    good: bool | None = None
    """For states: whether it is as it should be; None says nothing of it."""


@dataclass(frozen=True)
class Column:
    """A column: its name is an API field name and the key of its label. ``sort`` is an SQL expression that is never
    NULL; without one nobody sorts by it. Optional ones are shown when somebody picks them.
    """

    name: str
    cell: Callable[..., Cell]
    sort: Any = None
    also: Any = None
    """An SQL expression about the row, whose value ``cell`` is given in its place: a count that ends somewhere; or a
    function of the work that answers it, where it is another one for each who asks.
    """
    optional: bool = False


@dataclass(frozen=True)
class Filter:
    """A filter of the list, ``?<name>=<value>``; ``condition`` answers the SQL condition of a chosen value."""

    name: str
    choices: Sequence[str]
    condition: Callable[[str], Any]


@dataclass(frozen=True)
class Listing:
    """A list over the rows of one table.

    ``key`` is the column that tells rows apart. ``search`` answers the condition of ``?q=``. ``order`` names the column
    that sorts at first, with a minus before it from the other end. ``always`` are conditions of every row.
    """

    model: Any
    key: Any
    columns: Sequence[Column]
    order: str
    filters: Sequence[Filter] = ()
    search: Callable[[str], Any] | None = None
    always: Sequence[Any] = ()
    finder: Callable[..., Any] | None = None
    """``finder(visit, asked)`` answers a page (:class:`idp.admin.desk.listing.Found`) where another engine finds the
    rows.
    """
    mine: Callable[[Work], Sequence[Any]] = field(default=lambda _work: ())
    """Conditions of the rows that whoever asks may see."""
    title: str = "name"
    """The column whose cell links to the object."""
    to_the_minute: bool = False
    """Whether it is of moments: elsewhere a day is enough (the time, where it was today), and the rest a tooltip."""


# ---- forms
@dataclass(frozen=True)
class About:
    """A document that belongs to an object and has an operation of its own: ``document(visit, there)`` answers it, None
    where there is none. ``lock(visit, there)`` holds it, so that a form that was made from another one is refused.
    """

    document: Callable[..., Document | None]
    lock: Callable[..., None]


@dataclass(frozen=True)
class Tab:
    """A tab of an object. One with ``sections`` (or ``made_of``) is a form of the update operation; others have a
    ``template`` of theirs and say in ``view(visit, there)`` what it is given, and in ``save(visit, there, tab)`` what
    its form does; a form of the update operation is saved as usual where that answers nothing.
    """

    name: str
    sections: Sequence[Section] = ()
    template: str = ""
    view: Callable[..., Mapping[str, Any]] | None = None
    save: Callable[..., Any] | None = None
    read: Handler | None = None
    update: Handler | None = None
    """Operations of its own, where a tab is about a document beside the object's."""
    about: About | None = None
    """That document, where it is one of the object: ``update`` is called with the object's parameters then."""
    made_of: Callable[[Document], Sequence[Section]] | None = None
    """The sections, where they depend on the object."""
    may_be: Callable[[], Iterable[Section]] = field(default=lambda: ())
    """And all that they may come to."""
    parts: Callable[..., Sequence[Section]] | None = None
    """``parts(visit, there)`` answers the sections, where they depend on more than the document."""
    shown: Callable[[Document], Document] = field(default=lambda document: document)
    """The document as its form shows it: with defaults that it does not say."""
    sent: Callable[[Document, dict[str, Any]], dict[str, Any]] = field(default=lambda _document, members: members)
    """What goes to the operation for the members that were changed of a document as it is shown."""
    when: Callable[[Document], bool] = field(default=lambda _document: True)
    needs: Handler | None = None
    """An operation without whose right the tab is not there."""
    check: Callable[..., Mapping[str, str]] | None = None
    """``check(visit, typed)`` answers what is wrong with its texts beyond what the operation says, by field."""
    counts: Callable[..., Mapping[str, int]] | None = None
    """``counts(visit, there, typed)`` answers what a careful change takes along: text keys (``<resource>.goes.<name>``)
    and numbers.
    """
    framed: bool = False
    """Whether it shows another page of ours in a frame."""
    chosen: Callable[..., Mapping[str, str]] | None = None
    """``chosen(visit)`` answers what its form says at first: members that the address decides, such as a kind."""

    @property
    def is_form(self) -> bool:
        """Whether it is a form of the update operation."""
        return bool(self.sections or self.made_of or self.parts)


@dataclass(frozen=True)
class Absent:
    """What stands in for an object that nobody has made yet, by its id: its form makes it, by ``create`` where the
    update does not.
    """

    document: Callable[..., Document]
    """``document(visit, id)``."""
    create: Handler | None = None


Doing = Callable[..., "Done | None"]
"""Given the visit and the object (:class:`idp.admin.desk.objects.Object`)."""


@dataclass(frozen=True)
class Done:
    """What an action leaves: the text that says so, and, where it can be taken back, the action that does."""

    said: str
    values: Mapping[str, str] = field(default_factory=dict)
    undo: str = ""
    lands: str = ""
    """The tab to go on with."""
    query: Mapping[str, str] = field(default_factory=dict)
    """What the address of that tab says."""
    href: str = ""
    """Another address to go on at."""
    gone: bool = False
    """Whether there is no such object any more: the list is where to go on."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """What is shown this once: its API field name and the value."""


@dataclass(frozen=True)
class Action:
    """Something to be done with an object, by POST to ``.../<id>/<name>``. ``operation`` is the one whose right it
    needs.

    ``confirm``: it has a page of its own, which says what goes too; ``typed``: and wants the object's name. ``fresh``:
    only by somebody who signed in a moment ago; a function says so of the object. ``danger``: it is in the danger zone.
    """

    name: str
    operation: Handler
    run: Doing = lambda _visit, _there: None
    confirm: bool = False
    typed: bool = False
    fresh: bool | Callable[[Document], bool] = False
    danger: bool = False
    first: bool = False
    """Whether it is what somebody is here for."""
    tab: str = ""
    """The tab that has a form for it, where there is no button: what is refused is said there (``problem``), beside
    what was ``typed``.
    """
    when: Callable[[Document], bool] = field(default=lambda _document: True)
    hidden: bool = False
    """Whether a tab of the object leads to it, and no button of its heading."""
    carries: Sequence[str] = ()
    """Parameters of the address of its page that say what exactly is meant: its form carries them on."""
    what: Callable[..., str] | None = None
    """``what(visit, there)`` answers what that is called."""
    counts: Callable[..., Mapping[str, int]] | None = None
    """What goes too: text keys (``<resource>.goes.<name>``) and numbers."""
    template: str = "admin/confirm.html"
    view: Callable[..., Mapping[str, Any]] | None = None
    """Its page, where it asks for more than a yes; ``view(visit, there)`` is what that is given."""
    elsewhere: Callable[..., str] | None = None
    """``elsewhere(visit, there)`` answers the address of the page that does it, where that is a page of its own."""

    def wants_fresh(self, document: Document) -> bool:
        """Whether only somebody who signed in a moment ago does it with that object."""
        return self.fresh(document) if callable(self.fresh) else self.fresh


@dataclass(frozen=True)
class Bulk:
    """Something to be done with many objects of a list, one operation for each; ``<resource>.bulk.<name>`` says what.

    ``asked`` answers the parameters and the body of the call for one object, by its id and the ``value`` that was
    chosen. ``needed(work, id, value)`` says whether an object is not as it will be already. ``choices(visit)`` are the
    values there are, where one has to be chosen. ``undo`` names what takes it back. ``fresh`` and ``danger`` are those
    of :class:`Action`; of what is dangerous the number is typed.
    """

    name: str
    operation: Handler
    asked: Callable[[str, str], tuple[Mapping[str, str], Any]] = field(default=lambda _id, _value: ({}, None))
    needed: Callable[[Work, str, str], bool] = field(default=lambda _work, _id, _value: True)
    choices: Callable[..., Sequence[tuple[str, str]]] | None = None
    undo: str = ""
    fresh: bool = False
    danger: bool = False
    begin: Callable[..., str] | None = None
    """``begin(visit, ids, query, value)`` answers the id of a job that is one operation for all of them and changes
    none; ``ids`` are None where the query finds them.
    """


@dataclass(frozen=True)
class Bulks:
    """What can be done with many objects of a list, and how all of them are found that it would show: ``query(asked)``
    is what the list compiles to, ``walk(work, query, before, after, limit)`` answers ids in a lasting order, ``count``
    how many there are, and ``titles(work, ids)`` what some are called.
    """

    actions: Sequence[Bulk]
    query: Callable[..., str]
    walk: Callable[..., Sequence[str]]
    count: Callable[..., int]
    titles: Callable[[Work, Sequence[str]], Mapping[str, str]]

    def action(self, name: str) -> Bulk | None:
        """The one of that name."""
        return next((each for each in self.actions if each.name == name), None)


@dataclass(frozen=True)
class Kinds:
    """What something new may be, where that is picked first: ``?<field>=<kind>``. ``sections`` answers the form of one
    kind, nothing where there is none of that name; ``view(visit, kind)`` what ``template`` is given beside the form,
    with an empty kind as long as none is picked; ``may_be`` all sections that there are.
    """

    field: str
    sections: Callable[[str], Sequence[Section]]
    template: str
    view: Callable[..., Mapping[str, Any]]
    may_be: Callable[[], Iterable[Section]]


@dataclass(frozen=True)
class Resource:
    """A kind of object with its pages. ``read``, ``create``, ``update`` and ``remove`` are operations of the Management
    API, whose parameter for the object is ``parameter``.

    ``aliases`` are names it has elsewhere, for the palette. ``single``: there is one of it, and no list.
    """

    group: str
    name: str
    read: Handler
    listing: Listing | None = None
    all: Handler | None = None
    """The operation that lists; its right is that of the page."""
    create: Handler | None = None
    update: Handler | None = None
    remove: Handler | None = None
    page: Callable[..., Any] | None = None
    """``page(visit, resource)`` answers its first page where no listing does: lists that another engine finds."""
    suggest: Callable[..., Sequence[tuple[str, str]]] | None = None
    """``suggest(visit, text, most)`` answers ids and titles for the palette where no listing does."""
    parameter: str = "id"
    parameters: Callable[[str], Mapping[str, str]] | None = None
    """The parameters that an id stands for, where the operations have more than one."""
    identifier: str = "id"
    """The member that holds the id."""
    title: Callable[[Document], str] = field(default=lambda document: str(document.get("name") or ""))
    state: Callable[[Document], Cell] | None = None
    """What its heading says of it beside its name: the key of a text (``<resource>.state.<text>``)."""
    creation: Sequence[Section] = ()
    kinds: Kinds | None = None
    tabs: Sequence[Tab] = ()
    actions: Sequence[Action] = ()
    bulk: Bulks | None = None
    pages: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    """Further pages of the list by their names: ``pages[name](visit, resource)`` answers GET and POST."""
    files: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    """Files of one object by their names: ``files[name](visit, object)`` answers it."""
    links: Sequence[tuple[str, Handler]] = ()
    """Those of them that the list links to, each with the operation whose right it needs."""
    aliases: Sequence[str] = ()
    addresses: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Other names in its group's addresses, which lead on to it: each with what they filter its list by."""
    single: bool = False
    whole: Sequence[str] = ()
    """Objects that an update replaces, or of which it wants some members together: they are sent as a whole."""
    guarded: Sequence[str] = ()
    """Members that its actions change after a fresh sign-in alone, so that its document is edited by nobody else
    either; those of its forms say it themselves.
    """
    fixed: Callable[..., bool] = field(default=lambda _visit, _there: False)
    """``fixed(visit, there)``: whether the object is the product's own, of which nothing is saved or deleted here."""
    instead: Sequence[tuple[str, str, Handler]] = ()
    """Other ways to something new: text (``<resource>.instead.<name>``), address, and whose right each needs."""
    preset: Callable[[Document], Document] = field(default=lambda _members: {})
    """What a new one gets beside what was typed, by that."""
    told: Sequence[str] = ()
    """Secrets that are shown once a new one was made."""
    of_tenant: bool = False
    """Whether it is one of the tenant's documents, whose row is locked by that of the tenant and has no version: a form
    compares the document again once it has the lock.
    """
    unkept: Sequence[str] = ()
    """Inputs of its pages that are kept nowhere, not even while somebody signs in again."""
    lands: str = ""
    """The tab on which somebody who made a new one goes on."""
    api: str = ""
    """Its name in clients of the Management API: ``clients``."""
    deploy: str = ""
    """Its name in files of the deploy tool, where that knows it."""
    absent: Absent | None = None
    """What its pages show of one that is not there yet."""
    recorded: tuple[str, str] | None = None
    """Kind and key under which the log has it, where they are not those of its address in the API. An empty key is the
    tenant's.
    """
    beside: Callable[[str], Sequence[tuple[str, str]]] = field(default=lambda _id: ())
    """Further ones under which the log has the object of that id, or a part of it."""
    part: Sequence[str] = ()
    """The members that it is of what the log has: of the tenant's one row, for its documents."""

    def parameters_of(self, id_: str) -> dict[str, str]:
        """How its operations name the object of that id."""
        if self.single:
            return {}
        return dict(self.parameters(id_)) if self.parameters is not None else {self.parameter: id_}

    @property
    def path(self) -> str:
        """The address of its list, or of the one object."""
        return f"/admin/{self.name}" if self.name == self.group else f"/admin/{self.group}/{self.name}"

    def tab(self, name: str) -> Tab | None:
        """The tab of that name."""
        return next((each for each in self.tabs if each.name == name), None)

    def action(self, name: str) -> Action | None:
        """The action of that name."""
        return next((each for each in self.actions if each.name == name), None)
