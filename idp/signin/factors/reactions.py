"""What second factors do about news from elsewhere."""

from __future__ import annotations

from collections.abc import Collection

from idp.directory.users import provision
from idp.foundation.kernel.events import (
    AccountReclaimed,
    DeletionRequested,
    DeviceSignInChosen,
    FactorsChanged,
    PasswordChanged,
    UserBlocked,
    UserLinked,
    UsersErased,
)
from idp.foundation.tenancy.reactions import On
from idp.foundation.tenancy.work import Work
from idp.signin.factors import api_tokens, devices, enrolment, service, settings, settings_service, trust
from idp.tenant.mail import service as mail


def begin_anew(work: Work, event: PasswordChanged) -> None:
    """Browsers that were trusted before are asked again, and what the old password began is not finished: whoever knew
    that sets no factor up.
    """
    trust.forget_all(work, [event.user_id])
    api_tokens.void(work, [event.user_id])
    enrolment.void_own(work, event.user_id)


def shut_out(work: Work, event: UserBlocked) -> None:
    """The same for somebody who may not sign in; links that administrators sent end, too."""
    trust.forget_all(work, [event.user_id])
    _void(work, [event.user_id])


def leave(work: Work, event: DeletionRequested) -> None:
    """Browsers are asked again, should their owner come back; what was begun is not finished."""
    trust.forget_all(work, [event.user_id])
    _void(work, [event.user_id])


def reclaim(work: Work, event: AccountReclaimed) -> None:
    """What somebody else enrolled or began in an account that is not theirs goes with them (security.md N2)."""
    service.remove(work, event.user_id)
    trust.erase(work, [event.user_id])
    _void(work, [event.user_id])


def erase(work: Work, event: UsersErased) -> None:
    """Nothing is left."""
    service.erase(work, list(event.user_ids))


def joined(work: Work, event: UserLinked) -> None:
    """The account that stays keeps its own factors; those of the other went with its user."""
    service.erase(work, [event.secondary])
    _void(work, [event.secondary])


def _void(work: Work, user_ids: Collection[str]) -> None:
    api_tokens.void(work, user_ids)
    enrolment.void(work, user_ids)


def tell_owner(work: Work, event: FactorsChanged) -> None:
    """Mail the owner, whoever did it: a factor that was added or removed opens or closes the account
    (spec/login-factors.md, "Policy").
    """
    user = provision.by_id(work, event.user_id)
    if user is None or not user.email:
        return
    mail.send(
        work,
        "factors_changed",
        user.email,
        user.language or mail.TENANTS_LANGUAGE,
        about={"user_id": user.user_id, "connection_id": user.connection_id},
        email=user.email,
        added=list(event.added),
        removed=list(event.removed),
        support_url=work.config.settings.support_url,
    )


def switch_devices_on(work: Work, _event: DeviceSignInChosen) -> None:
    """Devices are a factor as well where they stand in for passwords, as with Auth0; they may be switched off again."""
    if devices.KIND not in settings.of(work).on:
        settings_service.switch(work, devices.KIND, enabled=True)


REACTIONS = (
    On(PasswordChanged, begin_anew),
    On(UserBlocked, shut_out),
    On(DeletionRequested, leave),
    On(AccountReclaimed, reclaim),
    On(UsersErased, erase),
    On(UserLinked, joined),
    On(FactorsChanged, tell_owner),
    On(DeviceSignInChosen, switch_devices_on),
)
