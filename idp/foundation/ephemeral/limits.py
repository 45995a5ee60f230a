"""Rate limits of pages and endpoints that anyone may call. ``IDP_RATE_LIMITS=off`` switches them off (never the
lockout).
"""

from __future__ import annotations

from dataclasses import dataclass

from idp.foundation.ephemeral import counters
from idp.foundation.tenancy.work import Work

MINUTE_MS = 60_000


@dataclass(frozen=True)
class Limit:
    """``count`` calls in ``window_ms``, per whatever the caller names: a network (``work.network``), an identifier."""

    name: str
    count: int
    window_ms: int


SIGNUP = Limit("signup", 50, 60 * MINUTE_MS)
RESET_BY_IP = Limit("reset-ip", 50, 60 * MINUTE_MS)
RESET_AGAIN = Limit("reset-again", 2, MINUTE_MS)
"""Mails with a reset link that one network has sent to one address: a first, and one more."""
RESET_MAILS = Limit("reset-mails", 10, 60 * MINUTE_MS)
"""Reset links mailed to one account, whoever asks; beyond it the newest stays good and nothing is refused."""
RESET_FOR = Limit("reset-for", 1, 10 * MINUTE_MS)
"""Reset links that administrators have mailed to one account: what is done twice to many is one mail."""
LOGIN_BY_IP = Limit("login-ip", 300, 5 * MINUTE_MS)
SIGN_INS_BEGUN = Limit("sign-ins-begun", 600, 5 * MINUTE_MS)
"""Login pages opened by one network: each is a row for an hour."""
ANSWERS_POSTED = Limit("answers-posted", 300, 5 * MINUTE_MS)
"""Answers of identity providers that a browser posts, which are kept until it comes back."""
VERIFY_AGAIN = Limit("verify-again", 1, MINUTE_MS)
VERIFY_MAIL = Limit("verify-mail", 5, 60 * MINUTE_MS)
VERIFY_CODES = Limit("verify-codes", 10, 60 * MINUTE_MS)
"""Codes mailed to prove one account's address: each has three tries."""
CODES_BY_IP = Limit("codes-ip", 50, 60 * MINUTE_MS)
"""Sign-in codes and links that one network has sent, to whomever."""
CODES_BY_NEIGHBOURS = Limit("codes-neighbours", 200, 60 * MINUTE_MS)
"""The like for the /24 (/48) around it."""
CODES_TO_ADDRESS = Limit("codes-address", 10, 60 * MINUTE_MS)
"""Codes and links to one address or number, asked for by strangers; the network that its owner signed in from last has
as many for itself.
"""
CODES_TO_COUNTRY = Limit("codes-country", 50, 60 * MINUTE_MS)
"""Text messages to numbers of one country that have no account; a connection may say another number."""
CODES_TYPED = Limit("codes-typed", 60, 5 * MINUTE_MS)
"""Codes that one network types, right or wrong."""
DEVICES_BEGUN = Limit("devices-begun", 120, 5 * MINUTE_MS)
"""Codes for devices that one network asks for: each is kept for a quarter of an hour."""
ADDRESS_CHANGES = Limit("address-changes", 5, 60 * MINUTE_MS)
"""Changes of address that one person begins: each is two mails, one of them to an address that they typed."""
ADDRESS_CHANGES_BY_NETWORK = Limit("address-changes-network", 30, 60 * MINUTE_MS)
"""The like of one network, whoever is signed in there."""
OWN_PICTURES = Limit("own-pictures", 20, 60 * MINUTE_MS)
"""Pictures of themselves that one person stores."""
OWN_ARCHIVES = Limit("own-archives", 5, 60 * MINUTE_MS)
"""Files of everything that is stored of a person, which they ask for themselves."""
MAIL_TRIALS = Limit("mail-trials", 20, 60 * MINUTE_MS)
"""Mails of a tenant that try a provider or a template, to whatever address somebody types."""
INSTALLATION_CHECKS = Limit("installation-checks", 6, MINUTE_MS)
"""Looks at the whole installation from the dashboard: each asks stores and servers."""
PHONE_TRIALS = Limit("phone-trials", 20, 60 * MINUTE_MS)
"""Messages of a tenant that try a phone provider or a template."""
FACTOR_MESSAGES = Limit("factor-messages", 10, 60 * MINUTE_MS)
"""Codes of a second factor that one person is sent as text messages or told by telephone."""
FACTOR_MAILS = Limit("factor-mails", 20, 20 * MINUTE_MS)
"""The like by mail."""
FACTOR_FORMS = Limit("factor-forms", 60, 5 * MINUTE_MS)
"""Forms of second factors that one network sends, right or wrong."""
FACTOR_FORMS_OF_ATTEMPT = Limit("factor-forms-attempt", 10, MINUTE_MS)
"""The like of one network in one sign-in."""
PASSKEY_CHALLENGES = Limit("passkey-challenges", 600, 5 * MINUTE_MS)
"""Challenges for passkeys that one network asks for: each is a row for five minutes."""
ENROLMENTS_BEGUN = Limit("enrolments-begun", 60, 10 * MINUTE_MS)
"""Enrolments that one person begins through an application: each is a row for ten minutes."""
INVITATION_MAILS = Limit("invitation-mails", 10, 24 * 60 * MINUTE_MS)
"""Invitations mailed to one address, to whatever application."""
BLOCKED_MAIL = Limit("blocked-mail", 10, 24 * 60 * MINUTE_MS)
"""Mails about locked sign-ins for one account."""
CHALLENGE_ANSWERS = Limit("challenge-answers", 12, 10 * MINUTE_MS)
"""Questions of pages that one network answers by hand, right or wrong: programs can add numbers, too."""
STOLEN_MAIL = Limit("stolen-mail", 1, 60 * MINUTE_MS)
"""Mails about a breached password for one account."""
BREACHES_LOGGED = Limit("breaches-logged", 1, 60 * MINUTE_MS)
"""Log entries about breached passwords from one network, by what they were for; what is refused is refused anyway."""
ADMIN_MAIL_BY_NETWORK = Limit("admin-mail-network", 1, 60 * MINUTE_MS)
"""Mails to administrators about one network, of one kind."""
ADMIN_MAILS = Limit("admin-mails", 24, 24 * 60 * MINUTE_MS)
"""Mails to administrators of one kind, whatever the networks."""
FORMS_KEPT = Limit("forms-kept", 30, 10 * MINUTE_MS)
"""Forms of the dashboard that one network sends without a session, each kept for ten minutes."""
FORMER_BY_IP = Limit("former-ip", 60, 5 * MINUTE_MS)
"""Refresh tokens of the former tenant that one network presents."""
FORMER_OF_CLIENT = Limit("former-client", 600, MINUTE_MS)
"""The like of one application, from everywhere: more than that the former tenant is not asked."""

PUSHED = Limit("pushed-requests", 3_000, MINUTE_MS)
"""Authorization requests that one client pushes."""
PUSHED_BY_NETWORK = Limit("pushed-requests-network", 300, MINUTE_MS)
"""The like of a client without a secret, from one network."""
APPROVALS_ASKED = Limit("approvals-asked", 600, MINUTE_MS)
"""Requests of one application that people confirm something elsewhere."""
APPROVALS_OF_PERSON = Limit("approvals-person", 10, 5 * MINUTE_MS)
"""The like about one person, from whatever application: nobody says yes because they are tired of being asked."""
REQUESTS_FETCHED = Limit("requests-fetched", 600, 5 * MINUTE_MS)
"""Request objects that are fetched from one application's addresses because one network opened links."""
REGISTRATIONS = Limit("registrations", 20, 60 * MINUTE_MS)
"""Clients that one network registers without a token, where anybody may."""
REGISTRATIONS_BY_TOKEN = Limit("registrations-token", 600, 60 * MINUTE_MS)
"""The like with one initial access token."""
REGISTRATIONS_TRIED = Limit("registrations-tried", 60, 5 * MINUTE_MS)
"""Registrations without a good token, from one network."""
REGISTRATIONS_CHANGED = Limit("registrations-changed", 60, 60 * MINUTE_MS)
"""How often one client replaces its registration: each may have us fetch what it names."""
DOCUMENTS_FETCHED = Limit("documents-fetched", 60, 5 * MINUTE_MS)
"""Metadata documents of clients that are fetched because one network opened links."""
ENTITIES_RESOLVED = Limit("entities-resolved", 30, 5 * MINUTE_MS)
"""Trust chains that are looked for because one network opened links."""
SIGNALS = Limit("signals", 600, MINUTE_MS)
"""Calls of one receiver of shared signals."""
SCIM = Limit("scim", 1_500, MINUTE_MS)
"""SCIM requests of one network for one connection."""


def exceeded(work: Work, limit: Limit, who: str) -> int | None:
    """Count this call; answers None while it is within the limit, else the seconds until it may be tried again."""
    if not work.platform.settings.rate_limits:
        return None
    count, left_ms = counters.increment(work, f"{limit.name}:{who}"[:200], limit.window_ms)
    return None if count <= limit.count else max(1, left_ms // 1000)
