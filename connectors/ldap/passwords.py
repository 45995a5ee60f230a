"""Another password for somebody, as the directory wants it: ``unicodePwd`` at Active Directory (MS-ADTS 3.1.1.3.1.5),
the password modify operation elsewhere (RFC 3062). The directory's own policy decides whether it is good.
"""

from __future__ import annotations

from collections.abc import Callable

from connectors.contract import ConnectorError, InvalidCredentials, PasswordRefused
from connectors.ldap import refusals
from connectors.ldap.directory import Directory, Entry
from connectors.ldap.options import LdapOptions
from connectors.ldap.refusals import Answer

_WEAK = frozenset({5, 6})
"""Errors of the policy control: poor, short."""
_REFUSED = {3: "it may not be changed", 7: "it was changed a moment ago", 8: "it was used before"}


def replace(
    directory: Directory,
    options: LdapOptions,
    entry: Entry,
    current: str,
    new: str,
    account_id: str,
    *,
    as_service: Callable[[], object],
) -> None:
    """Change it. ``as_service`` binds as the service account again, which asks for those whose password has expired:
    the directory lets nobody in with it, and has looked at it before it says so. Raises InvalidCredentials,
    PasswordRefused, ConnectorError, Broken.
    """
    if options.dialect.unicode_passwords:
        # the service account asks, and the old password proves: who has to change theirs cannot bind at all
        answer = directory.exchange_unicode_password(entry.name, current, new)
        if answer.code == refusals.CONSTRAINT and _wrong_current(answer):
            raise InvalidCredentials(user_id=account_id)
    else:
        bound = directory.bind(entry.name, current)
        if bound.code != refusals.SUCCESS:
            refusal = refusals.of_bind(bound)
            if refusal is None:
                raise InvalidCredentials(user_id=account_id)
            if refusal is not refusals.PASSWORD_EXPIRED:
                raise ConnectorError(refusal.code, refusal.words, detail=bound.said)
            as_service()
        answer = directory.replace_password(entry.name, current, new)
    if answer.code == refusals.SUCCESS:
        return
    if answer.code == refusals.CONSTRAINT or answer.policy in _WEAK or answer.policy in _REFUSED:
        raise PasswordRefused(detail=answer.said)
    raise ConnectorError("server_error", "The directory did not change the password.", detail=answer.said)


def _wrong_current(answer: Answer) -> bool:
    """Active Directory: 00000056 (ERROR_INVALID_PASSWORD) begins the text where the old value was wrong."""
    return answer.message.startswith("00000056")
