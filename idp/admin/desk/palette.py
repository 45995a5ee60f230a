"""The palette: pages, settings, actions and objects by their names, ours and Auth0's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from idp.admin.desk import form as forms
from idp.admin.desk import guides, operations, tenants
from idp.admin.desk import listing as lists
from idp.admin.desk.frame import Moved, Shown, Visit
from idp.admin.desk.lists import object_path
from idp.admin.desk.resource import Field, Resource, Tab

MOST_OF_A_KIND = 5
MIN_LETTERS = 2


@dataclass(frozen=True)
class Hit:
    """Something that was found: of a kind, at an address."""

    kind: str
    text: str
    href: str
    more: str = ""


def page(visit: Visit, resources: Sequence[Resource]) -> Shown | Moved:
    """What ``?q=`` finds: only what this person may read. An exact id, or the address of one person, leads straight
    there.
    """
    text = visit.query.get("q", "").strip()[: lists.MAX_QUERY]
    seen = [each for each in resources if operations.may(visit.work, each.all or each.read)]
    hits: list[Hit] = []
    if text:
        hits += _of_a_kind("page", _pages(visit, seen, text))
        hits += [
            Hit("page", each.text, each.href, visit.texts.t("frame.help.title")) for each in guides.found(visit, text)
        ]
        hits += _of_a_kind("action", _actions(visit, seen, text))
        switch = visit.texts.t("frame.tenants.switch")
        hits += [Hit("action", each.text, each.href, switch) for each in tenants.links(visit) if _says(each.text, text)]
        hits += _of_a_kind("field", _fields(visit, seen, text))
    if len(text) >= MIN_LETTERS:
        listed = _listed(visit, seen, text)
        for each in seen:
            found = list(_objects(visit, each, text, listed.get(each.name, ())))
            exact = [hit for hit in found if _is(hit, text)]
            if len(exact) == 1 and visit.query.get("go"):
                return Moved(exact[0].href)
            hits += found[:MOST_OF_A_KIND]
    return Shown("admin/search.html", visit.texts.t("frame.search.title"), {"hits": hits, "q": text})


def _says(title: str, text: str) -> bool:
    return text.lower() in title.lower()


def _is(hit: Hit, text: str) -> bool:
    """Whether exactly that was typed: its id, or somebody's address."""
    return text == hit.more or ("@" in text and text.lower() == hit.text.lower())


def _of_a_kind(_kind: str, hits: Iterator[Hit]) -> list[Hit]:
    return [hit for _, hit in zip(range(MOST_OF_A_KIND), hits, strict=False)]


def _pages(visit: Visit, resources: Sequence[Resource], text: str) -> Iterator[Hit]:
    for each in resources:
        title = visit.texts.t(f"{each.name}.title")
        names = (title, each.name, *each.aliases)
        if any(text.lower() in name.lower() for name in names):
            yield Hit("page", title, visit.href(each.path), visit.texts.t(f"frame.group.{each.group}"))


def _actions(visit: Visit, resources: Sequence[Resource], text: str) -> Iterator[Hit]:
    for each in resources:
        if operations.may(visit.work, each.create):
            title = visit.texts.t(f"{each.name}.new")
            if text.lower() in title.lower():
                yield Hit("action", title, visit.href(f"{each.path}/new"), visit.texts.t(f"{each.name}.title"))
    for each in resources:
        for name, href in _deeds(visit, each):
            if text.lower() in name.lower():
                yield Hit("action", name, href, visit.texts.t(f"{each.name}.title"))


def _deeds(visit: Visit, resource: Resource) -> Iterator[tuple[str, str]]:
    """What is done beside its list, and with one of its objects, which the list leads to."""
    for link, handler in resource.links:
        if operations.may(visit.work, handler):
            yield visit.texts.t(f"{resource.name}.{link}"), visit.href(f"{resource.path}/{link}")
    for action in resource.actions:
        key = f"{resource.name}.action.{action.name}"
        if key in visit.texts and operations.may(visit.work, action.operation):
            yield visit.texts.t(key), visit.href(resource.path)


def _fields(visit: Visit, resources: Sequence[Resource], text: str) -> Iterator[Hit]:
    """Settings by their label or API field name; of what there are many, the list leads on."""
    for each in resources:
        title = visit.texts.t(f"{each.name}.title")
        for tab in each.tabs:
            for field in _fields_of(each, tab):
                label = field.label or visit.texts.known(f"{each.name}.field.{field.name}", field.name)
                if text.lower() in label.lower() or text.lower() in field.name.lower():
                    path = f"{each.path}/{tab.name}" if each.single else each.path
                    yield Hit("field", label, visit.href(path), f"{title} · {field.name}")


_KNOWN: dict[tuple[str, str], Sequence[Field]] = {}


def _fields_of(resource: Resource, tab: Tab) -> Sequence[Field]:
    """All that a tab may have: made once, since those of connections are the options of every strategy."""
    key = resource.name, tab.name
    if key not in _KNOWN:
        _KNOWN[key] = list({each.name: each for each in forms.fields_of((*tab.sections, *tab.may_be()))}.values())
    return _KNOWN[key]


def _listed(visit: Visit, resources: Sequence[Resource], text: str) -> Mapping[str, Sequence[tuple[str, str]]]:
    """What is found where a list has the rows: one statement, whatever the number of lists."""
    listings = {each.name: each.listing for each in resources if each.suggest is None and each.listing is not None}
    return lists.suggestions(visit.work, listings, text, MOST_OF_A_KIND)


def _objects(visit: Visit, resource: Resource, text: str, listed: Sequence[tuple[str, str]]) -> Iterator[Hit]:
    """Objects of a kind: those that its list found, or another engine does."""
    found = listed if resource.suggest is None else resource.suggest(visit, text, MOST_OF_A_KIND)
    for key, title in found:
        yield Hit(resource.name, title or key, visit.href(object_path(resource, key)), key)
