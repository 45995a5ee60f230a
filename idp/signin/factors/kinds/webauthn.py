"""``webauthn-roaming`` and ``webauthn-platform``: a security key, and the device that somebody sits at (WebAuthn Level
3).

The browser's answer is JSON; its challenge is of one sign-in and good once (:mod:`idp.signin.webauthn`).
"""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
from sqlalchemy import bindparam, or_, select, update

from idp.foundation.db.hot import Statement, UniqueViolation
from idp.foundation.kernel import clock
from idp.foundation.tenancy.work import Work
from idp.signin.factors import settings
from idp.signin.factors.kinds.contract import Asked, Failures, Proof
from idp.signin.factors.log_types import FactorLog
from idp.signin.factors.models import AuthenticationMethod as M
from idp.signin.webauthn import ceremonies, challenges, relying_party
from idp.signin.webauthn.ceremonies import Assertion, NotProven, Response, Stored
from idp.signin.webauthn.challenges import Challenge
from idp.signin.webauthn.relying_party import RelyingParty

MINUTE_MS = 60_000
VERIFICATIONS = frozenset({"required", "preferred", "discouraged"})


class _Key(msgspec.Struct, frozen=True):
    """A key as a challenge reads it."""

    id: str
    public_key: str
    sign_count: int | None
    user_handle: str | None
    backup_eligible: bool | None


_MINE = Statement(
    "factor_key_of_user",
    select(M.id, M.public_key, M.sign_count, M.user_handle, M.backup_eligible).where(
        M.tenant_id == bindparam("tenant"),
        M.credential_hash == bindparam("hash"),
        M.user_id == bindparam("user"),
        M.type == bindparam("type"),
        M.confirmed.is_(True),
    ),
    row=_Key,
)
_USED = Statement(
    "factor_key_used",
    update(M)
    .where(
        M.tenant_id == bindparam("tenant"),
        M.id == bindparam("id"),
        or_(M.backup_eligible.is_(True), M.sign_count.is_(None), M.sign_count == 0, M.sign_count < bindparam("count")),
    )
    .values(sign_count=bindparam("count"), backed_up=bindparam("backed_up"), last_auth_at=bindparam("now")),
)


class WebAuthnKind:
    """What both share. See :class:`idp.signin.factors.kinds.contract.Kind`."""

    type: ClassVar[str]
    attachment: ClassVar[str]
    verification: ClassVar[str] = "preferred"
    independent: ClassVar[bool] = True
    enrollable: ClassVar[bool] = True
    named: ClassVar[bool] = False
    order: ClassVar[int] = 10
    failures = Failures(15, MINUTE_MS)
    succeeded, failed, limited = FactorLog.SUCCEEDED, FactorLog.WEBAUTHN_FAILED, FactorLog.LIMITED

    @property
    def factor(self) -> str:
        """Named like the kind."""
        return self.type

    @property
    def action(self) -> str:
        """Named like the kind."""
        return self.type

    @property
    def auth_method(self) -> str:
        """Named like the kind."""
        return self.type

    @property
    def challenge_page(self) -> str:
        """Where it is asked for."""
        return f"mfa-webauthn/mfa-{self.type}-challenge"

    @property
    def enrolment_page(self) -> str:
        """Where it is set up."""
        return f"mfa-webauthn/mfa-{self.type}-enrollment"

    @property
    def reset_page(self) -> str:
        """Where it is asked for before a new password."""
        return f"reset-password/reset-password-mfa-{self.type}-challenge"

    def usable(self, work: Work, method: M) -> bool:
        """A key works at the host it was set up at."""
        rp = self.party(work)
        return rp is not None and method.credential_id is not None and method.rp_id == rp.id

    def shown(self, method: M) -> str:
        """The name that its owner gave it."""
        return method.name or ""

    def sends(self) -> bool:
        """Nothing is sent."""
        return False

    def challenge(self, work: Work, method: M, asked: Asked) -> int | None:
        """Nothing is sent; the page's script asks for what is signed (:meth:`ask`)."""
        return None

    def ask(self, work: Work, method: M, asked: Asked) -> dict[str, Any] | None:
        """What ``navigator.credentials.get`` takes for any of the person's keys of this kind; for that one alone where
        nobody has proven anything yet. Raises TooMany.
        """
        rp = self.party(work)
        if rp is None:
            return None
        found = select(M).where(M.user_id == method.user_id, M.type == self.type, M.confirmed.is_(True))
        mine = [method] if asked.first else [each for each in work.rows.scalars(found) if each.rp_id == rp.id]
        purpose, verification = self._wanted(work, asked)
        value = challenges.issue(work, Challenge(purpose, asked.bound_to, rp.id, user_id=method.user_id))
        allowed = [_descriptor(each) for each in mine]
        return {
            **ceremonies.request_options(rp, value, verification=verification),
            "allowCredentials": allowed,
        }

    def offer(self, work: Work, method: M, asked: Asked, *, name: str) -> dict[str, Any] | None:
        """What ``navigator.credentials.create`` takes for the method that is being enrolled. Raises TooMany."""
        rp = self.party(work)
        if rp is None:
            return None
        found = select(M).where(M.user_id == method.user_id, M.type == self.type, M.confirmed.is_(True))
        known = [(each.credential_id or "", each.transports or ()) for each in work.rows.scalars(found)]
        made = Challenge(
            challenges.FACTOR_ENROL,
            asked.bound_to,
            rp.id,
            user_id=method.user_id,
            user_handle=ceremonies.new_handle(),
        )
        options = ceremonies.creation_options(
            rp,
            challenges.issue(work, made),
            handle=made.user_handle,
            name=name,
            display_name=name,
            exclude=known,
            verification=self._verification(work),
        )
        selection = {
            "authenticatorAttachment": self.attachment,
            "residentKey": "discouraged",
            "userVerification": self._verification(work),
        }
        return {**options, "authenticatorSelection": selection}

    def verify(self, work: Work, method: M, asked: Asked, answer: str) -> Proof | None:
        """A key that was shown, or, for a method that is being enrolled, made. What is wrong with it is the log's
        alone, which says that it was.
        """
        try:
            response = ceremonies.read(answer)
            if method.confirmed:
                return self._shown(work, method, asked, response)
            return self._made(work, method, asked, response)
        except (NotProven, UniqueViolation):  # another browser enrolled that key at the same moment
            return None

    def party(self, work: Work) -> RelyingParty | None:
        """The host of keys: the tenant's own, or a part of its name that the settings say."""
        rp = relying_party.of(work)
        said = settings.document(work, f"{self.type}/settings")
        wider = said.get("relyingPartyIdentifier") if said.get("overrideRelyingParty") else None
        if rp is None or not isinstance(wider, str) or not f".{rp.id}".endswith(f".{wider}"):
            return rp
        return RelyingParty(wider, rp.name, rp.origin)

    def _wanted(self, work: Work, asked: Asked) -> tuple[str, str]:
        """What the challenge is for, and whether the device has to make sure who uses it."""
        return (challenges.FIRST, "required") if asked.first else (challenges.FACTOR, self._verification(work))

    def _verification(self, work: Work) -> str:
        said = settings.document(work, f"{self.type}/settings").get("userVerification")
        return said if said in VERIFICATIONS else self.verification

    def _shown(self, work: Work, method: M, asked: Asked, response: Response) -> Proof | None:
        purpose, verification = self._wanted(work, asked)
        challenge = self._challenge(work, method, asked, response, purpose)
        found = ceremonies.credential_hash(challenge.rp_id, response.credential_id)
        row = work.hot.one(_MINE, tenant=work.tenant_id, hash=found, user=method.user_id, type=self.type)
        rp = self.party(work)
        if row is None or rp is None:
            return None
        proven = ceremonies.asserted(
            response,
            Stored(row.public_key, row.user_handle, row.backup_eligible),
            challenge=response.challenge,
            rp_id=challenge.rp_id,
            origins=[rp.origin],
            verified=verification == "required",
            discovered=False,
        )
        if not _counted(work, row, proven):
            return None
        return Proof(("swk" if proven.backup_eligible else "hwk", "user"), key=row.id)

    def _made(self, work: Work, method: M, asked: Asked, response: Response) -> Proof | None:
        challenge = self._challenge(work, method, asked, response, challenges.FACTOR_ENROL)
        rp = self.party(work)
        if rp is None:
            return None
        made = ceremonies.attested(
            response,
            challenge=response.challenge,
            rp_id=challenge.rp_id,
            origins=[rp.origin],
            verified=self._verification(work) == "required",
        )
        hashed = ceremonies.credential_hash(challenge.rp_id, made.credential_id)
        with work.transaction():
            row = work.rows.lock_one(M, method.id)
            taken = work.rows.scalar(select(M.id).where(M.credential_hash == hashed))
            if row is None or taken is not None:
                return None
            row.credential_id, row.credential_hash, row.public_key = made.credential_id, hashed, made.public_key
            row.sign_count, row.aaguid, row.rp_id = made.sign_count, made.aaguid, challenge.rp_id
            row.transports, row.user_handle = list(made.transports) or None, challenge.user_handle
            row.backup_eligible, row.backed_up = made.backup_eligible, made.backed_up
            row.user_agent = work.user_agent or None
            work.rows.flush()
        return Proof(("swk" if made.backup_eligible else "hwk", "user"), key=method.id)

    def _challenge(self, work: Work, method: M, asked: Asked, response: Response, purpose: str) -> Challenge:
        found = challenges.take(work, response.challenge, purpose, asked.bound_to)
        if found is None or found.user_id != method.user_id:
            raise NotProven("the challenge is used, too old, or of another sign-in")
        return found


class SecurityKey(WebAuthnKind):
    """A key that goes along from device to device."""

    type = "webauthn-roaming"
    attachment = "cross-platform"
    named = True


class Platform(WebAuthnKind):
    """The device itself: a fingerprint, a face, its screen lock. Nobody has it alone, since devices get lost."""

    type = "webauthn-platform"
    attachment = "platform"
    verification = "required"
    independent = False
    order = 12


def _descriptor(row: M) -> dict[str, Any]:
    ways = {"transports": row.transports} if row.transports else {}
    return {"type": "public-key", "id": row.credential_id, **ways}


def _counted(work: Work, row: _Key, proven: Assertion) -> bool:
    """Keep the count; False for one that does not grow where the key cannot be copied (WebAuthn 7.2 step 22)."""
    before = row.sign_count or 0
    if proven.sign_count <= before and (proven.sign_count or before) and not proven.backup_eligible:
        return False
    kept = work.hot.run(
        _USED,
        tenant=work.tenant_id,
        id=row.id,
        count=proven.sign_count,
        backed_up=proven.backed_up,
        now=clock.now_ms(),
    )
    return kept == 1
