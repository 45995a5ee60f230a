"""A form that was sent after the session had ended: nothing is saved, and nothing that was typed is lost.

It waits sealed for ten minutes under a key that only its way back names; the same person finds the form filled in after
signing in, without secrets, and sends it themselves.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlencode

import msgspec
from flask import Response

from idp.admin import navigation, signed_in
from idp.admin.desk import form as forms
from idp.admin.desk import operations, uploads
from idp.admin.signed_in import Member
from idp.foundation.ephemeral import limits, one_time
from idp.foundation.kernel import secret_words, sizes, strict_json
from idp.foundation.kernel.redaction import HIDDEN
from idp.foundation.kernel.secrets import digest
from idp.foundation.kernel.strict_json import InvalidJson
from idp.foundation.tenancy import http
from idp.foundation.tenancy.work import Work

KIND = "dashboard_form"
FOR_MS = 600_000
WHO = "desk.who"
"""The input that says whose form it is."""
PRIVATE_KEY = "PRIVATE KEY-----"
PRIVATE_MEMBERS = frozenset({"d", "k", "p", "q"})
"""Members of a JWK that whoever else has them could sign with (RFC 7518 6)."""
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
    form = uploads.inputs()
    http.check_form(work, form.get("csrf"))
    return signed_in.begin(work, keep(work, form, f"{signed_in.here().partition('?')[0]}{_picked()}"))


def _picked() -> str:
    """The kind of something new that the form is for, as its address says it."""
    asked, names = http.query(), {each.kinds.field for each in navigation.resources() if each.kinds}
    found = {name: asked[name] for name in sorted(names & asked.keys())}
    return f"?{urlencode(found)}" if found else ""


def keep(work: Work, form: Mapping[str, str], address: str) -> str:
    """Keep what was typed; answers the address with the key that finds it again, or without one for what is too large,
    or one form too many of a network.
    """
    key = _put(work, form)
    return f"{address}{'&' if '?' in address else '?'}{KEPT}={key}" if key else address


def _put(work: Work, form: Mapping[str, str]) -> str | None:
    text = msgspec.json.encode(without_secrets(form)).decode()
    if len(text) * 2 > sizes.ONE_TIME.most or limits.exceeded(work, limits.FORMS_KEPT, work.network) is not None:
        return None
    key = secrets.token_urlsafe(32)
    sealed = one_time.sealer(work, KIND, key).seal(text)
    with work.transaction():
        one_time.put(work, KIND, key, {"who": form.get(WHO, ""), "sealed": sealed}, ttl_ms=FOR_MS)
    return key


def without_secrets(form: Mapping[str, str]) -> dict[str, str]:
    """What was typed, as far as a page may show it again."""
    hidden = _secrets() | _unkept() | {"csrf"}
    return {
        name: value for name, value in form.items() if name.partition("[")[0] not in hidden and not _has_secret(value)
    }


@cache
def _secrets() -> frozenset[str]:
    """The inputs of any form that hold a secret."""
    found: set[str] = set()
    for resource in navigation.resources():
        handlers = [
            (resource.create, resource.creation),
            (resource.create, tuple(resource.kinds.may_be()) if resource.kinds else ()),
            *((tab.update or resource.update, (*tab.sections, *tab.may_be())) for tab in resource.tabs),
        ]
        for handler, sections in handlers:
            if handler is not None:
                found.update(forms.hidden_of(sections, operations.endpoint(handler).body))
    return frozenset(found)


@cache
def _unkept() -> frozenset[str]:
    """The inputs that no form keeps."""
    return frozenset(name for resource in navigation.resources() for name in resource.unkept)


def _has_secret(text: str) -> bool:
    """Whether somebody typed a private key, or JSON with a secret in it: what no page shows is not waiting anywhere
    either.
    """
    if PRIVATE_KEY in text:
        return True
    try:
        return _secret_in("", strict_json.decode(text.encode()))
    except InvalidJson:
        return False


def _secret_in(name: str, value: Any) -> bool:
    if isinstance(value, dict):
        if "kty" in value and not PRIVATE_MEMBERS.isdisjoint(value):
            return True
        return any(_secret_in(each, item) for each, item in value.items())
    if isinstance(value, list):
        return any(_secret_in("", item) for item in value)
    return bool(name and isinstance(value, str) and value not in {"", HIDDEN} and secret_words.in_document(name, value))


def typed_before(work: Work, member: Member, key: str) -> dict[str, str]:
    """The form that ``key`` names, if it is this person's."""
    found, _ = one_time.read(work, KIND, key[:64], _Waiting) if key else (None, None)
    if found is None or found.who != who(work, member.session.user_id):
        return {}
    return _decoder.decode(one_time.sealer(work, KIND, key[:64]).open(found.sealed))
