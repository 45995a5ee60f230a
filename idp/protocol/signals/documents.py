"""Bodies of the stream management API and of poll requests, read strictly; and how a stream is shown."""

from __future__ import annotations

from typing import Annotated, Any, Final, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from idp.foundation.kernel import registered_urls, strict_json
from idp.foundation.kernel.errors import OAuthError, invalid_request
from idp.foundation.kernel.strict_json import InvalidJson
from idp.foundation.tenancy.work import Work
from idp.protocol.signals import runtime, types
from idp.protocol.signals.runtime import StreamConfig

T = TypeVar("T")
MOST_BYTES: Final = 65_536
MOST_POLL_BYTES: Final = 1_048_576
VERIFY_EVERY_S: Final = 30
"""``min_verification_interval``: how often a receiver may ask for an event that proves its stream."""
Id = Annotated[str, Meta(min_length=1, max_length=64)]
Uri = Annotated[str, Meta(min_length=1, max_length=256)]


class DeliveryAsked(msgspec.Struct, frozen=True):
    """``delivery`` as a receiver gives it (SSF 6.1)."""

    method: Uri
    endpoint_url: Annotated[str, Meta(max_length=2048)] | None = None
    authorization_header: Annotated[str, Meta(min_length=1, max_length=4096)] | None = None


class StreamAsked(msgspec.Struct, frozen=True):
    """What a receiver says of its stream (SSF 8.1.1); what the transmitter supplies may stand beside it, as it is.
    ``format`` is of earlier drafts: how people are named.
    """

    stream_id: Id | UnsetType = UNSET
    events_requested: Annotated[list[Uri], Meta(min_length=1, max_length=50)] | UnsetType | None = UNSET
    delivery: DeliveryAsked | UnsetType | None = UNSET
    description: Annotated[str, Meta(max_length=255)] | UnsetType | None = UNSET
    format: Annotated[str, Meta(max_length=16)] | UnsetType | None = UNSET
    iss: str | UnsetType = UNSET
    aud: str | list[str] | UnsetType = UNSET
    events_supported: list[str] | UnsetType = UNSET
    events_delivered: list[str] | UnsetType = UNSET
    min_verification_interval: int | UnsetType = UNSET


class StatusAsked(msgspec.Struct, frozen=True):
    """SSF 8.1.2.2."""

    stream_id: Id
    status: str
    reason: Annotated[str, Meta(max_length=255)] | None = None


class SubjectAsked(msgspec.Struct, frozen=True):
    """SSF 8.1.3.2 and 8.1.3.3."""

    stream_id: Id
    subject: dict[str, Any]
    verified: bool = True


class VerificationAsked(msgspec.Struct, frozen=True):
    """SSF 8.1.4.2."""

    stream_id: Id
    state: Annotated[str, Meta(max_length=1024)] | None = None


class SetError(msgspec.Struct, frozen=True):
    """Why a receiver does not take an event (RFC 8935 2.4, RFC 8936 2.6)."""

    err: Annotated[str, Meta(max_length=256)]
    description: Annotated[str, Meta(max_length=2048)] = ""


class PollAsked(msgspec.Struct, frozen=True):
    """RFC 8936 2.2."""

    maxEvents: Annotated[int, Meta(ge=0)] | None = None  # noqa: N815 - the name on the wire
    returnImmediately: bool = False  # noqa: N815
    ack: Annotated[list[Id], Meta(max_length=1000)] = []
    setErrs: Annotated[dict[Id, SetError], Meta(max_length=1000)] = {}  # noqa: N815


def read(raw: bytes, kind: type[T], most: int = MOST_BYTES) -> T:
    """The body as ``kind``. Raises OAuthError 400 ``invalid_request``, 413 for one that is too large."""
    if len(raw) > most:
        raise OAuthError("invalid_request", f"The body is larger than {most} bytes", status=413)
    try:
        said = strict_json.decode(raw)
        return msgspec.convert(said, kind)
    except InvalidJson as error:
        raise invalid_request(str(error)) from error
    except msgspec.ValidationError as error:
        raise invalid_request(f"The body does not fit: {error}") from error


def shown(work: Work, stream: StreamConfig) -> dict[str, Any]:
    """The configuration of a stream (SSF 8.1.1). What the receiver wants in the header of deliveries is told to nobody
    again.
    """
    client = runtime.receiver(work, stream)
    delivery = {"method": types.METHODS[stream.method], "endpoint_url": stream.endpoint_url}
    if stream.method == types.POLL:
        delivery["endpoint_url"] = poll_address(work, stream)
    found: dict[str, Any] = {
        "stream_id": stream.id,
        "iss": runtime.issuer(work, stream),
        "aud": client.known_as if client is not None else stream.client_id,
        "delivery": delivery,
        "events_supported": list(types.SUPPORTED),
        "events_requested": stream.events,
        "events_delivered": stream.delivered,
        "min_verification_interval": VERIFY_EVERY_S,
        "format": stream.subject_format,
    }
    return {**found, "description": stream.description} if stream.description else found


def status(stream: StreamConfig) -> dict[str, str]:
    """SSF 8.1.2."""
    found = {"stream_id": stream.id, "status": stream.status}
    return {**found, "reason": stream.reason} if stream.reason else found


def poll_address(work: Work, stream: StreamConfig) -> str:
    """Where the events of a stream are fetched (SSF 6.1.2)."""
    return f"{runtime.issuer(work, stream)}ssf/poll/{stream.id}"


def check_supplied(work: Work, stream: StreamConfig, asked: StreamAsked) -> None:
    """What we supply stands in a request as it is, or not at all (SSF 8.1.1.3). Raises OAuthError 400."""
    now = shown(work, stream)
    for name in ("iss", "aud", "events_supported", "events_delivered", "min_verification_interval"):
        said = getattr(asked, name)
        if said is not UNSET and said != now[name]:
            raise invalid_request(f"{name} is not for the receiver to say")
    delivery = asked.delivery
    if not isinstance(delivery, DeliveryAsked) or delivery.method != types.METHODS[types.POLL]:
        return
    if delivery.endpoint_url not in (None, "", poll_address(work, stream)):
        raise invalid_request("endpoint_url of poll delivery is not for the receiver to say")


def method_of(delivery: DeliveryAsked | None) -> str:
    """``push`` or ``poll``, which is meant where nothing is said (SSF 8.1.1.1). Raises OAuthError 400."""
    if delivery is None:
        return types.POLL
    found = next((name for name, urn in types.METHODS.items() if urn == delivery.method), None)
    if found is None:
        raise invalid_request("The delivery method is not supported")
    return found


def push_address(delivery: DeliveryAsked, *, development: bool) -> str:
    """Where events are pushed: https, in development also plain http. Raises OAuthError 400."""
    url = delivery.endpoint_url or ""
    if not registered_urls.web(url) or not (development or url.startswith("https://")):
        raise invalid_request("endpoint_url of push delivery must be an https address")
    return url


def header_of(delivery: DeliveryAsked) -> str | None:
    """What goes into the header of deliveries: printable ASCII, since anything else could end it. Raises OAuthError
    400.
    """
    said = delivery.authorization_header
    if said is not None and (not said.isascii() or not said.isprintable()):
        raise invalid_request("authorization_header must be printable ASCII")
    return said
