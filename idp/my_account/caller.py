"""Who calls: a person, through an application that they signed in to for this API."""

from __future__ import annotations

from dataclasses import dataclass

from idp.foundation.apikit import Actor
from idp.foundation.kernel import scopes
from idp.foundation.kernel.errors import Forbidden
from idp.foundation.tenancy.configuration import my_account_audience
from idp.foundation.tenancy.work import Work
from idp.foundation.web.exchange import Call
from idp.management import bearer
from idp.protocol.tokens import found as tokens
from idp.protocol.tokens import gate, own_account
from idp.protocol.tokens.store import Granted
from idp.signin.factors import policy, service
from idp.signin.passkeys import enrolment

KEYS = frozenset({"hwk", "swk"})
"""Values of ``amr`` of whoever signed in with a passkey."""


@dataclass(frozen=True)
class Caller(Actor):
    """The person, with the authorization that their token comes from."""

    granted: Granted | None = None

    @property
    def authorization(self) -> Granted:
        """The authorization: there is one behind every call that is let in."""
        if self.granted is None:
            raise LookupError("nobody called")
        return self.granted

    @property
    def person(self) -> str:
        """The user id."""
        return self.authorization.user_id


def authenticate(work: Work, call: Call) -> Caller:
    """The caller; the token has to be for this API under the very domain that was called.

    :raises Unauthorized: no token, or one that is not good here and now.
    """
    claims = bearer.claims_of(work, call, {my_account_audience(work.config.issuer)})
    found = tokens.by_jti(work, str(claims.get("jti") or ""))
    stands = gate.presented(work, found) if found is not None else None
    if found is None or stands is None or found.granted.user_id != claims.get("sub"):
        raise bearer.refusal("Invalid token", detail="the token was revoked, or would not be issued now")
    said = frozenset(scopes.parse(found.scope)).intersection(stands.scopes)
    return Caller(stands.client.client_id, user_id=found.granted.user_id, scopes=said, granted=found.granted)


def current(work: Work) -> Caller:
    """The caller of this piece of work."""
    if not isinstance(work.actor, Caller):
        raise TypeError("no call of the My Account API")
    return work.actor


def require_recent(work: Work) -> Caller:
    """Whoever changes what opens their account proved a moment ago who they are, with whatever they have beside a
    password: a token that somebody got hold of changes nothing (security.md O3).

    :raises Forbidden: they did not; signing in again for this API sees to it.
    """
    caller = current(work)
    granted = caller.authorization
    kinds = " ".join(service.summary(work, caller.person))
    amr = granted.request.amr or []
    if policy.enrolled(kinds):
        good = policy.MFA in amr and own_account.recent(granted)
    else:
        good = own_account.recent(granted) and own_account.signed_in_recently(granted)
        if good and "passkey" in kinds.split() and KEYS.isdisjoint(amr):
            good = not enrolment.working(work, caller.person)
    if not good:
        raise Forbidden("The authentication is not recent or not strong enough: sign in again.", "step_up_required")
    return caller
