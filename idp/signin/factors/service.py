"""Use cases on second factors: begin and finish an enrolment, remove, and what an administrator may do
(spec/login-factors.md; security.md O3, O6, O8, O9).

Whoever changes the methods of a person holds the person's row, so that changes of one come after each other, and
:func:`_changed` says with it which kinds they have.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select

from idp.directory.users import imported_factors
from idp.directory.users import service as users
from idp.foundation.kernel import clock, ids
from idp.foundation.kernel.errors import BadRequest, Conflict, NotFound
from idp.foundation.kernel.events import FactorsChanged
from idp.foundation.kernel.secrets import digest
from idp.foundation.tenancy.work import Work
from idp.signin.factors import otp, settings, trust
from idp.signin.factors.kinds import KINDS
from idp.signin.factors.kinds.contract import Kind
from idp.signin.factors.kinds.recovery_code import hashed, new_code
from idp.signin.factors.log_types import FactorLog
from idp.signin.factors.models import AuthenticationMethod as M
from idp.tenant.audit import log

PENDING_MS = 1_800_000
"""How long an enrolment may take."""
MOST = 30
"""Methods of one person."""
RECOVERY = "recovery-code"
EMAIL = "email"
NO_METHOD = "The authentication method does not exist."


class AlreadyEnrolled(Conflict):
    """Somebody has a factor already, and what was to be their first came too late."""


@dataclass(frozen=True, kw_only=True)
class New:
    """A method that is to be: what its kind needs of it. ``seed`` is a TOTP seed that is known already."""

    type: str
    name: str | None = None
    seed: str | None = None
    phone_number: str | None = None
    preferred: str | None = None
    email: str | None = None
    code: str | None = None
    """A recovery code that was told already."""
    webauthn: Mapping[str, Any] | None = None
    """Columns of a credential of WebAuthn, by their names."""


# ---- reading
def of_user(work: Work, user_id: str, *, pending: bool = False) -> list[M]:
    """Somebody's methods, the oldest first; with those that are still being enrolled if ``pending``."""
    found = select(M).where(M.user_id == user_id)
    if not pending:
        found = found.where(M.confirmed.is_(True))
    return list(work.rows.scalars(found.order_by(M.created_at, M.id)))


def usable(work: Work, methods: Iterable[M]) -> list[M]:
    """Those that can be asked for now, in the order in which they are offered: the one used last first, then by kind;
    a recovery code is nobody's first.
    """
    on = settings.of(work).on
    able = [each for each in methods if (kind := KINDS.get(each.type)) and kind.factor in on]
    able = [each for each in able if each.confirmed and KINDS[each.type].usable(work, each)]
    if not any(KINDS[each.type].independent for each in able):
        return []
    last = max((each.last_auth_at or 0 for each in able if each.type != RECOVERY), default=0)

    def rank(method: M) -> tuple[bool, int, int]:
        first = bool(last) and method.last_auth_at == last and method.type != RECOVERY
        return not first, KINDS[method.type].order, -(method.last_auth_at or method.created_at)

    return sorted(able, key=rank)


def enrollable(work: Work, *, beside: bool = False) -> list[Kind]:
    """The kinds that somebody may enrol first here; ``beside``: also those that nobody has alone."""
    on = settings.of(work).on
    able = [kind for kind in KINDS.values() if kind.factor in on and kind.enrollable and (beside or kind.independent)]
    return sorted(able, key=lambda kind: kind.order)


def summary(work: Work, user_id: str) -> list[str]:
    """The kinds that stand with the person's row. Raises NotFound where they are gone."""
    return (users.get(work, user_id).factors or "").split()


def get(work: Work, user_id: str, method_id: str) -> M:
    """One method of theirs. Raises NotFound."""
    row = work.rows.get(M, (work.tenant_id, method_id))
    if row is None or row.user_id != user_id:
        raise NotFound(NO_METHOD, "inexistent_authentication_method")
    return row


def find(work: Work, method_id: str) -> M | None:
    """The method of that id, whoever has it."""
    return work.rows.get(M, (work.tenant_id, method_id))


# ---- enrolling
def begin(work: Work, user_id: str, new: New) -> M:
    """A method that is yet to be proven, in the caller's transaction; it takes the place of an unfinished one of its
    kind.

    :raises BadRequest: they have too many already.
    """
    users.hold(work, user_id)
    unfinished = delete(M).where(M.user_id == user_id, M.type == new.type, M.confirmed.is_(False))
    work.rows.execute(unfinished)
    row = _add(work, user_id, new)
    row.pending_until = row.created_at + PENDING_MS
    work.rows.flush()
    log.write(work, FactorLog.ENROLMENT_BEGUN, user_id=user_id, details={"factor": new.type})
    return row


def finish(
    work: Work,
    method_id: str,
    *,
    recovery_code: str | None = None,
    first: bool = False,
    beside: Collection[str] = (),
) -> str | None:
    """The method was proven by its owner: it counts from now on. Answers a recovery code to show where this is the
    first factor that may stand alone, and recovery codes are on; ``recovery_code`` is one that was told already.
    ``first``: it may only be that, since a password alone began it (security.md O3), ``beside`` those that the sign-in
    itself proved.

    :raises NotFound: it is gone, or counted already.
    :raises AlreadyEnrolled: there is such a factor by now.
    """
    with work.transaction():
        row = work.rows.get(M, (work.tenant_id, method_id))
        if row is not None:
            users.hold(work, row.user_id)
            row = work.rows.lock_one(M, method_id)
        if row is None or row.confirmed:
            raise NotFound(NO_METHOD, "inexistent_authentication_method")
        others = [each for each in of_user(work, row.user_id) if each.type in KINDS and each.id not in beside]
        if first and any(KINDS[each.type].independent for each in others):
            raise AlreadyEnrolled("The user is enrolled already.", "already_enrolled")
        if row.type == RECOVERY:  # there is one: the one before is void (security.md O6)
            work.rows.execute(delete(M).where(M.user_id == row.user_id, M.type == RECOVERY, M.id != row.id))
        row.confirmed, row.pending_until, row.enrolled_at = True, None, clock.now_ms()
        row.last_auth_at = row.enrolled_at
        work.rows.flush()
        code = _recovery(work, row, recovery_code)
        _changed(work, row.user_id, added=[row.type], by_owner=True)
        log.write(work, FactorLog.ENROLLED, user_id=row.user_id, details={"factor": row.type})
        return code


def add(work: Work, user_id: str, new: Sequence[New], *, by_owner: bool = False) -> list[M]:
    """Methods that need no proof of their owner, in the caller's transaction: an administrator has it."""
    users.hold(work, user_id)
    rows = [_add(work, user_id, each) for each in new]
    for row in rows:
        row.confirmed, row.enrolled_at = True, row.created_at
    work.rows.flush()
    _changed(work, user_id, added=[row.type for row in rows], by_owner=by_owner)
    for row in rows:
        log.write(work, FactorLog.ENROLLED, user_id=user_id, details={"factor": row.type})
    return rows


def take_imported(work: Work, user_id: str) -> None:
    """What somebody brought along in an import is theirs from now on."""
    with work.transaction():
        users.hold(work, user_id)
        brought = imported_factors.take(work, user_id)
        for factor in brought:
            new = New(
                type=factor.kind,
                seed=factor.value if factor.kind == "totp" else None,
                phone_number=factor.value if factor.kind == "phone" else None,
                email=factor.value if factor.kind == EMAIL else None,
            )
            row = _add(work, user_id, new)
            row.confirmed, row.enrolled_at = True, row.created_at
        work.rows.flush()
        users.keep_factors(work, user_id, _kinds_of(work, user_id))


# ---- changing
def used(work: Work, method_id: str, moment: int) -> None:
    """It was proven at that moment (ms)."""
    row = work.rows.lock_one(M, method_id)
    if row is not None:
        row.last_auth_at = moment
        work.rows.flush()


def change(work: Work, user_id: str, method_id: str, members: Mapping[str, Any], *, by_owner: bool = False) -> M:
    """Another name or preferred way, in the caller's transaction. Raises NotFound, BadRequest."""
    get(work, user_id, method_id)
    users.hold(work, user_id)
    row = work.rows.lock_one(M, method_id)
    if row is None:
        raise NotFound(NO_METHOD, "inexistent_authentication_method")
    if "name" in members:
        row.name = members["name"]
    if "preferred" in members:
        if row.type != "phone":
            raise BadRequest("Only a phone has a preferred authentication method.", "invalid_body")
        row.preferred = members["preferred"]
    work.rows.flush()
    log.write(work, FactorLog.UPDATED, user_id=user_id, details={"factor": row.type, "by_owner": by_owner})
    return row


def remove(work: Work, user_id: str, method_ids: Collection[str] | None = None, *, by_owner: bool = False) -> int:
    """Take these methods of somebody away, or all, with the trust of their browsers; answers how many there were. A
    recovery code goes with the last factor that it stood in for.
    """
    with work.transaction():
        users.hold(work, user_id)
        mine = of_user(work, user_id, pending=True)
        gone = [row for row in mine if method_ids is None or row.id in method_ids]
        left = [row for row in mine if row not in gone]
        if not any(row.confirmed and KINDS[row.type].independent for row in left if row.type in KINDS):
            gone += [row for row in left if row.type == RECOVERY]
        if method_ids is None:
            imported_factors.forget(work, [user_id])
        if not gone:
            if method_ids is None:
                users.keep_factors(work, user_id, _kinds_of(work, user_id))
            return 0
        work.rows.execute(delete(M).where(M.user_id == user_id, M.id.in_([row.id for row in gone])))
        trust.forget_all(work, [user_id])
        removed = [row.type for row in gone if row.confirmed]
        if removed:
            _changed(work, user_id, removed=removed, by_owner=by_owner)
        for kind in removed:
            log.write(work, FactorLog.UNENROLLED, user_id=user_id, details={"factor": kind})
        return len(gone)


def remove_types(work: Work, user_id: str, types: Collection[str], *, by_owner: bool = False) -> int:
    """Take all methods of some kinds away."""
    rows = [row.id for row in of_user(work, user_id, pending=True) if row.type in types]
    return remove(work, user_id, rows, by_owner=by_owner) if rows else 0


def new_recovery_code(work: Work, user_id: str, *, by_owner: bool = False) -> str:
    """Another recovery code; the one before is void (security.md O6)."""
    with work.transaction():
        users.hold(work, user_id)
        code = _write_recovery(work, user_id)
        _changed(work, user_id, added=[RECOVERY], by_owner=by_owner)
        return code


def erase(work: Work, user_ids: Sequence[str]) -> None:
    """Nothing is left of these people, in the caller's transaction."""
    work.rows.execute(delete(M).where(M.user_id.in_(user_ids)))
    trust.erase(work, user_ids)


# ---- one's own
def _add(work: Work, user_id: str, new: New) -> M:
    if len(of_user(work, user_id, pending=True)) >= MOST:
        raise BadRequest("The user has too many authentication methods.", "too_many_authentication_methods")
    method_id = f"{new.type}|dev_{ids.alphanumeric(16)}"
    row = M(
        id=method_id,
        user_id=user_id,
        type=new.type,
        name=new.name,
        confirmed=False,
        phone_number=new.phone_number,
        email=new.email,
        preferred=(new.preferred or "sms") if new.phone_number else None,
        created_at=clock.now_ms(),
    )
    if new.seed is not None:
        row.secret_sealed = work.sealer(M.secret_sealed, id=method_id).seal(new.seed)
    if new.code is not None:
        row.code_hash = hashed(work, method_id, new.code)
    for name, value in (new.webauthn or {}).items():
        setattr(row, name, value)
    if row.credential_id is not None:
        row.credential_hash = credential_hash(row.rp_id or "", row.credential_id)
    work.rows.add(row)
    work.rows.flush()
    return row


def credential_hash(rp_id: str, credential_id: str) -> str:
    """What finds a credential of a relying party."""
    return digest(f"{rp_id}\0{credential_id}")


def seed_of(work: Work, row: M) -> str:
    """The TOTP seed of a method that is being enrolled: shown then, and never again (security.md O9)."""
    return work.sealer(M.secret_sealed, id=row.id).open(row.secret_sealed) if row.secret_sealed else otp.new_seed()


def _recovery(work: Work, row: M, told: str | None) -> str | None:
    if not KINDS[row.type].independent or RECOVERY not in settings.of(work).on:
        return None
    has = any(each.type == RECOVERY for each in of_user(work, row.user_id))
    return None if has else _write_recovery(work, row.user_id, told)


def _write_recovery(work: Work, user_id: str, told: str | None = None) -> str:
    code = told or new_code()
    row = next((each for each in of_user(work, user_id) if each.type == RECOVERY), None)
    if row is None:
        row = _add(work, user_id, New(type=RECOVERY))
        row.confirmed, row.enrolled_at = True, row.created_at
    else:
        work.rows.lock(row)
    row.code_hash = hashed(work, row.id, code)
    work.rows.flush()
    return code


def _kinds_of(work: Work, user_id: str) -> list[str]:
    return sorted({row.type for row in of_user(work, user_id)})


def _changed(
    work: Work, user_id: str, *, added: Sequence[str] = (), removed: Sequence[str] = (), by_owner: bool
) -> None:
    """Say with the person which kinds they have, and tell whoever listens."""
    kinds = _kinds_of(work, user_id)
    if imported_factors.of_user(work, user_id):
        kinds.append(imported_factors.IMPORTED)
    users.keep_factors(work, user_id, kinds)
    work.emit(FactorsChanged(user_id, tuple(added), tuple(removed), by_owner))
