"""Single sign-on of an application by SAML 2.0 and WS-Federation (tabs of ``/admin/applications/apps/<id>``): the
add-ons ``samlp`` and ``wsfed``, and what to enter at the application.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from connectors.saml_format import federation
from idp.admin.desk import form as forms
from idp.admin.desk import operations
from idp.admin.desk.frame import Visit
from idp.admin.desk.objects import Object
from idp.admin.desk.resource import Action, Document, Done, Field, Section, Tab
from idp.applications.clients import api as clients
from idp.foundation.kernel.errors import BadRequest
from idp.protocol.saml import faults
from idp.protocol.saml.settings import ADDON as SAML_ADDON
from idp.protocol.saml.settings import MAPPINGS, SamlSettings, default_issuer
from idp.protocol.wsfed.service import ADDON as WSFED_ADDON
from idp.tenant.keys import api as keys
from idp.tenant.keys import store
from idp.tenant.keys.certificates import fingerprint, opened

ADDONS = "addons"


@dataclass(frozen=True)
class Protocol:
    """A way to sign people in that an add-on switches on: the tab, the member of ``addons``, and where it is spoken."""

    tab: str
    addon: str
    metadata: str
    signs_out_at: str = ""


SAML = Protocol("saml", SAML_ADDON, f"{SAML_ADDON}/metadata/{{id}}", f"{SAML_ADDON}/{{id}}/logout")
WSFED = Protocol("wsfed", WSFED_ADDON, f"{WSFED_ADDON}/{{id}}/{federation.PATH}")
_SHARED = (
    Section(
        "sso-who",
        (
            Field("audience", "text", hint=True, careful=True),
            Field("issuer", "text", hint=True),
        ),
    ),
    Section(
        "sso-attributes",
        (
            Field("mappings", "json", hint=True, careful=True),
            Field("passthroughClaimsWithNoMapping", "switch"),
            Field("mapUnknownClaimsAsIs", "switch", hint=True),
            Field("mapIdentities", "switch"),
            Field("createUpnClaim", "switch"),
        ),
    ),
    Section(
        "sso-subject",
        (
            Field("nameIdentifierProbes", "lines", hint=True, careful=True),
            Field("nameIdentifierFormat", "text"),
            Field("authnContextClassRef", "text"),
            Field("lifetimeInSeconds", "number", hint=True),
        ),
    ),
    Section(
        "sso-signature",
        (
            Field("signatureAlgorithm", "choice", ("rsa-sha256", "rsa-sha1"), hint=True),
            Field("digestAlgorithm", "choice", ("sha256", "sha1")),
        ),
    ),
    Section(
        "sso-encryption",
        (
            Field("encryptionCert", "source", hint=True, careful=True),
            Field("encryptionPublicKey", "source", careful=True),
            Field("encryptionAlgorithm", "choice", ("aes256-gcm", "aes256-cbc"), hint=True),
        ),
        folded=True,
    ),
    Section(
        "sso-logout",
        (Field("logout.callback", "text", hint=True, careful=True), Field("logout.slo_enabled", "switch")),
    ),
)
_SAML_ALONE: Mapping[str, tuple[Field, ...]] = {
    "sso-who": (
        Field("recipient", "text", hint=True),
        Field("destination", "text"),
        Field("RelayState", "text", hint=True),
    ),
    "sso-attributes": (Field("typedAttributes", "switch"), Field("includeAttributeNameFormat", "switch")),
    "sso-signature": (
        Field("signResponse", "switch", hint=True),
        Field("signingCert", "source", hint=True, careful=True),
    ),
}


def _sections(protocol: Protocol) -> Sequence[Section]:
    """Every member of its add-on; first of all, by which addresses and names the application goes."""
    more = _SAML_ALONE if protocol is SAML else {}
    ours = Section(
        "sso-application",
        (Field("callbacks", hint=True, careful=True), Field("client_aliases", hint=True, careful=True)),
    )
    of_addon = [
        Section(
            each.name,
            [
                replace(field, name=f"{ADDONS}.{protocol.addon}.{field.name}")
                for field in (*each.fields, *more.get(each.name, ()))
            ],
            each.folded,
        )
        for each in _SHARED
    ]
    return [ours, *of_addon]


def _is_on(document: Document, protocol: Protocol) -> bool:
    return isinstance((document.get(ADDONS) or {}).get(protocol.addon), Mapping)


def _mapping(said: Any) -> Mapping[str, Any]:
    """A member of an add-on, in which the API keeps whatever it is told."""
    return said if isinstance(said, Mapping) else {}


def _speaks(document: Document) -> bool:
    """Whether people sign in to it at all."""
    return document.get("app_type") != "non_interactive" and not document.get("global")


_DEFAULTS: Mapping[str, Any] = {
    name: value
    for name, value in msgspec.to_builtins(SamlSettings(mappings=dict(MAPPINGS))).items()
    if value is not None
}


def _with_defaults(protocol: Protocol) -> Callable[[Document], Document]:
    def shown(document: Document) -> Document:
        """What counts where nothing is said stands in the form, too."""
        addons = document.get(ADDONS) or {}
        mine = addons.get(protocol.addon)
        if not isinstance(mine, Mapping):
            return document
        given = {name: value for name, value in mine.items() if value is not None}
        logout = {**_DEFAULTS["logout"], **_mapping(given.get("logout"))}
        return {**document, ADDONS: {**addons, protocol.addon: {**_DEFAULTS, **given, "logout": logout}}}

    return shown


def _sent(protocol: Protocol) -> Callable[[Document, dict[str, Any]], dict[str, Any]]:
    def sent(document: Document, members: dict[str, Any]) -> dict[str, Any]:
        """Attributes that were taken out of the mappings are removed: a PATCH would leave them."""
        mine = (members.get(ADDONS) or {}).get(protocol.addon) or {}
        mappings = mine.get("mappings")
        if isinstance(mappings, Mapping):
            before = _mapping(document[ADDONS][protocol.addon].get("mappings"))
            mine["mappings"] = {**dict.fromkeys(before), **mappings}
        return members

    return sent


def _check(protocol: Protocol) -> Callable[..., Mapping[str, str]]:
    begins = f"{ADDONS}.{protocol.addon}."
    fields = [field for section in _sections(protocol) for field in section.fields if field.name.startswith(begins)]

    def check(_visit: Visit, typed: Mapping[str, str]) -> Mapping[str, str]:
        """What would be found wrong at the first sign-in."""
        members, _ = forms.body_of(typed, fields, operations.endpoint(clients.update_client).body)
        options = (members.get(ADDONS) or {}).get(protocol.addon) or {}
        return {f"{begins}{name}": problem for name, problem in faults.found(options).items()}

    return check


def _view(protocol: Protocol) -> Callable[[Visit, Object], Mapping[str, Any]]:
    def view(visit: Visit, there: Object) -> Mapping[str, Any]:
        """What to enter at the application."""
        work, document = visit.work, there.document
        url = work.config.url
        options = (document.get(ADDONS) or {}).get(protocol.addon) or {}
        key = next(iter(store.rsa_keys(work)), None)
        address = f"{url}{protocol.addon}/{there.id}"
        told = {
            "issuer": options.get("issuer") or default_issuer(work),
            "sign_in": address,
            "sign_out": f"{url}{protocol.signs_out_at.format(id=there.id)}" if protocol.signs_out_at else "",
            "metadata": f"{url}{protocol.metadata.format(id=there.id)}",
        }
        return {
            "protocol": protocol,
            "on": _is_on(document, protocol),
            "told": [(name, value) for name, value in told.items() if value],
            "metadata": told["metadata"],
            "begin": address,
            "ready": bool(document.get("callbacks")),
            "certificate": key.certificate if key else "",
            "thumb": fingerprint(opened(key.certificate)) if key else "",
            "keys": visit.href("/admin/settings/keys") if operations.may(work, keys.list_keys) else "",
            "may_change": operations.may(work, clients.update_client),
        }

    return view


def tab(protocol: Protocol) -> Tab:
    """The tab of one protocol: a form where it is on, a button that switches it on where it is off."""
    return Tab(
        protocol.tab,
        template="admin/apps/sso.html",
        view=_view(protocol),
        made_of=lambda document: _sections(protocol) if _is_on(document, protocol) else (),
        may_be=lambda: _sections(protocol),
        shown=_with_defaults(protocol),
        sent=_sent(protocol),
        check=_check(protocol),
        when=_speaks,
    )


def actions(protocol: Protocol) -> Sequence[Action]:
    """On, and off again."""

    def on(visit: Visit, there: Object) -> Done:
        _put(visit, there, {})
        return Done(f"apps.done.{protocol.tab}-on", lands=protocol.tab)

    def off(visit: Visit, there: Object) -> Done:
        _put(visit, there, None)
        return Done(f"apps.done.{protocol.tab}-off", lands=protocol.tab)

    def _put(visit: Visit, there: Object, options: Mapping[str, Any] | None) -> None:
        if _is_on(there.document, protocol) == (options is not None):
            raise BadRequest("It is so already.")
        members = {ADDONS: {protocol.addon: options}}
        operations.call(visit.work, clients.update_client, there.parameters, members, seen=there.seen)

    return (
        Action(f"{protocol.tab}-on", clients.update_client, on, tab=protocol.tab, when=_speaks),
        Action(f"{protocol.tab}-off", clients.update_client, off, confirm=True, fresh=True, tab=protocol.tab),
    )
