"""Log entries about people who were deleted, under names that nobody knows (spec/privacy.md, "Erase"): where the tenant
says ``deleted_users_in_logs: pseudonymized``. The worker does it, some entries at a time.

One person keeps one pseudonym in all entries, so that what happened still makes sense. Their addresses, networks and
browsers go. Entries of others that name them (an administrator's call, a failed sign-in) are found by looking through
the tenant's log once for a whole batch of people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import msgspec
from sqlalchemy import Text, or_, select, type_coerce

from idp.foundation.kernel import ids
from idp.foundation.queue import outbox
from idp.foundation.tenancy.work import Work
from idp.tenant.audit.models import LogEntry

TASK = "logs.pseudonymize"
DELAY_MS = 5_000
"""Entries of the batch that were on their way when the person was deleted are there by then."""
AT_ONCE = 500
STRETCH = 5_000
"""Entries that are looked through in one statement."""
SHORTEST = 5
"""A shorter identifier stands in too many words to be looked for inside of texts."""
ERASED = "erased|"
NOBODY = "erased"
_TEXTS = ("description", "user_name", "object")
_JSON = type_coerce(LogEntry.rest, Text)
"""The rest of an entry as the text that is stored."""


def ask(work: Work, user_ids: Sequence[str], identifiers: Sequence[str]) -> None:
    """Have the entries about these people renamed, once the caller's transaction commits, if the tenant wants it."""
    if user_ids and work.config.settings.deleted_users_in_logs == "pseudonymized":
        names = {user_id: f"{ERASED}{ids.alphanumeric(20)}" for user_id in user_ids}
        payload = {"names": names, "identifiers": list(identifiers)}
        outbox.put(work, TASK, payload, delay_ms=DELAY_MS)


def rename(work: Work, payload: dict[str, Any]) -> None:
    """Handler of TASK; done twice it changes nothing more."""
    names: dict[str, str] = payload["names"]
    words = _words(names, payload["identifiers"])
    for found in (*_about(work, list(names), payload["identifiers"]), *_naming(work, list(words))):
        with work.transaction():
            for row in work.rows.lock_all(select(LogEntry).where(LogEntry.log_id.in_(found)).order_by(LogEntry.log_id)):
                _change(row, names, words)
            work.rows.flush()
        work.rows.expunge_all()


def _words(names: Mapping[str, str], identifiers: Sequence[str]) -> dict[str, str]:
    """What stands in texts, and what takes its place; longest first, since one may be part of another."""
    found = {word: NOBODY for word in identifiers if len(word) >= SHORTEST}
    for user_id, pseudonym in names.items():
        found |= {user_id: pseudonym, quote(user_id, safe=""): pseudonym}
        account = user_id.rpartition("|")[2]
        if len(account) >= SHORTEST:
            found[account] = pseudonym.removeprefix(ERASED)
    return dict(sorted(found.items(), key=lambda each: -len(each[0])))


def _about(work: Work, user_ids: Sequence[str], identifiers: Sequence[str]) -> Iterator[list[str]]:
    """Entries of these people, by the indexes that the log has."""
    for column, values in ((LogEntry.user_id, user_ids), (LogEntry.user_name, identifiers)):
        for value in values:
            statement = select(LogEntry.log_id).where(column == value).order_by(LogEntry.log_id).limit(AT_ONCE)
            last = ""
            while some := work.rows.scalars(statement.where(LogEntry.log_id > last)).all():
                yield list(some)
                last = some[-1]


def _naming(work: Work, words: Sequence[str]) -> Iterator[list[str]]:
    """Entries in whose texts they stand, stretch by stretch of the whole log."""
    last = ""
    while True:
        behind = select(LogEntry.log_id).where(LogEntry.log_id > last).order_by(LogEntry.log_id)
        stretch = work.rows.scalars(behind.limit(1).offset(STRETCH - 1)).first()
        inside = (LogEntry.log_id > last, *(() if stretch is None else (LogEntry.log_id <= stretch,)))
        for start in range(0, len(words), 20):
            named = or_(
                *(
                    column.contains(word, autoescape=True)
                    for word in words[start : start + 20]
                    for column in (LogEntry.description, LogEntry.object, _JSON)
                )
            )
            found = list(work.rows.scalars(select(LogEntry.log_id).where(*inside, named)))
            for at in range(0, len(found), AT_ONCE):
                yield found[at : at + AT_ONCE]
        if stretch is None:
            return
        last = stretch


def _change(row: LogEntry, names: Mapping[str, str], words: Mapping[str, str]) -> None:
    if row.user_id in names:
        row.user_id = names[str(row.user_id)]
        row.ip = row.user_agent = None
        row.user_name = None
    for column in _TEXTS:
        said = getattr(row, column)
        if said is not None:
            setattr(row, column, _replaced(said, words))
    row.rest = msgspec.json.decode(_replaced(msgspec.json.encode(row.rest).decode(), words))


def _replaced(text: str, words: Mapping[str, str]) -> str:
    for word, instead in words.items():
        text = text.replace(word, instead)
    return text
