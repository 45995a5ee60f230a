"""The small changes that people make to their own profile by signing in, proving an address, choosing a name."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, bindparam, select, update

from idp.directory.users import normalize, photos, pictures, provision
from idp.directory.users.models import Identity, User
from idp.directory.users.models import User as U
from idp.directory.users.provision import FoundUser
from idp.foundation.db.hot import Statement
from idp.foundation.kernel import clock
from idp.foundation.kernel.errors import NotFound
from idp.foundation.kernel.events import EmailVerificationWanted, EmailVerified, UserUpdated
from idp.foundation.kernel.folding import fold
from idp.foundation.tenancy.work import Work

_MINE = (U.tenant_id == bindparam("tenant"), U.user_id == bindparam("user"))
_RECORD_LOGIN = Statement(
    "user_record_login",
    update(U)
    .where(*_MINE)
    .values(
        last_login=bindparam("now"),
        last_ip=bindparam("ip"),
        logins_count=U.logins_count + 1,
        updated_at=bindparam("now"),
    ),
)
_VERIFY_EMAIL = Statement(
    "user_verify_email",
    update(U)
    .where(*_MINE, U.email == bindparam("email"))
    .values(email_verified=True, updated_at=bindparam("now"), version=U.version + 1),
)
_KEEP_FACTORS = Statement(
    "user_keep_factors",
    update(U).where(*_MINE).values(factors=bindparam("factors"), factors_changed_at=bindparam("now")),
)
_RENAME = Statement(
    "user_rename",
    update(U)
    .where(*_MINE)
    .values(
        name=bindparam("name"), name_folded=bindparam("folded"), updated_at=bindparam("now"), version=U.version + 1
    ),
)
_KEEP_LANGUAGE = Statement(
    "user_keep_language",
    update(U).where(*_MINE, U.language.is_distinct_from(bindparam("language"))).values(language=bindparam("language")),
)

_KEEP_THEME = Statement(
    "user_keep_theme",
    update(U).where(*_MINE, U.theme.is_distinct_from(bindparam("theme"))).values(theme=bindparam("theme")),
)

_WITH_ACCOUNTS = (
    select(U, Identity)
    .outerjoin(Identity, and_(Identity.user_id == U.user_id, Identity.tenant_id == U.tenant_id))
    .where(U.user_id == bindparam("user"))
    .order_by(Identity.position)
    .execution_options(populate_existing=True)
)


def get(work: Work, user_id: str) -> User:
    """The user.

    :raises NotFound: ``inexistent_user``.
    """
    row = work.rows.get(User, (work.tenant_id, user_id))
    if row is None:
        raise NotFound("The user does not exist.", "inexistent_user")
    return row


def with_accounts(work: Work, user_id: str) -> tuple[User, list[Identity]]:
    """The user as stored now, and the identities, the primary one first: one statement.

    :raises NotFound: ``inexistent_user``.
    """
    found = work.rows.execute(_WITH_ACCOUNTS, {"user": user_id}).all()
    user: User | None = next((row.User for row in found), None)
    if user is None:
        raise NotFound("The user does not exist.", "inexistent_user")
    work.rows.seen(user)
    return user, [row.Identity for row in found if row.Identity is not None]


def locked(work: Work, user_id: str) -> User:
    """The user, whom nobody else changes until the transaction ends. Whatever belongs to a user (identities, accounts,
    tickets, consent) is changed under this lock (docs/decisions/0099).

    :raises NotFound: ``inexistent_user``.
    """
    row = work.rows.lock_one(User, user_id)
    if row is None:
        raise NotFound("The user does not exist.", "inexistent_user")
    return row


def locked_owner(work: Work, connection_id: str, account_id: str) -> User | None:
    """The user an account belongs to, locked; None where it belongs to nobody. Linking may move it until then."""
    while True:
        found = provision.by_identity(work, connection_id, account_id)
        user = work.rows.lock_one(User, found.user_id) if found else None
        if found is None or user is not None:
            still = provision.by_identity(work, connection_id, account_id)
            if (still and still.user_id) == (user and user.user_id):
                return user


def record_login(work: Work, user_id: str) -> None:
    """Count a sign-in: also for a blocked user (spec/account-lifecycle.md). The session that follows is the news."""
    work.hot.run(_RECORD_LOGIN, tenant=work.tenant_id, user=user_id, now=clock.now_ms(), ip=work.ip)


def verify_email(work: Work, user_id: str, email: str) -> bool:
    """The person proved that address, provided it is still theirs (security.md M7)."""
    verified = work.hot.run(_VERIFY_EMAIL, tenant=work.tenant_id, user=user_id, email=email, now=clock.now_ms()) == 1
    if verified:
        work.emit(EmailVerified(user_id, email))
    return verified


def verify_linked_email(work: Work, identity: Identity, email: str) -> bool:
    """The same for the address of a linked account, which stands beside its identity."""
    data = work.rows.lock(identity).profile_data or {}
    if data.get("email") != email:
        return False
    identity.profile_data = {**data, "email_verified": True}
    work.rows.flush()
    work.emit(EmailVerified(identity.user_id, email))
    return True


def verify_linked_number(work: Work, identity: Identity, number: str) -> bool:
    """The same for its telephone number."""
    data = work.rows.lock(identity).profile_data or {}
    if data.get("phone_number") != number:
        return False
    if data.get("phone_verified") is not True:
        identity.profile_data = {**data, "phone_verified": True}
        work.rows.flush()
        work.emit(UserUpdated(identity.user_id, ("identities",)))
    return True


def ask_to_prove(work: Work, user: FoundUser, *, client_id: str | None, locale: str) -> None:
    """Have a mail sent that proves the address of somebody who is there already, in ``locale`` and leading back to
    ``client_id``.
    """
    account = (user.connection_id, user.account_id)
    work.emit(EmailVerificationWanted(user.user_id, user.email or "", *account, client_id, locale))


def keep_language(work: Work, user_id: str, language: str) -> None:
    """The language that the person picked: their pages and mails speak it in whatever browser."""
    if work.hot.run(_KEEP_LANGUAGE, tenant=work.tenant_id, user=user_id, language=language) == 1:
        work.emit(UserUpdated(user_id, ("language",)))


def keep_theme(work: Work, user_id: str, theme: str | None) -> None:
    """How the person wants our pages: ``light``, ``dark``, or as their device is set (None)."""
    if work.hot.run(_KEEP_THEME, tenant=work.tenant_id, user=user_id, theme=theme) == 1:
        work.emit(UserUpdated(user_id, ("theme",)))


def keep_picture(work: Work, user: FoundUser, photo: photos.Photo | None) -> None:
    """The picture that the person chose of themselves, shown by us; None: their initials."""
    row = locked(work, user.user_id)
    chosen = pictures.choose(work, user.connection_id, user.account_id, photo)
    row.picture = chosen or normalize.picture(work.config.url, row.email, row.nickname or user.called, gravatar=False)
    row.updated_at = clock.now_ms()
    work.rows.flush()
    work.emit(UserUpdated(user.user_id, ("picture",)))


def keep_factors(work: Work, user_id: str, kinds: Sequence[str]) -> None:
    """Which kinds of second factors the person has, with their row: whoever reads that need not ask for more."""
    said = " ".join(kinds) or None
    work.hot.run(_KEEP_FACTORS, tenant=work.tenant_id, user=user_id, factors=said, now=clock.now_ms())


def rename(work: Work, user_id: str, name: str) -> None:
    """The person's own choice of name."""
    work.hot.run(_RENAME, tenant=work.tenant_id, user=user_id, name=name, folded=fold(name), now=clock.now_ms())
    work.emit(UserUpdated(user_id, ("name",)))
