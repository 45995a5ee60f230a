"""A form that was sent after the session had ended: nothing is saved, and nothing that was typed is lost.

It waits sealed for ten minutes under a key that only its way back names; the same person finds the form filled in after
signing in, without secrets, and sends it themselves.
"""

from __future__ import annotations

import secrets
from functools import cache

import msgspec
from flask import Response

from idp.admin import navigation, signed_in
from idp.admin.desk import form as forms
from idp.admin.desk import operations
from idp.admin.signed_in import Member
from idp.foundation.ephemeral import limits, one_time
from idp.foundation.kernel import sizes
from idp.foundation.kernel.secrets import digest
from idp.foundation.tenancy import http
from idp.foundation.tenancy.work import Work

KIND = "dashboard_form"
FOR_MS = 600_000
WHO = "desk.who"
"""The input that says whose form it is."""
KEPT = "kept"
"""The parameter of the address that names a form."""


class _Waiting(msgspec.Struct):
    who: str
    sealed: str


_decoder = msgspec.json.Decoder(dict[str, str])


def who(work: Work, user_id: str) -> str:
    """What a form says of the person who filled it in."""
    return digest(f"{work.tenant_id}\0{user_id}")


def sign_in_again(work: Work) -> Response:
    """Sign in, and go on at the page that has the form."""
    form = http.form()
    http.check_form(work, form.get("csrf"))
    here = signed_in.here().partition("?")[0]
    key = _put(work, form)
    return signed_in.begin(work, f"{here}?{KEPT}={key}" if key else here)


def _put(work: Work, form: dict[str, str]) -> str | None:
    """Keep what was typed; None for what is too large, or one form too many of a network."""
    hidden = _secrets()
    typed = {name: value for name, value in form.items() if name != "csrf" and name not in hidden}
    text = msgspec.json.encode(typed).decode()
    if len(text) * 2 > sizes.ONE_TIME.most or limits.exceeded(work, limits.FORMS_KEPT, work.network) is not None:
        return None
    key = secrets.token_urlsafe(32)
    sealed = one_time.sealer(work, KIND, key).seal(text)
    with work.transaction():
        one_time.put(work, KIND, key, {"who": form.get(WHO, ""), "sealed": sealed}, ttl_ms=FOR_MS)
    return key


@cache
def _secrets() -> frozenset[str]:
    """The inputs of any form that hold a secret."""
    found: set[str] = set()
    for resource in navigation.resources():
        handlers = [
            (resource.create, resource.creation),
            *((tab.update or resource.update, tab.sections) for tab in resource.tabs),
        ]
        for handler, sections in handlers:
            if handler is not None:
                found.update(forms.secrets_of(sections, operations.endpoint(handler).body))
    return frozenset(found)


def typed_before(work: Work, member: Member, key: str) -> dict[str, str]:
    """The form that ``key`` names, if it is this person's."""
    found, _ = one_time.read(work, KIND, key[:64], _Waiting) if key else (None, None)
    if found is None or found.who != who(work, member.session.user_id):
        return {}
    return _decoder.decode(one_time.sealer(work, KIND, key[:64]).open(found.sealed))
