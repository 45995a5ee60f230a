"""What the forms about the hosted pages of one prompt share (``templates/admin/prompt.html``): the tenant's words and
pieces, each drawn beside the form before it is saved.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idp.admin.desk import samples
from idp.admin.desk.frame import Visit
from idp.admin.desk.preview import PATH
from idp.admin.desk.resource import Document
from idp.tenant.appearance.prompts import SCREENS


def screens_of(prompt: str) -> list[str]:
    """Its screens as they follow each other in a form: first that which is called like it."""
    return sorted(SCREENS[prompt], key=lambda each: (each != prompt, each))


def beside(visit: Visit, prompt: str, language: str, draft: str) -> Mapping[str, Any]:
    """What the template is given: the pages by screen, and the frame with the first of them, or with that of
    ``?screen=``. ``draft`` is what the preview takes the form for (:func:`idp.admin.desk.preview.answer`).
    """
    pages = {screen: samples.of_screen(prompt, screen) for screen in screens_of(prompt)}
    page = pages.get(visit.query.get("screen", "")) or next(filter(None, pages.values()), "")
    return {
        "prompt": prompt,
        "language": language,
        "draft": draft,
        "pages": pages,
        "frame": visit.href(PATH, screen=page, lang=language) if page else "",
        "first_page": page,
        "preview": visit.href(PATH),
    }


def without_emptied(_document: Document, members: dict[str, Any]) -> dict[str, Any]:
    """What is sent of a form: a text that was emptied is ours again, and a place that was emptied holds nothing."""
    return {
        screen: {name: text for name, text in texts.items() if text}
        for screen, texts in members.items()
        if any(texts.values())
    }
