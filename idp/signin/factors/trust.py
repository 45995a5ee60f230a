"""Browsers that are not asked for a second factor again, and those that somebody signed in with before
(spec/login-factors.md, "Policy").

A trusted browser has a cookie of its id and a secret, of which the row has the hash. It is somebody's: another person
who signs in there is asked. What ends it: the tenant's two timeouts, a new password, a removed factor, a block, and
whoever asks for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import bindparam, delete, func, select, update

from idp.foundation.db.hot import Statement
from idp.foundation.kernel import clock, ids
from idp.foundation.kernel.secrets import digest
from idp.foundation.tenancy.work import Work
from idp.signin.factors import settings
from idp.signin.factors.models import RememberedBrowser as B

COOKIE: Final = "auth0-mf"
TRUSTED, KNOWN = "trusted", "known"
MOST, MOST_KNOWN = 20, 50
"""Trusted browsers of one person, and those that are only known; the one that was used longest ago goes."""
LONGEST = 200
_KEY = (B.tenant_id == bindparam("tenant"), B.id == bindparam("id"), B.user_id == bindparam("user"))
_GOOD = (
    *_KEY,
    B.secret_hash == bindparam("hash"),
    B.ends_at > bindparam("now"),
    B.created_at > bindparam("made_after"),
    B.last_used_at > bindparam("used_after"),
)
_IS_GOOD = Statement("trusted_browser", select(B.id).where(*_GOOD), row=str)
_USED = Statement(
    "trusted_browser_used",
    update(B).where(*_GOOD).values(last_used_at=bindparam("now"), ip=bindparam("ip"), user_agent=bindparam("agent")),
)
_SEEN = Statement(
    "known_browser_seen",
    update(B).where(*_KEY).values(last_used_at=bindparam("now"), ends_at=bindparam("ends"), ip=bindparam("ip")),
)


class _Known(msgspec.Struct, frozen=True):
    last_used_at: int
    ip: str | None


_KNOWN = Statement("known_browser", select(B.last_used_at, B.ip).where(*_KEY), row=_Known)


def trust(work: Work, user_id: str) -> tuple[str, int]:
    """Remember this browser, in the caller's transaction; answers the cookie and its life in seconds."""
    rules, moment, secret = settings.of(work), clock.now_ms(), ids.token()
    _make_room(work, user_id, TRUSTED, MOST)
    row = B(
        id=ids.prefixed("mfb", 22),
        user_id=user_id,
        purpose=TRUSTED,
        secret_hash=digest(secret),
        user_agent=work.user_agent[:512] or None,
        ip=work.ip or None,
        created_at=moment,
        last_used_at=moment,
        ends_at=moment + rules.overall_s * 1000,
    )
    work.rows.add(row)
    work.rows.flush()
    return f"{row.id}.{secret}", rules.overall_s


def trusted(work: Work, user_id: str, cookie: str | None) -> bool:
    """Whether the browser of that cookie is one that this person trusts. One statement."""
    given = _given(work, user_id, cookie)
    return given is not None and work.hot.one(_IS_GOOD, **given) is not None


def used(work: Work, user_id: str, cookie: str | None) -> None:
    """It signed in: the time that it may rest begins anew."""
    given = _given(work, user_id, cookie)
    if given is not None:
        work.hot.run(_USED, **given, ip=work.ip or None, agent=work.user_agent[:512] or None)


def known_since(work: Work, user_id: str, device_hash: str | None) -> tuple[int, str] | None:
    """When (ms) and from which address this person signed in with that browser last, if they did."""
    if device_hash is None:
        return None
    found = work.hot.one(_KNOWN, tenant=work.tenant_id, id=_known_id(user_id, device_hash), user=user_id)
    if found is None or found.last_used_at <= clock.now_ms() - settings.of(work).known_for_ms:
        return None
    return found.last_used_at, found.ip or ""


def seen(work: Work, user_id: str, device_hash: str) -> None:
    """Somebody signed in with that browser, in the caller's transaction."""
    moment, browser = clock.now_ms(), _known_id(user_id, device_hash)
    ends = moment + settings.of(work).known_for_ms
    changed = work.hot.run(
        _SEEN, tenant=work.tenant_id, id=browser, user=user_id, now=moment, ends=ends, ip=work.ip or None
    )
    if changed == 0 and work.rows.get(B, (work.tenant_id, browser)) is None:
        _make_room(work, user_id, KNOWN, MOST_KNOWN)
        row = B(id=browser, user_id=user_id, purpose=KNOWN, created_at=moment, last_used_at=moment, ends_at=ends)
        row.ip, row.user_agent = work.ip or None, work.user_agent[:512] or None
        work.rows.add(row)
        work.rows.flush()


def _make_room(work: Work, user_id: str, purpose: str, most: int) -> None:
    """One more comes: those that were used longest ago go."""
    theirs = select(B.id).where(B.user_id == user_id, B.purpose == purpose)
    gone = list(work.rows.scalars(theirs.order_by(B.last_used_at.desc()).offset(most - 1).limit(most)))
    if gone:
        work.rows.execute(delete(B).where(B.id.in_(gone)))


def of_user(work: Work, user_id: str) -> list[B]:
    """The browsers that somebody trusts, the one used last first."""
    moment, rules = clock.now_ms(), settings.of(work)
    rows = select(B).where(B.user_id == user_id, B.purpose == TRUSTED, B.ends_at > moment)
    return list(
        work.rows.scalars(
            rows.where(B.last_used_at > moment - rules.inactivity_s * 1000).order_by(B.last_used_at.desc())
        )
    )


def forget(work: Work, user_id: str, browser_id: str) -> bool:
    """One of them is asked again; whether there was one."""
    gone = delete(B).where(B.user_id == user_id, B.purpose == TRUSTED, B.id == browser_id)
    return bool(work.rows.execute(gone).rowcount)  # type: ignore[attr-defined]


def forget_all(work: Work, user_ids: Sequence[str]) -> None:
    """All of theirs are asked again, in the caller's transaction."""
    work.rows.execute(delete(B).where(B.user_id.in_(user_ids), B.purpose == TRUSTED))


def forget_known(work: Work, user_id: str) -> None:
    """No browser of theirs is known any more: the next sign-in is as if it were the first."""
    work.rows.execute(delete(B).where(B.user_id == user_id, B.purpose == KNOWN))


def erase(work: Work, user_ids: Sequence[str]) -> None:
    """Nothing is left of them, in the caller's transaction."""
    work.rows.execute(delete(B).where(B.user_id.in_(user_ids)))


def count(work: Work, user_id: str) -> int:
    """How many browsers somebody trusts."""
    return work.rows.scalar(select(func.count()).where(B.user_id == user_id, B.purpose == TRUSTED)) or 0


def _given(work: Work, user_id: str, cookie: str | None) -> dict[str, object] | None:
    browser, dot, secret = (cookie or "")[:LONGEST].partition(".")
    if not browser or not dot or not secret:
        return None
    rules, moment = settings.of(work), clock.now_ms()
    return {
        "tenant": work.tenant_id,
        "id": browser,
        "user": user_id,
        "hash": digest(secret),
        "now": moment,
        "made_after": moment - rules.overall_s * 1000,
        "used_after": moment - rules.inactivity_s * 1000,
    }


def _known_id(user_id: str, device_hash: str) -> str:
    return digest(f"{user_id}\0{device_hash}")
