"""Clients that made themselves known, as an administrator looks at them: how they came, and whether they stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from idp.applications.clients import service as clients
from idp.applications.clients import stored
from idp.applications.clients.models import Client
from idp.applications.registration import metadata, statements
from idp.applications.registration.log_types import RegistrationLog
from idp.applications.registration.models import InitialAccessToken
from idp.applications.registration.models import Registration as R
from idp.applications.registration.service import RULES, TRUST
from idp.foundation.db.purge import DAY_MS
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import NotFound
from idp.foundation.tenancy.work import Work
from idp.tenant.audit import log
from idp.tenant.keys import signer
from idp.tenant.keys.signer import InvalidToken


@dataclass(frozen=True)
class Known:
    """One of them. ``token`` is what let it in, while it is there; ``statement`` the claims of its software statement,
    and ``goes_at`` the moment (ms) from which nobody keeps it, None where somebody uses or keeps it.
    """

    row: R
    client: Client
    token: InitialAccessToken | None
    said: Mapping[str, Any]
    statement: Mapping[str, Any] | None
    goes_at: int | None


def mine(work: Work) -> list[Any]:
    """The condition of those that whoever asks may see: an administrator may be for some applications only."""
    confined = work.actor.clients
    return [] if confined is None else [R.client_id.in_(sorted(confined))]


def get(work: Work, client_id: str) -> Known:
    """One of them.

    :raises NotFound: the client is none of them, not there, or not for whoever asks.
    """
    client = clients.get(work, client_id)
    row = work.rows.get(R, (work.tenant_id, client_id))
    if row is None:
        raise NotFound("The client did not register itself.", "inexistent_registration")
    return known(work, row, client)


def known_of(work: Work, rows: Sequence[R]) -> list[Known]:
    """What is known of several, read together: two statements, whatever their number."""
    ids = [row.client_id for row in rows]
    let_in = sorted({row.initial_token_id for row in rows if row.initial_token_id})
    held = work.rows.scalars(select(InitialAccessToken).where(InitialAccessToken.id.in_(let_in))).all()
    found = {each.client_id: each for each in work.rows.scalars(select(Client).where(Client.client_id.in_(ids)))}
    shown = [known(work, row, found[row.client_id]) for row in rows if row.client_id in found]
    del held  # until here: the session forgets what nobody holds
    return shown


def known(work: Work, row: R, client: Client) -> Known:
    """What is known of a registration."""
    token = work.rows.get(InitialAccessToken, (work.tenant_id, row.initial_token_id)) if row.initial_token_id else None
    beside = {name: value for name, value in row.document.items() if name not in {RULES, TRUST, statements.MEMBER}}
    said = metadata.described(stored.opened(work, client), client.name, beside)
    return Known(row, client, token, said, _claims(row.document.get(statements.MEMBER)), _goes_at(work, row, client))


def keep(work: Work, client_id: str) -> Known:
    """It stays although nobody has agreed to anything of it, in the caller's transaction. Once is enough.

    :raises NotFound: see :func:`get`.
    """
    found = get(work, client_id)
    row = work.rows.lock_one(R, client_id)
    if row is None:
        raise NotFound("The client did not register itself.", "inexistent_registration")
    if row.used_at is None:
        row.used_at = clock.now_ms()
        work.rows.flush()
        log.write(work, RegistrationLog.KEPT, client_id=client_id, client_name=found.client.name)
    return known(work, row, found.client)


def _goes_at(work: Work, row: R, client: Client) -> int | None:
    days = work.config.settings.client_registration.unused_days
    stays = days == 0 or row.used_at is not None or client.is_first_party
    return None if stays else row.created_at + days * DAY_MS


def _claims(raw: object) -> Mapping[str, Any] | None:
    """What a statement says: it was checked when it came."""
    if not isinstance(raw, str):
        return None
    try:
        return signer.opened(raw, statements.TYPES)[1]
    except InvalidToken:
        return {}
