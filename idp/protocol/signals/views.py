"""``/.well-known/ssf-configuration`` (OpenID SSF 1.0 7), stream management below ``/ssf/`` (8.1) and ``/ssf/poll/…``
(RFC 8936), as JSON for receivers alone: no browser calls. Without its API nothing of it is there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from flask import Blueprint, Response, request

from idp.applications.clients import runtime as clients
from idp.applications.clients.runtime import ClientConfig
from idp.applications.resource_servers import runtime as resource_servers
from idp.applications.resource_servers.shared_signals import MANAGE, READ
from idp.foundation.ephemeral import limits
from idp.foundation.kernel import scopes
from idp.foundation.kernel.errors import OAuthError, invalid_request
from idp.foundation.tenancy import http
from idp.foundation.tenancy.configuration import signals_audience
from idp.foundation.tenancy.work import Work
from idp.foundation.web.exchange import NO_STORE, Call, Reply
from idp.foundation.web.security import BASE_HEADERS
from idp.protocol.oauth import bearer, errors
from idp.protocol.oauth.discovery import HEADERS
from idp.protocol.possession import proofs, resource
from idp.protocol.signals import documents, kept, people, runtime, service, types, waiting
from idp.protocol.signals.documents import PollAsked, StatusAsked, StreamAsked, SubjectAsked, VerificationAsked
from idp.protocol.signals.log_types import SignalLog
from idp.protocol.tokens import binding, gate
from idp.tenant.audit import failures

blueprint = Blueprint("signals", __name__)
API: Final = "ssf/"
MACHINE: Final = "@clients"
MOST_SENT: Final = 100
"""Events of one answer to a poll."""
Endpoint = Callable[[Work, Call, ClientConfig], Reply]


@blueprint.get("/.well-known/ssf-configuration")
def configuration() -> Response:
    """The transmitter's metadata (SSF 7.1)."""
    work = http.current()
    work.refresh()
    try:
        _require_on(work)
    except OAuthError as problem:
        return http.answered(errors.answer(problem))
    reply = errors.json_answer(document(work))
    reply.headers[:] = [each for each in reply.headers if each[0] not in {"Cache-Control", "Pragma"}]
    return http.answered(reply.add(HEADERS))


def document(work: Work) -> dict[str, Any]:
    """Everything follows the issuer."""
    issuer = work.config.issuer
    return {
        "spec_version": types.VERSION,
        "issuer": issuer,
        "jwks_uri": f"{issuer}.well-known/jwks.json",
        "delivery_methods_supported": list(types.METHODS.values()),
        "configuration_endpoint": f"{issuer}ssf/streams",
        "status_endpoint": f"{issuer}ssf/status",
        "add_subject_endpoint": f"{issuer}ssf/subjects/add",
        "remove_subject_endpoint": f"{issuer}ssf/subjects/remove",
        "verification_endpoint": f"{issuer}ssf/verify",
        "authorization_schemes": [{"spec_urn": "urn:ietf:rfc:6749"}],
        "critical_subject_members": ["user", "session"],
        "default_subjects": "ALL",
    }


@blueprint.get("/ssf/streams")
def read_streams() -> Response:
    """One stream, or all of the receiver's (SSF 8.1.1.2)."""
    return _answered(_read, READ)


@blueprint.post("/ssf/streams")
def create_stream() -> Response:
    """SSF 8.1.1.1: 201."""

    def create(work: Work, call: Call, client: ClientConfig) -> Reply:
        made = service.create(work, client, documents.read(call.body(), StreamAsked))
        return errors.json_answer(documents.shown(work, made), 201)

    return _answered(create, MANAGE)


@blueprint.patch("/ssf/streams")
def update_stream() -> Response:
    """SSF 8.1.1.3."""
    return _answered(_changing(whole=False), MANAGE)


@blueprint.put("/ssf/streams")
def replace_stream() -> Response:
    """SSF 8.1.1.4."""
    return _answered(_changing(whole=True), MANAGE)


@blueprint.delete("/ssf/streams")
def delete_stream() -> Response:
    """SSF 8.1.1.5: 204."""

    def remove(work: Work, _call: Call, client: ClientConfig) -> Reply:
        service.remove_own(work, client, _stream_id())
        return _nothing()

    return _answered(remove, MANAGE)


@blueprint.get("/ssf/status")
def read_status() -> Response:
    """SSF 8.1.2.1."""

    def read(work: Work, _call: Call, client: ClientConfig) -> Reply:
        return errors.json_answer(documents.status(service.own(work, client, _stream_id())))

    return _answered(read, READ)


@blueprint.post("/ssf/status")
def update_status() -> Response:
    """SSF 8.1.2.2."""

    def change(work: Work, call: Call, client: ClientConfig) -> Reply:
        asked = documents.read(call.body(), StatusAsked)
        changed = service.set_status(work, client, asked.stream_id, asked.status, asked.reason)
        return errors.json_answer(documents.status(changed))

    return _answered(change, MANAGE)


@blueprint.post("/ssf/subjects/add")
def add_subject() -> Response:
    """SSF 8.1.3.2: 200 without a body, whoever it may be."""
    return _answered(_naming(added=True, status=200), MANAGE)


@blueprint.post("/ssf/subjects/remove")
def remove_subject() -> Response:
    """SSF 8.1.3.3: 204."""
    return _answered(_naming(added=False, status=204), MANAGE)


@blueprint.post("/ssf/verify")
def verify() -> Response:
    """SSF 8.1.4.2: 204."""

    def ask(work: Work, call: Call, client: ClientConfig) -> Reply:
        asked = documents.read(call.body(), VerificationAsked)
        service.verify(work, service.own(work, client, asked.stream_id), asked.state)
        return _nothing()

    return _answered(ask, MANAGE)


@blueprint.post("/ssf/poll/<stream_id>")
def poll(stream_id: str) -> Response:
    """RFC 8936 2: acknowledge, and fetch what is there, or wait for something for a while."""

    def fetch(work: Work, call: Call, client: ClientConfig) -> Reply:
        stream = service.own(work, client, stream_id[:64])
        if stream.method != types.POLL:
            raise invalid_request("The events of this stream are pushed")
        asked = documents.read(call.body(), PollAsked, documents.MOST_POLL_BYTES)
        service.delivered(work, stream, list(dict.fromkeys(asked.ack)))
        for event_id, why in asked.setErrs.items():
            service.refused(work, stream, event_id, f"the receiver answered {why.err}: {why.description}")
        most = MOST_SENT if asked.maxEvents is None else min(asked.maxEvents, MOST_SENT)
        found = kept.waiting(work, stream, most + 1)
        if most and not found and not asked.returnImmediately:
            found = waiting.events(work, client, stream, most + 1)
        sets = {each.id: kept.signed(work, each) for each in found[:most]}
        return errors.json_answer({"sets": sets, "moreAvailable": len(found) > most})

    return _answered(fetch, READ)


def _read(work: Work, _call: Call, client: ClientConfig) -> Reply:
    if "stream_id" in request.args:
        return errors.json_answer(documents.shown(work, service.own(work, client, _stream_id())))
    stream = runtime.of_client(work, client.client_id)
    return errors.json_answer([documents.shown(work, stream)] if stream is not None else [])


def _changing(*, whole: bool) -> Endpoint:
    def change(work: Work, call: Call, client: ClientConfig) -> Reply:
        asked = documents.read(call.body(), StreamAsked)
        return errors.json_answer(documents.shown(work, service.change(work, client, asked, whole=whole)))

    return change


def _naming(*, added: bool, status: int) -> Endpoint:
    def name(work: Work, call: Call, client: ClientConfig) -> Reply:
        asked = documents.read(call.body(), SubjectAsked)
        stream = service.own(work, client, asked.stream_id)
        people.set_(work, client, stream, asked.subject, added=added)
        return _nothing(status)

    return name


def _stream_id() -> str:
    """Of the query. Raises OAuthError 400."""
    said = request.args.getlist("stream_id")
    stream_id = said.pop() if len(said) == 1 else ""
    if not 0 < len(stream_id) <= 64:
        raise invalid_request("stream_id is missing or no good")
    return stream_id


def _nothing(status: int = 204) -> Reply:
    return Reply(status, [NO_STORE, *BASE_HEADERS.items()])


def _answered(what: Endpoint, scope: str) -> Response:
    """The order is the specification: whether there is any of it, who calls, what they may, and then what they said."""
    work, call = http.current(), Call(request.environ)
    client_id: str | None = None
    try:
        work.refresh()
        _require_on(work)
        client, nonce = _receiver(work, call, scope)
        client_id = client.client_id
        _count(work, client_id)
        reply = what(work, call, client).add({proofs.HEADER: nonce} if nonce else {})
    except OAuthError as problem:
        if problem.status in {401, 403}:
            failures.write(
                work,
                SignalLog.REFUSED,
                problem.description,
                client_id=client_id,
                details={"error": problem.error},
            )
        reply = errors.answer(problem)
        if problem.status in {401, 403} and client_id is None:
            told = problem if problem.error != "missing_token" else None
            reply.headers.extend(resource.challenges(work, API, call, told))
    return http.answered(reply)


def _count(work: Work, client_id: str) -> None:
    if (wait := limits.exceeded(work, limits.SIGNALS, client_id)) is not None:
        raise OAuthError("slow_down", "Too many calls", status=429, headers={"Retry-After": str(wait)})


def _require_on(work: Work) -> None:
    if resource_servers.find(work, signals_audience(work.config.issuer)) is None:
        raise OAuthError("not_found", "Nothing is told to receivers here", status=404)


def _receiver(work: Work, call: Call, scope: str) -> tuple[ClientConfig, str | None]:
    """The client that calls on its own behalf, and the nonce for its next proof, where there is a new one. Who may
    manage streams may read them.

    :raises OAuthError: 401 for a token that is not good here and now; 403 ``insufficient_scope``.
    """
    came = resource.sent(call.authorization)
    if came is None:
        raise OAuthError("missing_token", "An access token is required", status=401)
    audience = signals_audience(work.config.issuer)
    found, claims = bearer.find(work, came.token)
    if found is not None or claims is None:  # it is a person's, or none of ours
        raise _invalid()
    named = claims.get("aud")
    client = clients.find(work, str(claims.get("azp") or "")[: clients.MOST_ID])
    if (
        client is None
        or audience not in (named if isinstance(named, list) else [named])
        or claims.get("sub") != f"{client.known_as}{MACHINE}"
    ):
        raise _invalid()
    said, bound = str(claims.get("scope") or ""), binding.of_claims(claims)
    stands = gate.presented_by_client(work, client.client_id, audience, scopes.parse(said), bound)
    if stands is None:
        raise _invalid()
    if not {scope, MANAGE}.intersection(stands.scopes):
        raise OAuthError("insufficient_scope", f"The access token lacks the scope {scope}", status=403)
    return stands.client, resource.check(work, call, came, bound, client.client_id)


def _invalid() -> OAuthError:
    return OAuthError("invalid_token", "The access token is not valid here", status=401)
