"""A hosted page as a browser without JavaScript sees it: its forms, links and words."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

VOID = frozenset({"meta", "link", "input", "br", "img", "hr", "wbr"})
UNSEEN = frozenset({"script", "style", "title"})


@dataclass
class Form:
    """One form: where it goes, what it carries by itself, and its buttons as (id, name, value)."""

    action: str
    method: str
    id: str | None
    fields: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str | None] = field(default_factory=dict)
    buttons: list[tuple[str | None, str | None, str]] = field(default_factory=list)
    unticked: set[str] = field(default_factory=set)
    """Boxes that nobody has ticked: they are sent only when somebody does."""

    def button(self, wanted: str | None) -> dict[str, str]:
        """What pressing ``wanted`` (a button's id or value; None for the first button) adds to the form."""
        for identifier, name, value in self.buttons:
            if wanted is None or wanted in (identifier, value):
                return {name: value} if name else {}
        raise LookupError(f"no button {wanted!r} in {self.buttons}")


@dataclass(repr=False)
class Page:
    """A parsed answer."""

    url: str
    html: str
    title: str = ""
    text: str = ""
    lang: str | None = None
    forms: list[Form] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    frames: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    scripts: list[str] = field(default_factory=list)

    def form(self, *names: str) -> Form:
        """The form that has all of these inputs."""
        for found in self.forms:
            if set(names) <= {*found.fields, *found.unticked}:
                return found
        raise LookupError(f"no form with {names} on {self.url}: {self.text[:300]}")

    def form_with_button(self, wanted: str) -> Form:
        """The form with a button of that id or value."""
        for found in self.forms:
            if any(wanted in (identifier, value) for identifier, _, value in found.buttons):
                return found
        raise LookupError(f"no button {wanted!r} on {self.url}: {self.text[:300]}")


def parse(url: str, html: str) -> Page:
    """Read an answer's HTML."""
    reader = _Reader(Page(url, html))
    reader.feed(html)
    reader.page.text = " ".join(reader.page.text.split())
    return reader.page


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page = page
        self._open: list[tuple[str, str | None]] = []
        self._form: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self._open.append((tag, found.get("id")))
        if tag == "html":
            self.page.lang = found.get("lang")
        elif tag == "form":
            action = urljoin(self.page.url, found.get("action") or self.page.url)
            self._form = Form(action, found.get("method", "get").upper(), found.get("id"))
            self.page.forms.append(self._form)
        elif tag == "input" and self._form is not None and found.get("type") == "checkbox" and "checked" not in found:
            self._form.unticked.add(found.get("name", ""))
        elif tag == "input" and self._form is not None and found.get("name"):
            unticked = found.get("type") == "checkbox" and "checked" not in found
            self._form.fields[found["name"]] = "" if unticked else found.get("value", "")
            self._form.ids[found["name"]] = found.get("id")
        elif tag == "button" and self._form is not None and found.get("type", "submit") == "submit":
            self._form.buttons.append((found.get("id"), found.get("name"), found.get("value", "")))
        elif tag == "a" and found.get("href"):
            self.page.links[found.get("id") or found["href"]] = urljoin(self.page.url, found["href"])
        elif tag == "wbr":  # a place to break is no space
            self.page.text = self.page.text.rstrip()
        elif tag == "iframe":
            self.page.frames.append(found.get("src", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        while self._open:
            if self._open.pop()[0] == tag:
                break

    def handle_data(self, data: str) -> None:
        tags = {tag for tag, _ in self._open}
        if "title" in tags:
            self.page.title += data
        if "script" in tags:
            self.page.scripts.append(data)
        if tags & UNSEEN:
            return
        self.page.text += data + " "
        for _, identifier in self._open:
            if identifier:
                self.page.texts[identifier] = (self.page.texts.get(identifier, "") + data).strip()
