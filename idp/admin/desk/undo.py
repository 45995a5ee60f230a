"""The notice's button that takes back what was just done.

What it does stands in the address of the page, with a tag that only we can make, for this person in this browser: a
link from somewhere else cannot have an administrator press "Undo" and do something that they never did.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from idp.admin.desk.frame import Visit
from idp.foundation.tenancy import http

HREF, TAG, VALUE = "undo", "undo-by", "undo."
"""Parameters of the address: where the form goes, who wrote it, and before each of its inputs."""


def offer(visit: Visit, href: str, values: Mapping[str, str]) -> dict[str, str]:
    """The parameters of a page that offers to send ``values`` to ``href``."""
    said = {name: text for name, text in values.items() if text}  # an address says nothing of what is empty
    tag = visit.work.platform.csrf_signer.tag(_told(visit, href, said))
    return {HREF: href, TAG: tag, **{f"{VALUE}{name}": text for name, text in said.items()}}


def offered(visit: Visit) -> dict[str, str] | None:
    """The form that the address offers, if we wrote it: ``href``, and its inputs."""
    href = visit.query.get(HREF, "")
    values = {name.removeprefix(VALUE): text for name, text in visit.query.items() if name.startswith(VALUE)}
    signer = visit.work.platform.csrf_signer
    if not href or not signer.check(_told(visit, href, values), visit.query.get(TAG, "")):
        return None
    return {**values, "href": href}


def _told(visit: Visit, href: str, values: Mapping[str, str]) -> str:
    """What the tag is about. It begins as no tag of a form's token does."""
    whose = (visit.work.tenant_id, http.ensure_device(), visit.member.session.id)
    return f"undo\0{msgspec.json.encode([whose, href, sorted(values.items())]).decode()}"
