"""Which HTML a tenant may put into our pages: nothing that runs, sends forms, loads other documents, or passes itself
off as one of our controls (security.md TI; decision 0217). It is judged when it is stored, before Liquid has filled it
in: Liquid may stand in texts and in values, never where a name of an element or attribute is.

Our policy header runs no script of theirs either: this is the wall before that wall, and says what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Final

from idp.foundation.web import liquid
from idp.foundation.web.page_template import HEAD, WIDGET, marked


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FILLED: Final = "gatehouse-filled-in"
_LIQUID: Final = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_RAW: Final = re.compile(r"\{%-?\s*(?:raw|comment|doc|liquid|capture)\b")
_WRITTEN: Final = re.compile(r"\"[^\"]*\"|'[^']*'")
_BRACKETS: Final = frozenset("<>\"'`")
_BEGINS, _ENDS = "gatehouse-block-begins", "gatehouse-block-ends"
"""What stands for tags that more belongs to, as ``if`` and ``endif``."""
_BLOCKS: Final = r"(?:if|unless|case|for|tablerow|ifchanged)\b"
_BEGIN: Final = re.compile(r"\{%-?\s*" + _BLOCKS)
_END: Final = re.compile(r"\{%-?\s*end" + _BLOCKS)
_EDGE: Final = re.compile(f"{_BEGINS}|{_ENDS}")
_SHAPES: Final = _words(
    "svg g path circle ellipse rect line polyline polygon defs lineargradient radialgradient stop title"
)
_TEXT: Final = _words(
    """div span p a img h1 h2 h3 h4 h5 h6 ul ol li dl dt dd header footer section article nav aside figure
    figcaption br hr b i em strong small sub sup code pre blockquote table caption thead tbody tfoot tr th td
    abbr address cite mark time wbr bdi bdo u s q center"""
)
_FIELDS: Final = _words("input label select option optgroup textarea fieldset legend datalist")
_PAGE: Final = _words("html head body meta link style main")
PIECE_ELEMENTS: Final = _TEXT | _SHAPES | _FIELDS
PAGE_ELEMENTS: Final = _TEXT | _SHAPES | _PAGE
_EVERYWHERE: Final = _words("id class title lang dir role hidden tabindex translate align")
_DRAWING: Final = _words(
    """viewbox d fill stroke stroke-width stroke-linecap stroke-linejoin cx cy r rx ry x y x1 y1 x2 y2 points
    transform xmlns preserveaspectratio offset stop-color stop-opacity gradientunits fill-rule clip-rule opacity
    focusable"""
)
_OF: Final[dict[str, frozenset[str]]] = {
    "a": _words("href target rel hreflang"),
    "img": _words("src alt width height loading decoding referrerpolicy"),
    "html": frozenset({"xmlns"}),
    "meta": _words("name content charset"),
    "link": _words("rel href sizes type"),
    "style": frozenset({"type", "media"}),
    "label": frozenset({"for"}),
    "table": _words("border cellpadding cellspacing width"),
    "td": _words("colspan rowspan valign width"),
    "th": _words("colspan rowspan valign width scope"),
    "time": frozenset({"datetime"}),
    "option": _words("value selected disabled label"),
    "optgroup": frozenset({"label", "disabled"}),
    "ol": frozenset({"start", "type"}),
}
_INPUT: Final = _words(
    """type name value placeholder required pattern minlength maxlength min max step autocomplete inputmode checked
    multiple rows cols disabled readonly size list spellcheck"""
)
_TYPES: Final = _words("text email tel url number date checkbox radio hidden search")
_OWN_NAME: Final = re.compile(r"ulp-[A-Za-z0-9_-]{1,80}")
_LINK: Final = re.compile(r"(?:https?://|mailto:|tel:|/|#|\?|" + _FILLED + ")", re.IGNORECASE)
_PICTURE: Final = re.compile(
    r"(?:https?://|/|data:image/(?:png|jpeg|gif|webp|svg\+xml)[;,]|" + _FILLED + ")", re.IGNORECASE
)
_BAD_STYLE: Final = re.compile(r"@import|expression\s*\(|behavior\s*:|-moz-binding|<|\\", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"url\(\s*[\"']?([^\"')\s]*)", re.IGNORECASE)
_NO_PLACE: Final = frozenset({"style", "title", "a", "svg", "table", "ul", "ol", "p", "head"})
"""Elements inside of which the widget cannot stand."""
_TEXT_ALONE: Final = frozenset({"style", "title", "textarea"})
"""Elements that browsers read to their end as text."""


class MarkupError(ValueError):
    """What is wrong, for whoever wrote it."""


def check_page(source: str) -> None:
    """Whether a page template may stand around our forms. Raises MarkupError."""
    text, heads, widgets = marked(source)
    if heads != 1 or widgets != 1:
        raise MarkupError("The template needs the tags {%- auth0:head -%} and {%- auth0:widget -%}, each once")
    _check(text, PAGE_ELEMENTS, page=True)


def check_piece(source: str) -> None:
    """Whether a piece may stand inside our forms. Raises MarkupError."""
    if any(marked(source)[1:]):
        raise MarkupError("auth0:head and auth0:widget stand in a page template only")
    _check(source, PIECE_ELEMENTS, page=False)


def _check(text: str, elements: frozenset[str], *, page: bool) -> None:
    try:
        liquid.check(text)
    except liquid.TemplateError as error:
        raise MarkupError(str(error)) from error
    if _RAW.search(text):
        raise MarkupError("The Liquid tags raw, comment, doc, liquid and capture can't be used here")
    reader = _Reader(elements, page=page)
    reader.feed(_LIQUID.sub(_stand_in, text))
    reader.finish()


def _stand_in(match: re.Match[str]) -> str:
    """What is read in place of a tag or an output. What its texts say comes onto the page as it is written: in them
    nothing may begin or end an element or a value.
    """
    found = match[0]
    if any(_BRACKETS.intersection(each[0][1:-1]) for each in _WRITTEN.finditer(found)):
        raise MarkupError("Texts inside of Liquid tags can't hold brackets or quotes")
    if _BEGIN.match(found):
        return f"{_FILLED}-{_BEGINS}"
    return f"{_FILLED}-{_ENDS}" if _END.match(found) else _FILLED


def _check_blocks(text: str) -> None:
    """Whether every block that begins there ends there: whatever it leaves out, the end of the value stays."""
    depth = 0
    for edge in _EDGE.findall(text):
        depth += 1 if edge == _BEGINS else -1
        if depth < 0:
            break
    if depth:
        raise MarkupError("A Liquid block that begins in a value, a style or a title ends in it, too")


class _Reader(HTMLParser):
    """Walks through the markup and refuses what is not on the lists."""

    def __init__(self, elements: frozenset[str], *, page: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._elements, self._page = elements, page
        self._open: list[str] = []
        self._text = ""
        self._placed: set[str] = set()

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """An element begins."""
        if tag not in self._elements:
            raise MarkupError(f"The element {tag[:40]} can't be used here")
        for name, value in attrs:
            self._attribute(tag, name, value or "")
        if tag == "meta" and any(name == "name" and (value or "").lower() == "referrer" for name, value in attrs):
            raise MarkupError("The referrer policy of our pages stays as it is")
        if tag == "link" and {(value or "").lower() for name, value in attrs if name == "rel"} - {
            "icon",
            "shortcut icon",
            "apple-touch-icon",
        }:
            raise MarkupError("A link element may name an icon only; put styles into a style element")
        if tag in _FIELDS - {"label", "option", "optgroup", "fieldset", "legend", "datalist"}:
            self._named(tag, dict(attrs))
        if tag not in {"img", "br", "hr", "meta", "link", "input", "wbr"}:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """An element that ends at once, as SVG writes it; browsers read others as open."""
        self.handle_starttag(tag, attrs)
        if tag in _SHAPES and self._open[-1:] == [tag]:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        if tag in self._open:
            if tag in _TEXT_ALONE:
                _check_blocks(self._text)
                self._text = ""
            while self._open.pop() != tag:
                pass
        elif not self._page and tag in {"form", "div", "main", "section"}:
            raise MarkupError(f"The piece ends an element {tag} that it did not begin")

    def handle_data(self, data: str) -> None:
        """Text, or styles."""
        if _TEXT_ALONE.intersection(self._open):
            self._text += data
        if self._open[-1:] == ["style"]:
            _check_style(data)
        if HEAD in data:
            if self._open[-1:] != ["head"]:
                raise MarkupError("auth0:head stands in the head of the template")
            self._placed.add(HEAD)
        if WIDGET in data:
            if "body" not in self._open or _NO_PLACE.intersection(self._open):
                raise MarkupError("auth0:widget stands in the body of the template, in no list, table or paragraph")
            self._placed.add(WIDGET)

    def handle_comment(self, data: str) -> None:
        """A comment: browsers disagree where one with brackets ends."""
        if "<" in data or ">" in data or "--" in data or _FILLED in data:
            raise MarkupError("Comments with brackets or Liquid in them can't be used here")

    def handle_decl(self, decl: str) -> None:
        """``<!doctype html>``."""
        if not self._page or decl.strip().lower() != "doctype html":
            raise MarkupError("Only the declaration <!DOCTYPE html> can be used here")

    def handle_pi(self, data: str) -> None:
        """``<?...>``."""
        raise MarkupError("Processing instructions can't be used here")

    def unknown_decl(self, data: str) -> None:
        """``<![CDATA[...]]>``."""
        raise MarkupError("CDATA can't be used here")

    def finish(self) -> None:
        """What is wrong with the whole."""
        if "<" in self.rawdata:  # it goes on reading what of our page comes next
            raise MarkupError("The markup ends inside of a tag, a comment or a style element")
        self.close()
        if self._page and self._placed != {HEAD, WIDGET}:
            raise MarkupError("auth0:head stands in the head, auth0:widget in the body of the template")
        if not self._page and self._open:
            raise MarkupError(f"The piece does not end its element {self._open[-1]}")

    def _attribute(self, tag: str, name: str, value: str) -> None:
        known = name in _EVERYWHERE or name.startswith("aria-") or name in _OF.get(tag, ())
        known = known or (tag in _SHAPES and name in _DRAWING)
        known = known or (tag in _FIELDS and name in _INPUT) or re.fullmatch(r"data-ulp-[a-z-]{1,40}", name) is not None
        _check_blocks(value)
        if not known or HEAD in value or WIDGET in value:
            hint = "; put styles into a style element" if name == "style" else ""
            raise MarkupError(f"The attribute {name[:40]} of {tag} can't be used here{hint}")
        if name == "href" and not _LINK.match(value.strip()):
            raise MarkupError("A link leads to an http, mailto or tel address")
        if name == "src" and not _PICTURE.match(value.strip()):
            raise MarkupError("A picture has an http address, or is a data:image")

    def _named(self, tag: str, attrs: dict[str, str | None]) -> None:
        if _OWN_NAME.fullmatch(attrs.get("name") or "") is None:
            raise MarkupError("The name of a field begins with ulp-")
        if tag == "input" and (attrs.get("type") or "text").lower() not in _TYPES:
            raise MarkupError(f"An input of the type {str(attrs.get('type'))[:20]} can't be used here")


def _check_style(data: str) -> None:
    if _BAD_STYLE.search(data):
        raise MarkupError("Styles can't import sheets, escape letters or call code")
    for address in _ADDRESS.findall(data):
        if not _PICTURE.match(address):
            raise MarkupError("url() in styles names a picture at an http address, or a data:image")
