"""Account linking (spec/linking.md): two accounts, one user; both sides must be proven, e-mail addresses prove
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from idp.directory.connections import runtime as connections
from idp.directory.users import connected, normalize
from idp.directory.users.attributes import LINKED, STORED
from idp.directory.users.identifiers import email_key
from idp.directory.users.models import Identity, User
from idp.directory.users.service.profile import get, locked
from idp.foundation.kernel import clock, scopes
from idp.foundation.kernel.errors import BadRequest, Conflict, Forbidden, NotFound
from idp.foundation.kernel.events import UserLinked, UserUnlinked
from idp.foundation.tenancy.work import Work
from idp.tenant.audit import writes
from idp.tenant.keys import signer
from idp.tenant.members import service as administrators


def link(work: Work, user_id: str, members: Mapping[str, Any]) -> list[Identity]:
    """Join the other account to ``user_id``: the one that ``link_with`` (an ID token) speaks of, or that ``provider``
    and ``user_id`` name, with ``connection_id`` where several do. Answers all identities.

    :raises BadRequest: a faulty token, the same account twice, an unknown one, one that has others linked to it, or an
        address on either side that nobody has proven (security.md N2).
    :raises Conflict: it is linked already.
    :raises Forbidden: either is an administrator with more rights than the caller.
    """
    get(work, user_id)
    named = _by_token(work, str(members["link_with"])) if members.get("link_with") else _by_name(work, members)
    administrators.refuse_stronger(work, {user_id, named.user_id})
    return _join(work, user_id, named)


def join(work: Work, user_id: str, other_id: str, *, known: bool = False) -> None:
    """Make the user ``other_id``, who has one account, an identity of ``user_id``: for whoever signed in to both, or
    where it is ``known`` that they are one, since they are linked in the tenant that is copied.

    :raises BadRequest: the same user twice, one with others linked to them, or an address that nobody has proven.
    :raises NotFound: there is no such user.
    :raises Conflict: the account changed hands meanwhile.
    """
    accounts = of(work, other_id)
    if not accounts:
        raise NotFound("The user does not exist.", "inexistent_user")
    _join(work, user_id, accounts[0], known=known)


def _join(work: Work, user_id: str, named: Identity, *, known: bool = False) -> list[Identity]:
    user, secondary, other = _both(work, user_id, named)
    _check(work, user, other)
    if not known:
        _refuse_unproven(work, (user, of(work, user.user_id)[0]), (secondary, other))
    gone = secondary.user_id
    other.profile_data = _profile_data(secondary)
    other.user_id = user.user_id
    other.position = 1 + int(
        work.rows.scalar(select(func.max(Identity.position)).where(Identity.user_id == user.user_id)) or 0
    )
    user.updated_at = clock.now_ms()
    connected.forget(work, [gone])  # what the other allowed is asked for anew
    work.rows.delete(secondary)
    work.rows.flush()
    writes.note(work, "users", user.user_id, "identities", new=gone)
    work.emit(UserLinked(user.user_id, gone))
    return of(work, user.user_id)


def _both(work: Work, user_id: str, other: Identity) -> tuple[User, User, Identity]:
    """The user, the one the other account belongs to, and that account, all locked: users by their ids, so that two who
    link each other's account wait for one another instead of for ever.

    :raises NotFound: the user was deleted meanwhile.
    :raises Conflict: the other account changed hands meanwhile, and with that the user it belonged to may be gone.
    """
    owner, key = other.user_id, (other.connection_id, other.identity_user_id)
    users = {found: work.rows.lock_one(User, found) for found in sorted({user_id, owner})}
    user, secondary = users[user_id], users[owner]
    if user is None:
        raise NotFound("The user does not exist.", "inexistent_user")
    account = work.rows.lock_one(Identity, *key)
    if secondary is None or account is None or account.user_id != owner:
        raise Conflict("Specified identity is linked to another account.")
    return user, secondary, account


def unlink(work: Work, user_id: str, provider: str, identity_user_id: str) -> list[Identity]:
    """Take a secondary account out again: it becomes a user of its own with the profile it brought.

    :raises BadRequest: it is the main identity.
    :raises NotFound: the user has no such identity.
    :raises Forbidden: they are an administrator with more rights than the caller.
    """
    administrators.refuse_stronger(work, [user_id])
    locked(work, user_id)
    identity = _own(work, user_id, provider, identity_user_id)
    if identity.position == 0:
        raise BadRequest("Main identity can't be removed.", "operation_not_supported")
    separate(work, user_id, identity)
    return of(work, user_id)


def separate(work: Work, user_id: str, identity: Identity) -> None:
    """A secondary identity becomes a user of its own, with the profile it brought."""
    user, moment = locked(work, user_id), clock.now_ms()
    work.rows.lock(identity)
    profile = normalize.defaults(work.config, identity.profile_data or {})
    identity.user_id = f"{identity.provider}|{identity.identity_user_id}"
    identity.position, identity.profile_data = 0, None
    work.rows.add(
        User(
            tenant_id=work.tenant_id,
            user_id=identity.user_id,
            email_key=email_key(profile["email"]) if profile.get("email") else None,
            email_verified=bool(profile.get("email_verified", False)),
            phone_verified=profile.get("phone_verified"),
            profile={name: value for name, value in profile.items() if name not in STORED},
            blocked=False,
            logins_count=0,
            created_at=moment,
            updated_at=moment,
            **{name: profile.get(name) for name in LINKED},
        )
    )
    user.updated_at = moment
    work.rows.flush()
    writes.note(work, "users", user_id, "identities", old=identity.user_id)
    work.emit(UserUnlinked(user_id, identity.user_id))


def of(work: Work, user_id: str) -> list[Identity]:
    """A user's identities, the primary one first."""
    statement = select(Identity).where(Identity.user_id == user_id).order_by(Identity.position)
    return list(work.rows.scalars(statement))


def _by_token(work: Work, token: str) -> Identity:
    """The primary identity of the person an ID token of the caller's own client speaks of."""
    try:
        claims = signer.verify(work, token, typ=frozenset({"jwt"}))
    except signer.InvalidToken as error:
        raise BadRequest("The link_with token is invalid.", "invalid_body", detail=str(error)) from error
    _check_claims(work, claims)
    statement = select(Identity).where(Identity.user_id == claims["sub"], Identity.position == 0)
    found = work.rows.scalars(statement).first()
    if found is None:
        raise BadRequest("The account of the link_with token does not exist.", "invalid_body")
    return found


def _check_claims(work: Work, claims: dict[str, Any]) -> None:
    expires = claims.get("exp")
    if not isinstance(expires, int | float) or expires <= clock.now():
        raise BadRequest("The link_with token is expired.", "invalid_body")
    if claims.get("iss") != work.config.issuer or not isinstance(claims.get("sub"), str):
        raise BadRequest("The link_with token has another issuer or no subject.", "invalid_body")
    if claims.get("aud") != work.actor.client_id or scopes.parse(str(claims.get("scope") or "")):
        raise BadRequest("The link_with token must be an ID token issued to the calling client.", "invalid_body")
    if claims.get("act") is not None:  # somebody else was in the application as the person: that proves nothing
        raise BadRequest("The link_with token is of an impersonation.", "invalid_body")


def _by_name(work: Work, members: Mapping[str, Any]) -> Identity:
    if not work.actor.has("update:users"):
        raise Forbidden("Insufficient scope, expected any of: update:users", "insufficient_scope")
    provider = members.get("provider")
    if not provider or not members.get("user_id"):
        raise BadRequest("Payload validation error: 'Missing required property: provider, user_id'.", "invalid_body")
    wanted = str(members["user_id"]).removeprefix(f"{provider}|")
    statement = select(Identity).where(Identity.provider == provider, Identity.identity_user_id == wanted)
    if members.get("connection_id"):
        statement = statement.where(Identity.connection_id == members["connection_id"])
    accounts = work.rows.scalars(statement).all()
    if len(accounts) != 1:
        raise BadRequest("The secondary account was not found; name its connection_id if several fit.", "invalid_body")
    return accounts[0]


def _refuse_unproven(work: Work, *sides: tuple[User, Identity]) -> None:
    """Whoever made an account here with somebody else's address would keep a way in that survives the owner's reset.
    Accounts of other sources are known by the source's own id: no mail of ours opens them.
    """
    for user, identity in sides:
        connection = connections.find(work, identity.connection_id)
        opens_by_mail = connection is not None and connection.source.account_key is not None
        if opens_by_mail and user.email and not user.email_verified:
            raise BadRequest(
                "Accounts can be linked only once the email addresses of both are verified.", "operation_not_supported"
            )


def _check(work: Work, user: User, other: Identity) -> None:
    if other.user_id == user.user_id:
        if other.position == 0:
            raise BadRequest("Main account and the one to be linked are the same.", "invalid_body")
        raise Conflict("Specified identity already linked to the main account.")
    if other.position:
        raise Conflict("Specified identity is linked to another account.")
    if len(of(work, other.user_id)) > 1:
        raise BadRequest("The secondary account has accounts linked to it.", "operation_not_supported")


def _profile_data(user: User) -> dict[str, Any]:
    data = {name: value for name in LINKED if (value := getattr(user, name)) is not None}
    verified: dict[str, Any] = {"email_verified": user.email_verified} if user.email else {}
    if user.phone_number and user.phone_verified is not None:
        verified["phone_verified"] = user.phone_verified
    return {**user.profile, **data, **verified}


def _own(work: Work, user_id: str, provider: str, identity_user_id: str) -> Identity:
    for identity in of(work, user_id):
        names = {identity.identity_user_id, f"{identity.connection}|{identity.identity_user_id}"}
        if identity.provider == provider and identity_user_id in names:
            return identity
    raise NotFound("The user has no such identity.", "inexistent_identity")
