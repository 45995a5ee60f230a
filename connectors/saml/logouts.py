"""Messages about signing out, both ways (SAML Core 3.7, Profiles 4.4)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.saml.sources import Source
from connectors.saml.times import LONGEST_MS, SKEW_MS
from connectors.saml_format import bindings, signatures
from connectors.saml_format.documents import (
    SamlError,
    add,
    child,
    element,
    iso,
    joined,
    local,
    moment,
    new_id,
    required,
    text,
)
from connectors.saml_format.names import ASSERTION, PREFIXES, PROTOCOL, REQUESTER, SUCCESS, q

if TYPE_CHECKING:
    from lxml.etree import _Element

GOOD_MS = 5 * 60_000


@dataclass(frozen=True)
class Asked:
    """A request to sign out that is the source's. ``until`` (ms) is when it is good no more."""

    request_id: str
    name_id: str
    session_indexes: tuple[str, ...]
    until: int


def request(issuer: str, target: str, session: Mapping[str, str], now: int) -> _Element:
    """Ask the source to end the session it calls so (:attr:`connectors.contract.Identity.session`)."""
    made = _begun("LogoutRequest", issuer, target, now, None)
    made.set("NotOnOrAfter", iso(now + GOOD_MS))
    hint = json.loads(session.get("hint") or "{}")
    name, ours = hint.get("qualifiers") or (None, None)
    add(
        made,
        ASSERTION,
        "NameID",
        session["sub"],
        Format=hint.get("format"),
        NameQualifier=name,
        SPNameQualifier=ours,
    )
    if session.get("sid"):
        add(made, PROTOCOL, "SessionIndex", session["sid"])
    return made


def answer(issuer: str, target: str, request_id: str, now: int, *, ended: bool) -> _Element:
    """Tell the source what came of its request."""
    made = _begun("LogoutResponse", issuer, target, now, request_id)
    add(add(made, PROTOCOL, "Status"), PROTOCOL, "StatusCode", Value=SUCCESS if ended else REQUESTER)
    return made


def read(value: str, raw_query: str, source: Source, now: int, *, addresses: frozenset[str], posted: bool) -> Asked:
    """A request of the source, signed by it in the message or in the address, and sent to one of our ``addresses``: it
    may speak to others with the same key, who must not be able to pass on what they were told.

    :raises SamlError: it is not to be believed.
    """
    found = bindings.from_post(value) if posted else bindings.from_redirect(value)
    if found.tag != q(PROTOCOL, "LogoutRequest"):
        raise SamlError(f"a {local(found)} instead of a LogoutRequest", about="structure")
    signed = signatures.verified(found, source.certificates)
    if signed is None and (posted or not bindings.signed_query(raw_query, list(source.certificates), "SAMLRequest")):
        raise SamlError("the request to sign out is not signed", about="signature")
    asked = found if signed is None else signed
    issuer = child(asked, ASSERTION, "Issuer")
    if source.entity_id is not None and (issuer is None or text(issuer) != source.entity_id):
        raise SamlError(f"not of {source.entity_id}", about="issuer")
    destination = asked.get("Destination")
    if destination is not None and destination not in addresses:
        raise SamlError(f"Destination is {destination[:200]}, not {joined(addresses)}", about="destination")
    issued, ends = moment(str(asked.get("IssueInstant"))), asked.get("NotOnOrAfter")
    until = min(issued + LONGEST_MS, moment(ends) if ends else issued + LONGEST_MS) + SKEW_MS
    if until <= now or issued - SKEW_MS > now:
        raise SamlError(f"clock: issued {iso(issued)}, here it is {iso(now)}", about="clock")
    request_id = asked.get("ID")
    if not request_id:
        raise SamlError("the request has no ID", about="structure")
    return Asked(
        request_id=request_id,
        name_id=text(required(asked, ASSERTION, "NameID")),
        session_indexes=tuple(text(each) for each in asked if each.tag == q(PROTOCOL, "SessionIndex")),
        until=until,
    )


def _begun(name: str, issuer: str, target: str, now: int, request_id: str | None) -> _Element:
    made = element(
        PROTOCOL,
        name,
        PREFIXES,
        ID=new_id(),
        Version="2.0",
        IssueInstant=iso(now),
        Destination=target,
        InResponseTo=request_id,
    )
    add(made, ASSERTION, "Issuer", issuer)
    return made
