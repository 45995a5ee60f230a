"""How a screen is rendered: settings of Auth0's Advanced Customizations for Universal Login. They are kept and told, so
that a tenant moves with all of them; every page is rendered here, whatever they say (decision 0294).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from idp.foundation.kernel.faults import PATH, fault
from idp.foundation.tenancy import documents
from idp.foundation.tenancy.work import Work
from idp.tenant.appearance.prompts import PROMPTS, SCREENS

KIND: Final = "rendering"
STANDARD: Final[Mapping[str, Any]] = {
    "rendering_mode": "standard",
    "context_configuration": [],
    "default_head_tags_disabled": False,
    "head_tags": [],
    "filters": None,
    "use_page_template": False,
}
"""What holds where nobody said anything."""


def of_screen(work: Work, prompt: str, screen: str) -> dict[str, Any]:
    """The settings of one screen. Raises BadRequest for one that there is none of."""
    row = documents.get(work, KIND, _name(prompt, screen))
    return {**STANDARD, **(row.document if row else {}), "prompt": prompt, "screen": screen}


def every(work: Work, wanted: Mapping[str, str]) -> list[dict[str, Any]]:
    """Those of every screen that somebody set, in their order; ``wanted``: members that they have to have."""
    found = []
    for row in documents.every(work, KIND):
        prompt, _, screen = row.name.partition("/")
        found.append({**STANDARD, **row.document, "prompt": prompt, "screen": screen})
    return [each for each in found if all(each[name] == value for name, value in wanted.items())]


def change(work: Work, prompt: str, screen: str, members: Mapping[str, Any]) -> dict[str, Any]:
    """Change some of one screen's. Raises BadRequest for a screen that there is none of."""
    name = _name(prompt, screen)
    row = documents.locked(work, KIND, name)
    documents.put(work, KIND, name, {**(row.document if row else {}), **members})
    return of_screen(work, prompt, screen)


def change_all(work: Work, wanted: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Change some of several screens', all or none. Raises BadRequest."""
    named = [(dict(each), each["prompt"], each["screen"]) for each in wanted]
    for _, prompt, screen in named:
        _name(prompt, screen)
    return [
        change(work, prompt, screen, {name: value for name, value in each.items() if name in STANDARD})
        for each, prompt, screen in named
    ]


def _name(prompt: str, screen: str) -> str:
    if prompt not in PROMPTS:
        raise fault(PATH, f"No enum match for: {prompt[:80]}", "prompt", "Name of the prompt")
    if screen not in SCREENS[prompt]:
        raise fault(PATH, f"No enum match for: {screen[:80]}", "screen", "Name of the screen")
    return f"{prompt}/{screen}"
