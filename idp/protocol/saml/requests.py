"""What an application asks for, checked (SAML Core 3.4.1, 3.7.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from connectors.saml_format import bindings, signatures
from connectors.saml_format.documents import SamlError, child, local, required, text
from connectors.saml_format.names import ASSERTION, PROTOCOL, q
from idp.foundation.kernel import redirects, sizes
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy.work import Work
from idp.protocol.saml.settings import SamlApplication

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_ID = 256
MAX_NAME = 1024


class SamlRequest(msgspec.Struct, frozen=True, omit_defaults=True):
    """A request all of whose checks passed. Kept in the login transaction as it is. Without ``request_id`` nobody
    asked: the sign-in began here.
    """

    client_id: str
    consumer: str
    request_id: str | None = None
    issuer: str | None = None
    relay_state: str | None = None
    force: bool = False
    passive: bool = False
    login_hint: str | None = None


def message(params: Mapping[str, str], name: str, *, posted: bool) -> _Element:
    """The message of that parameter.

    :raises PageError: it cannot be read.
    """
    value = params.get(name, "")
    try:
        return bindings.from_post(value) if posted else bindings.from_redirect(value)
    except SamlError as error:
        raise PageError("invalid_request", f"The {name} cannot be read.", detail=str(error)) from error


def authentication(
    work: Work, application: SamlApplication, params: Mapping[str, str], raw_query: str, *, posted: bool
) -> SamlRequest:
    """The request, or what stands for one where the sign-in begins here.

    :raises PageError: it is not to be answered; where an answer could go is not proven then.
    """
    relay_state = params.get("RelayState")
    if relay_state is not None and len(relay_state) > sizes.STATE.most:
        raise PageError("invalid_request", f"The RelayState is longer than {sizes.STATE.most} characters.")
    hint = (params.get("login_hint") or "")[: sizes.HINT.most] or None
    client_id = application.client.client_id
    if "SAMLRequest" not in params:
        consumer = _consumer(application, None)
        said = relay_state if relay_state is not None else application.settings.RelayState
        return SamlRequest(client_id, consumer, relay_state=said, login_hint=hint)
    try:
        request = _checked(work, application, params, raw_query, "AuthnRequest", posted=posted)
        subject = child(request, ASSERTION, "Subject")
        name = child(subject, ASSERTION, "NameID") if subject is not None else None
        issuer = child(request, ASSERTION, "Issuer")
        named = text(issuer)[:MAX_NAME] if issuer is not None else None
        _check_named(application, named)
        return SamlRequest(
            client_id=client_id,
            consumer=_consumer(application, request.get("AssertionConsumerServiceURL")),
            request_id=_id(request),
            issuer=named,
            relay_state=relay_state,
            force=request.get("ForceAuthn") in {"true", "1"},
            passive=request.get("IsPassive") in {"true", "1"},
            login_hint=hint or (text(name)[: sizes.HINT.most] if name is not None else None),
        )
    except SamlError as error:
        raise _refused(error) from error


def _check_named(application: SamlApplication, name: str | None) -> None:
    """Whom the assertion is for is what a request calls its sender: a stranger may not choose that.

    :raises PageError: the request is not signed, and the application is not known by that name.
    """
    settings = application.settings
    if name is None or settings.audience or settings.signingCert or application.registered(name):
        return
    raise PageError(
        "invalid_request",
        "The Issuer of the SAML request is not registered for this application.",
        detail=f"{name[:200]!r}: add it to client_aliases of the client, set audience of its add-on, or sign requests",
    )


def check_again(application: SamlApplication, asked: SamlRequest) -> None:
    """What must still be so when the person comes back from a login page.

    :raises PageError: the answer may not go there any more.
    """
    _consumer(application, asked.consumer)


class LogoutRequest(msgspec.Struct, frozen=True):
    """A checked request to sign out. ``proven``: the application's signature was good."""

    request_id: str
    name_id: str
    sessions: tuple[str, ...]
    proven: bool


def logout(
    work: Work, application: SamlApplication, params: Mapping[str, str], raw_query: str, *, posted: bool
) -> LogoutRequest:
    """The request to sign out.

    :raises PageError: it is not to be answered.
    """
    try:
        request = _checked(work, application, params, raw_query, "LogoutRequest", posted=posted)
        return LogoutRequest(
            request_id=_id(request),
            name_id=text(required(request, ASSERTION, "NameID"))[:MAX_NAME],
            sessions=tuple(text(each) for each in request if each.tag == q(PROTOCOL, "SessionIndex")),
            proven=bool(application.settings.signingCert),
        )
    except SamlError as error:
        raise _refused(error) from error


def _checked(
    work: Work, application: SamlApplication, params: Mapping[str, str], raw_query: str, name: str, *, posted: bool
) -> _Element:
    """The message, signed where the application has a certificate: then nothing else is read than what was signed. A
    signature in the address says nothing of a message that was posted.

    :raises PageError: it cannot be read.
    :raises SamlError: it is another message, for somebody else, or not signed well.
    """
    found = message(params, "SAMLRequest", posted=posted)
    if found.tag != q(PROTOCOL, name):
        raise SamlError(f"a {local(found)} instead of a {name}")
    if application.settings.signingCert:
        certificates = application.settings.certificates
        signed = signatures.verified(found, certificates)
        if signed is None and (posted or not bindings.signed_query(raw_query, certificates, "SAMLRequest")):
            raise SamlError("the request is not signed", about="signature")
        found = signed if signed is not None else found
    destination = found.get("Destination")
    if destination and destination.partition("?")[0].rstrip("/") not in _addresses(work, application):
        raise SamlError(f"Destination is {destination[:200]}", about="destination")
    return found


def _addresses(work: Work, application: SamlApplication) -> tuple[str, str]:
    """Where its messages are sent to; either is taken for either, as administrators enter one for both."""
    address = application.address(work)
    return address, f"{address}/logout"


def _id(request: _Element) -> str:
    value = request.get("ID") or ""
    if not value or len(value) > MAX_ID:
        raise SamlError("the request has no ID, or a very long one")
    return value


def _consumer(application: SamlApplication, asked: str | None) -> str:
    """Where the answer goes: as asked, if it is a callback of the application, else its first one.

    :raises PageError: it is none, or there are none.
    """
    callbacks = application.client.data.callbacks
    if asked is None and callbacks:
        return callbacks[0]
    if asked is None or not redirects.matches(asked, callbacks):
        raise PageError(
            "invalid_request",
            "Callback URL mismatch. The AssertionConsumerServiceURL is not in the list of allowed callback URLs.",
            detail=f"{str(asked)[:200]!r} of client {application.client.client_id}",
        )
    return asked


def _refused(error: SamlError) -> PageError:
    words = "The signature of the SAML request is not valid." if error.about == "signature" else None
    return PageError("invalid_request", words or "The SAML request is not valid.", detail=f"{error.about}: {error}")
