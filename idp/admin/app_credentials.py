"""Keys and certificates by which an application proves itself, on its tab *Credentials*: list them, register one from
PEM or JWK, have it count, put another in its place, let it expire, remove it. Each is an operation of the Management
API; what counts is said in ``client_authentication_methods`` and ``signed_request_object``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from idp.admin.desk import form as forms
from idp.admin.desk import operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.kept import PRIVATE_KEY, PRIVATE_MEMBERS
from idp.admin.desk.objects import Object
from idp.admin.desk.opened import opened
from idp.admin.desk.resource import Action, Document, Done
from idp.applications.clients import api as clients
from idp.applications.clients.credentials import MAX_CREDENTIALS
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import BadRequest

TAB: Final = "credentials"
METHODS, REQUESTS, BOTH = "client_authentication_methods", "signed_request_object", "both"
TYPES: Final[Mapping[str, str]] = {
    "public_key": "private_key_jwt",
    "x509_cert": "self_signed_tls_client_auth",
    "cert_subject_dn": "tls_client_auth",
}
"""Kind of a credential -> the way of authenticating that it is for."""
ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA", "RS384", "RS512", "PS384", "PS512", "ES384", "ES512")
AUTHENTICATE, SIGN, LATER = "authenticate", "sign", "later"
USES: Final = (AUTHENTICATE, SIGN, LATER)
"""What a new one counts for from now on."""
KEY, CREDENTIAL, USE = "key", "credential", "use"


@dataclass(frozen=True)
class Row:
    """A credential as the tab shows it; moments as the API writes them. ``uses`` are the places that name it."""

    id: str
    kind: str
    name: str
    detail: str
    alg: str
    made: str
    expires: str
    expired: bool
    uses: Sequence[str]


def view(visit: Visit, there: Object) -> Mapping[str, Any]:
    """What the tab shows of them."""
    work = visit.work
    answer = operations.call(work, clients.list_credentials, {"client_id": there.id})
    now = clock.iso(clock.now_ms())
    return {
        "credentials": [_row(there.document, each, now) for each in answer],
        "full": len(answer) >= MAX_CREDENTIALS,
        "most": MAX_CREDENTIALS,
        "types": tuple(TYPES),
        "algorithms": ALGORITHMS,
        "uses": USES,
        "can": {name: operations.may(work, handler) for name, handler in _HANDLERS.items()},
    }


def _row(document: Document, each: Mapping[str, Any], now: str) -> Row:
    ends = str(each.get("expires_at") or "")
    return Row(
        str(each["id"]),
        str(each["credential_type"]),
        str(each.get("name") or ""),
        str(each.get("kid") or each.get("subject_dn") or ""),
        str(each.get("alg") or ""),
        str(each["created_at"]),
        ends,
        bool(ends) and ends <= now,
        tuple(place for place, ids in _in_force(document).items() if each["id"] in ids),
    )


def _in_force(document: Document) -> dict[str, list[str]]:
    """The ids that count, by the way of authenticating, and those of request objects."""
    found = {way: _ids(part) for way, part in (document.get(METHODS) or {}).items() if part}
    requests = _ids(document.get(REQUESTS) or {})
    return {**found, REQUESTS: requests} if requests else found


def _ids(part: Mapping[str, Any]) -> list[str]:
    return [str(each["id"]) for each in part.get("credentials") or ()]


# ---- a new one
def add(visit: Visit, there: Object) -> Done:
    """Register a key, a certificate or its name, and have it count where that was asked for."""
    form = visit.form
    kind, use = form.get("credential_type", ""), form.get(USE, LATER)
    if kind not in TYPES:
        raise BadRequest(visit.texts.t("apps.credentials.kindMissing"), "invalid_body")
    entry = {"credential_type": kind, **_key(visit, kind, form.get(KEY, "")), **_told(form, kind)}
    if use == LATER:
        operations.call(visit.work, clients.create_credential, {"client_id": there.id}, entry)
        return Done("apps.done.add-credential", lands=TAB)
    place = REQUESTS if use == SIGN else TYPES[kind]
    if place == REQUESTS and kind == "cert_subject_dn":
        raise BadRequest(visit.texts.t("apps.credentials.nameSigns"), "invalid_body")
    listed = [{"id": each} for each in _in_force(there.document).get(place, ())]
    _store(visit, there, place, [*listed, entry])
    return Done("apps.done.use-credential", lands=TAB)


def _told(form: Mapping[str, str], kind: str) -> dict[str, Any]:
    """What somebody said of it beside the key itself."""
    found: dict[str, Any] = {name: form[name].strip() for name in ("name", "expires_at") if form.get(name, "").strip()}
    if form.get("alg") and kind != "cert_subject_dn":
        found["alg"] = form["alg"]
    if kind == "x509_cert" and "expires_at" not in found:
        found["parse_expiry_from_cert"] = True
    return found


def _key(visit: Visit, kind: str, typed: str) -> dict[str, str]:
    """The key as the API takes it: PEM as it is, a JWK as PEM, a name as a name."""
    text = typed.strip()
    if PRIVATE_KEY in text:
        raise BadRequest(visit.texts.t("apps.credentials.private"), "invalid_body")
    if text.startswith("{"):
        return _of_jwk(visit, forms.parsed(text))
    if kind == "cert_subject_dn" and "-----BEGIN" not in text:
        return {"subject_dn": text} if text else {}
    return {"pem": text} if text else {}


def _of_jwk(visit: Visit, document: Any) -> dict[str, str]:
    """A JWK, or a set of one (RFC 7517)."""
    from joserfc.errors import JoseError
    from joserfc.jwk import JWKRegistry

    keys = document.get("keys") if isinstance(document, dict) else None
    jwk = keys[0] if isinstance(keys, list) and len(keys) == 1 else document
    if not isinstance(jwk, dict) or (keys is not None and jwk is document):
        raise BadRequest(visit.texts.t("apps.credentials.oneKey"), "invalid_body")
    if PRIVATE_MEMBERS & jwk.keys():
        raise BadRequest(visit.texts.t("apps.credentials.private"), "invalid_body")
    try:
        key = JWKRegistry.import_key(jwk)
        pem = key.as_pem(private=False).decode()  # type: ignore[union-attr]  # only octets have none, refused above
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadRequest(visit.texts.t("apps.credentials.unreadable"), "invalid_body") from error
    return {"pem": pem, **{name: str(jwk[name]) for name in ("alg", "kid") if isinstance(jwk.get(name), str)}}


# ---- what counts
def use(visit: Visit, there: Object) -> Done:
    """Have a registered one count, or no more."""
    credential, place, on = (
        visit.form.get(CREDENTIAL, "")[:64],
        visit.form.get("place", ""),
        visit.form.get("on") == "true",
    )
    if place not in {*TYPES.values(), REQUESTS}:
        raise BadRequest(visit.texts.t("apps.credentials.kindMissing"), "invalid_body")
    now = _in_force(there.document).get(place, [])
    others = [{"id": each} for each in now if each != credential]
    _store(visit, there, place, [*others, {"id": credential}] if on else others)
    back = {CREDENTIAL: credential, "place": place, "on": "false" if on else "true"}
    return Done(
        "apps.done.use-credential" if on else "apps.done.unuse-credential", back, undo="use-credential", lands=TAB
    )


def rotate(visit: Visit, there: Object) -> Done:
    """Register another one wherever ``credential`` counts: both count, or the other one alone."""
    credential, kind = visit.form.get(CREDENTIAL, "")[:64], visit.form.get("credential_type", "")
    counting = _in_force(there.document)
    first, *others = [place for place, ids in counting.items() if credential in ids] or [""]
    if not first:
        raise BadRequest(visit.texts.t("apps.credentials.notInForce"), "invalid_body")
    entry = {"credential_type": kind, **_key(visit, kind, visit.form.get(KEY, "")), **_told(visit.form, kind)}
    keeps = visit.form.get("old") == BOTH
    kept = {
        place: [{"id": each} for each in ids if keeps or each != credential]
        for place, ids in counting.items()
        if place in {first, *others}
    }
    made = _store(visit, there, first, [*kept[first], entry])
    for place in others:  # the key has its id only now
        _store(
            visit, opened(visit, there.resource, there.id), place, [*kept[place], {"id": _in_force(made)[first][-1]}]
        )
    return Done("apps.done.rotated-both" if keeps else "apps.done.rotated", lands=TAB)


def _store(visit: Visit, there: Object, place: str, entries: Sequence[Mapping[str, Any]]) -> Document:
    """Have exactly these count there; the application as it is then."""
    if not entries and place != REQUESTS:
        raise BadRequest(visit.texts.t("apps.credentials.last"), "operation_not_supported")
    body = _members(place, entries)
    answer: Document = operations.call(visit.work, clients.update_client, {"id": there.id}, body, seen=there.seen)
    return answer


def _members(place: str, entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    if place == REQUESTS:
        return {REQUESTS: {"credentials": list(entries)}}
    return {METHODS: {place: {"credentials": list(entries)}}}


# ---- its end
def expire(visit: Visit, there: Object) -> Done:
    """Another end of it, or none."""
    params = {"client_id": there.id, "credential_id": visit.form.get(CREDENTIAL, "")[:64]}
    ends = visit.form.get("expires_at", "").strip()
    operations.call(visit.work, clients.update_credential, params, {"expires_at": ends or None})
    return Done("apps.done.expire-credential", lands=TAB)


def remove(visit: Visit, there: Object) -> Done:
    """Forget it."""
    params = {"client_id": there.id, "credential_id": _asked(visit)}
    operations.call(visit.work, clients.delete_credential, params)
    return Done("apps.done.remove-credential", lands=TAB)


def what(visit: Visit, there: Object) -> str:
    """The credential that a page asks about, by its name or what tells it from others."""
    found = operations.call(visit.work, clients.get_credential, {"client_id": there.id, "credential_id": _asked(visit)})
    return str(found.get("name") or found.get("kid") or found.get("subject_dn") or found["id"])


def _asked(visit: Visit) -> str:
    return (visit.form or visit.query).get(CREDENTIAL, "")[:64]


_HANDLERS: Mapping[str, operations.Handler] = {
    "add": clients.create_credential,
    "use": clients.update_client,
    "expire": clients.update_credential,
    "remove": clients.delete_credential,
}
ACTIONS = (
    Action("add-credential", clients.create_credential, add, fresh=True, tab=TAB),
    Action("use-credential", clients.update_client, use, fresh=True, tab=TAB),
    Action("rotate-credential", clients.update_client, rotate, fresh=True, tab=TAB),
    Action("expire-credential", clients.update_credential, expire, fresh=True, tab=TAB),
    Action(
        "remove-credential",
        clients.delete_credential,
        remove,
        confirm=True,
        fresh=True,
        what=what,
        carries=(CREDENTIAL,),
        hidden=True,
    ),
)
