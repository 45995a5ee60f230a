"""The page that a tenant puts around our forms (``/branding/templates/universal-login``): Liquid with two tags of its
own, ``auth0:head`` and ``auth0:widget``, in whose place our head and our page stand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from markupsafe import escape

from idp.foundation.web import liquid

HEAD, WIDGET = "gatehouse-own-head", "gatehouse-own-widget"
"""What stands for the two tags while a template is read."""
_TAGS: Final = {name: re.compile(r"\{%-?\s*auth0:" + name + r"\s*-?%\}") for name in ("head", "widget")}
_STYLE: Final = re.compile(r"<style\b", re.IGNORECASE)
_OUR_HEAD: Final = re.compile(r"<head>(.*?)</head>", re.DOTALL)
_OUR_BODY: Final = re.compile(r"<body>(.*)</body>", re.DOTALL)
_ORIGIN: Final = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?(?=[/?#\"')\s]|\Z)")
_PICTURES: Final = re.compile(r"(?:<img\b[^>]*?\bsrc\s*=\s*[\"']?|url\(\s*[\"']?)(https?://[^\"')\s>]+)", re.IGNORECASE)


def marked(source: str) -> tuple[str, int, int]:
    """The template with marks for its own two tags, and how often each stands there."""
    text, heads = _TAGS["head"].subn(HEAD, source)
    text, widgets = _TAGS["widget"].subn(WIDGET, text)
    return text, heads, widgets


def picture_origins(source: str) -> frozenset[str]:
    """Origins of the pictures that stand in a template: what ``img-src`` must allow for it."""
    found = (_ORIGIN.match(address) for address in _PICTURES.findall(source))
    return frozenset(origin[0] for origin in found if origin)


def compose(source: str, page: str, values: Mapping[str, Any], nonce: str) -> str:
    """Our whole ``page`` inside the template: its head where the template has ours, its body in place of the widget.
    Styles of the template get the nonce of this answer. Raises TemplateError, also where what it says today has not
    each of the two places once.
    """
    head, body = _OUR_HEAD.search(page), _OUR_BODY.search(page)
    if head is None or body is None:
        return page
    around = liquid.html(marked(source)[0], values)
    if (around.count(HEAD), around.count(WIDGET)) != (1, 1):
        raise liquid.TemplateError("auth0:head and auth0:widget come out once each")
    around = _STYLE.sub(f'<style nonce="{escape(nonce)}"', around)
    before, _, rest = around.partition(HEAD)
    between, _, after = rest.partition(WIDGET)
    return "".join((before, head[1], between, body[1], after))
