"""The notice's button that takes back what was just done.

What it does stands in the address of the page, with a tag that only we can make, for this person in this browser: a
link from somewhere else cannot have an administrator press "Undo" and do something that they never did. It is offered
for half a minute: Back, or a page that was left open, does not bring an old one back.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import msgspec

from idp.admin.desk.frame import Visit
from idp.foundation.ephemeral import one_time
from idp.foundation.kernel import clock, sizes
from idp.foundation.tenancy import http
from idp.foundation.tenancy.work import Work

HREF, TAG, VALUE, UNTIL = "undo", "undo-by", "undo.", "undo-until"
"""Parameters of the address: where the form goes, who wrote it, before each of its inputs, and until when (ms)."""
FOR_MS = 30_000
KIND = "dashboard_undo"


def offer(visit: Visit, href: str, values: Mapping[str, str]) -> dict[str, str]:
    """The parameters of a page that offers to send ``values`` to ``href``."""
    said = {name: text for name, text in values.items() if text}  # an address says nothing of what is empty
    until = str(clock.now_ms() + FOR_MS)
    tag = visit.work.platform.csrf_signer.tag(_told(visit, href, until, said))
    return {HREF: href, TAG: tag, UNTIL: until, **{f"{VALUE}{name}": text for name, text in said.items()}}


def offered(visit: Visit) -> dict[str, str] | None:
    """The form that the address offers, if we wrote it a moment ago: ``href``, and its inputs."""
    href, until = visit.query.get(HREF, ""), visit.query.get(UNTIL, "")
    values = {name.removeprefix(VALUE): text for name, text in visit.query.items() if name.startswith(VALUE)}
    signer = visit.work.platform.csrf_signer
    if not href or not signer.check(_told(visit, href, until, values), visit.query.get(TAG, "")):
        return None
    left = int(until) - clock.now_ms()  # we wrote it: it is a number
    return {**values, "href": href, "for": str(left)} if left > 0 else None


def keep(work: Work, before: Mapping[str, Any]) -> str:
    """Keep what is put back by Undo, sealed, for as long as that is offered; answers its key, nothing for what is too
    large.
    """
    key, text = secrets.token_urlsafe(24), msgspec.json.encode(before).decode()
    if len(text) * 2 > sizes.ONE_TIME.most:
        return ""
    sealed = one_time.sealer(work, KIND, key).seal(text)
    with work.transaction():
        one_time.put(work, KIND, key, sealed, ttl_ms=FOR_MS)
    return key


def kept(work: Work, key: str) -> dict[str, Any]:
    """What :func:`keep` kept under that key; nothing where it is gone, or was taken before."""
    sealed, _ = one_time.read(work, KIND, key[:64], str) if key else (None, None)
    if sealed is None:
        return {}
    with work.transaction():
        taken = one_time.take(work, KIND, key[:64])
    found: dict[str, Any] = msgspec.json.decode(one_time.sealer(work, KIND, key[:64]).open(sealed)) if taken else {}
    return found


def _told(visit: Visit, href: str, until: str, values: Mapping[str, str]) -> str:
    """What the tag is about. It begins as no tag of a form's token does."""
    whose = (visit.work.tenant_id, http.ensure_device(), visit.member.session.id)
    return f"undo\0{msgspec.json.encode([whose, href, until, sorted(values.items())]).decode()}"
