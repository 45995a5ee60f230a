"""What a person may do to their own account. Each use case belongs to the feature whose rows it changes."""

from __future__ import annotations

from idp.account import lists
from idp.directory.users import photos, provision
from idp.directory.users import service as users
from idp.directory.users.provision import FoundUser
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import PageError
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens.log_types import TokenLog
from idp.signin.factors import devices, enrolment, trust
from idp.signin.factors import policy as factors
from idp.signin.factors import service as factor_service
from idp.signin.factors.kinds import KINDS
from idp.signin.passkeys import enrolment as passkeys
from idp.signin.sessions.service import LiveSession
from idp.signin.user_grants import service as user_grants
from idp.tenant.audit import log
from idp.tenant.audit.log_types import ApiLog

TICKET_MS = 1_800_000
"""How long the pages that set a factor up are good for."""
FRESH_S = 300
"""How long ago somebody proved who they are who changes how they sign in (ux.md, "Account pages")."""
_KEYS = frozenset({factors.MFA, "swk", "hwk"})


def user_of(work: Work, session: LiveSession) -> FoundUser:
    """The user of a session.

    :raises PageError: they were deleted meanwhile.
    """
    user = provision.by_id(work, session.user_id)
    if user is None:
        raise PageError("not_found", "This account does not exist any more.", status=404)
    return user


def rename(work: Work, session: LiveSession, name: str) -> None:
    """Another name."""
    with work.transaction():
        users.rename(work, session.user_id, name)
        log.write(work, ApiLog.DONE, "Update profile", user_id=session.user_id, user_name=session.email)


def disconnect(work: Work, session: LiveSession, key: str) -> bool:
    """Make a linked account a user of its own again; False where it is none of theirs, or the main one."""
    with work.transaction():
        mine = users.identities_of(work, session.user_id)
        found = next((each for each in mine if lists.account_key(each) == key and each.position), None)
        if found is None:
            return False
        users.unlink(work, session.user_id, found.provider, found.identity_user_id)
        log.write(work, ApiLog.DONE, "Unlink a user account", user_id=session.user_id, user_name=session.email)
    return True


def keep_language(work: Work, session: LiveSession, language: str) -> None:
    """The language that the person wants pages and mails in."""
    with work.transaction():
        users.keep_language(work, session.user_id, language)


def keep_theme(work: Work, session: LiveSession, theme: str | None) -> None:
    """How the person wants pages: ``light``, ``dark``, or as their device is set (None)."""
    with work.transaction():
        users.keep_theme(work, session.user_id, theme)


def keep_picture(work: Work, session: LiveSession, user: FoundUser, sent: bytes) -> None:
    """A picture that the person chose, shown by us from now on.

    :raises photos.NoPhoto: it is none that is kept.
    """
    photo = photos.read(sent)
    with work.transaction():
        users.keep_picture(work, user, photo)
        log.write(work, ApiLog.DONE, "Store a picture", user_id=session.user_id, user_name=session.email)


def remove_picture(work: Work, session: LiveSession, user: FoundUser) -> None:
    """The initials again."""
    with work.transaction():
        users.keep_picture(work, user, None)
        log.write(work, ApiLog.DONE, "Remove a picture", user_id=session.user_id, user_name=session.email)


def remove_application(work: Work, session: LiveSession, client_id: str) -> None:
    """Take an application's access back: its consent and every token (security.md K4)."""
    with work.transaction():
        user_grants.remove_access(work, session.user_id, client_id)
        log.write(
            work, TokenLog.REVOKED, "access removed from the account page", user_id=session.user_id, client_id=client_id
        )


def proven_freshly(work: Work, session: LiveSession) -> bool:
    """Whether the person proved just now who they are, with whatever they have beside a password: a session or a
    password that somebody else got hold of changes nothing of what opens the account (security.md O3).
    """
    if factors.enrolled(session.factors):
        return factors.proven(work, session.methods, session.last_interacted_at, within_s=FRESH_S)
    return clock.now_ms() - session.authenticated_at <= FRESH_S * 1000 and not needs_passkey(work, session)


def lacks_factor(work: Work, session: LiveSession) -> bool:
    """Whether the person has a second factor and did not prove it just now: their password, which somebody else may
    know, is not enough for another one.
    """
    return factors.enrolled(session.factors) and not proven_freshly(work, session)


def needs_passkey(work: Work, session: LiveSession) -> bool:
    """Whether passkeys, or devices that stand in for the password, are all that the person has beside it, and they
    signed in without one. Those that a tenant left behind when it moved prove nothing and ask for nothing.
    """
    has = (session.factors or "").split()
    if factors.enrolled(session.factors) or not {"passkey", devices.KIND}.intersection(has):
        return False
    if not _KEYS.isdisjoint(str(each.get("name")) for each in session.methods):
        return False
    return bool(passkeys.working(work, session.user_id)) or devices.working(work, session.user_id)


def add_factor(work: Work, session: LiveSession, action: str) -> str | None:
    """The address of the pages that set one up; None where that kind is not offered."""
    if action not in {kind.action for kind in factor_service.enrollable(work)}:
        return None
    ticket = enrolment.Ticket(session.user_id, factor=action, several=True, own=True, locale=session.language)
    with work.transaction():
        value, _ = enrolment.create(work, ticket, ttl_ms=TICKET_MS)
    return work.href(f"/{enrolment.PATH}", ticket=value)


def remove_factor(work: Work, session: LiveSession, method_id: str) -> bool:
    """Take one of the person's second factors away; False where it is none of theirs. Passkeys have rules of their own
    (:func:`idp.signin.passkeys.enrolment.remove`).
    """
    found = factor_service.find(work, method_id)
    if found is None or found.type not in KINDS:
        return False
    return factor_service.remove(work, session.user_id, [method_id], by_owner=True) > 0


def new_recovery_code(work: Work, session: LiveSession) -> str | None:
    """Another recovery code; None where the person has no factor that it could stand in for."""
    if not factors.enrolled(session.factors):
        return None
    return factor_service.new_recovery_code(work, session.user_id, by_owner=True)


def forget_browsers(work: Work, session: LiveSession, browser_id: str | None) -> None:
    """Browsers that were trusted are asked again: one, or all."""
    with work.transaction():
        if browser_id is None:
            trust.forget_all(work, [session.user_id])
        else:
            trust.forget(work, session.user_id, browser_id)
        log.write(work, ApiLog.DONE, "Forget trusted browsers", user_id=session.user_id, user_name=session.email)
