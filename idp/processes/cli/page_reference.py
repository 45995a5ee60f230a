"""The reference page of the hosted pages, made from the types of their contexts and the declarations of the screens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, fields
from importlib import import_module

from idp.features import FEATURES
from idp.foundation.web.pages import PageView
from idp.signin.login.screens import ALL, AnyScreen


def page_views() -> dict[str, type[PageView]]:
    """Every template with the type of its context; screens come first, in their order."""
    for name in (name for feature in FEATURES for name in feature.blueprints):
        import_module(name.partition(":")[0])
    found = {screen.template: screen.view_type() for screen in ALL}
    given = {kind.template: kind for kind in _below(PageView) if kind.template}
    return {**found, **dict(sorted(given.items()))}


def pages_reference() -> str:
    """Markdown of every screen and every template."""
    views = page_views()
    screens = "".join(_screen_row(screen) for screen in ALL)
    templates = "".join(_template_row(template, view) for template, view in views.items())
    return f"{_INTRODUCTION}{screens}{_TEMPLATES}{templates}"


def _screen_row(screen: AnyScreen) -> str:
    inputs = ", ".join(f"`{each.name}`{' (required)' if each.required else ''}" for each in screen.fields)
    limit = f"{screen.limit.count} in {screen.limit.window_ms // 60_000} min" if screen.limit else ""
    return f"| `{screen.prompt}` | `{screen.screen}` | `/u/{screen.path}` | {inputs} | {limit} |\n"


def _template_row(template: str, view: type[PageView]) -> str:
    says = " ".join((view.__doc__ or "").replace("``", "`").split())
    return f"| `{template}` | {says} | {'<br>'.join(_members(view))} |\n"


def _members(view: type[PageView]) -> Iterator[str]:
    for each in fields(view):  # type: ignore[arg-type]
        kind = each.type if isinstance(each.type, str) else getattr(each.type, "__name__", str(each.type))
        default = "" if each.default is MISSING else f" = {each.default}"
        yield f"`{each.name}: {kind}{default}`".replace("|", "\\|")


def _below(kind: type[PageView]) -> Iterator[type[PageView]]:
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)


_INTRODUCTION = """<!-- Made by `make docs` from the declarations; do not edit. -->
# Screens and templates

`docs/pages.md` says what a page is made of. Types named here are in `idp/foundation/web/view_models.py`.

## Screens
Prompt and screen are Auth0's names. The template is `login/<prompt>/<screen>.html`, the texts are
`<prompt>.<screen>.*`; the limit counts forms from one address.

| prompt | screen | path | inputs | limit |
|---|---|---|---|---|
"""
_TEMPLATES = """
## Templates and their context
Every template also gets `page` (`idp.foundation.web.pages.Page`). `None` leaves the thing out.

| template | page | context |
|---|---|---|
"""
