"""People whom a receiver adds to its stream, or takes out (SSF 8.1.3). Whether there is anybody is never told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import bindparam, func, select

from idp.applications.clients.runtime import ClientConfig
from idp.directory.users.models import User
from idp.foundation.db.hot import Statement
from idp.foundation.db.upsert import insert as upsert
from idp.foundation.kernel import clock
from idp.foundation.kernel.email_addresses import email_key
from idp.foundation.kernel.errors import OAuthError, invalid_request
from idp.foundation.tenancy.work import Work
from idp.protocol.signals import relations, runtime, types
from idp.protocol.signals.models import SignalSubject as SS
from idp.protocol.signals.runtime import StreamConfig
from idp.protocol.tokens import subjects

MOST: Final = 10_000
"""People that one stream names."""
MOST_OF_ADDRESS: Final = 10
"""Accounts of one address that are meant by it."""
_BY_ID = Statement(
    "signal_user_by_id",
    select(User.user_id).where(User.tenant_id == bindparam("tenant"), User.user_id == bindparam("user")),
    row=str,
)
_BY_EMAIL = Statement(
    "signal_users_by_email",
    select(User.user_id)
    .where(User.tenant_id == bindparam("tenant"), User.email_key == bindparam("email"))
    .order_by(User.user_id)
    .limit(MOST_OF_ADDRESS),
    row=str,
)
_COUNT = Statement(
    "signal_subjects_count",
    select(func.count())
    .select_from(SS)
    .where(SS.tenant_id == bindparam("tenant"), SS.stream_id == bindparam("stream")),
    row=int,
)


def _named() -> Any:
    made = upsert(SS).values(
        tenant_id=bindparam("tenant"),
        stream_id=bindparam("stream"),
        user_id=bindparam("user"),
        added=bindparam("added"),
        created_at=bindparam("now"),
    )
    return made.on_conflict_do_update(
        index_elements=[SS.stream_id, SS.user_id, SS.tenant_id], set_={"added": bindparam("added")}
    )


_PUT = Statement("signal_subject_put", _named())


def set_(work: Work, client: ClientConfig, stream: StreamConfig, subject: Mapping[str, Any], *, added: bool) -> None:
    """Tell of that person from now on, or no more. A receiver of others adds nobody whom it does not know already;
    whoever is meant by nothing of that is passed over in silence.

    :raises OAuthError: 400 for a subject that cannot be read; 403 for more people than a stream names.
    """
    people = _meant(work, client, stream, _person(subject))
    if not people:
        return
    with work.transaction():
        if (work.hot.one(_COUNT, tenant=work.tenant_id, stream=stream.id) or 0) + len(people) > MOST:
            raise OAuthError("access_denied", f"A stream names at most {MOST} people", status=403)
        for user_id in people:
            if client.is_first_party or client.client_id in relations.clients_of(work, user_id):
                values = {"tenant": work.tenant_id, "stream": stream.id, "user": user_id}
                work.hot.run(_PUT, **values, added=added, now=clock.now_ms())


def _person(subject: Mapping[str, Any]) -> Mapping[str, Any]:
    """The simple subject that names a person; of a complex one its member ``user`` (SSF 3.2)."""
    if subject.get("format") != "complex":
        return subject
    user = subject.get("user")
    if not isinstance(user, dict):
        raise invalid_request("A complex subject has to name a user here")
    return user


def _meant(work: Work, client: ClientConfig, stream: StreamConfig, person: Mapping[str, Any]) -> list[str]:
    """Ids of the users whom a subject means to this receiver."""
    kind = person.get("format")
    if kind == types.ISS_SUB:
        iss, sub = _text(person, "iss", 2048), _text(person, "sub", 300)
        if iss != runtime.issuer(work, stream):
            return []
        found = work.hot.one(_BY_ID, tenant=work.tenant_id, user=subjects.asked_for(work, client, sub)[:300])
        return [found] if found is not None else []
    if kind == types.EMAIL:
        address = _text(person, "email", 254)
        if not runtime.by_address(client):
            return []  # it knows nobody by an address here
        return work.hot.all(_BY_EMAIL, tenant=work.tenant_id, email=email_key(address)[:254])
    if kind == types.OPAQUE:
        _text(person, "id", 256)
        return []  # the stream itself, or nobody's name
    raise invalid_request("The format of the subject is not supported")


def _text(person: Mapping[str, Any], name: str, most: int) -> str:
    found = person.get(name)
    if not isinstance(found, str) or not 0 < len(found) <= most:
        raise invalid_request(f"{name} of the subject is missing or no good")
    return found
