"""Kinds whose proof is a code that was sent: by mail, as a text message, said by telephone."""

from __future__ import annotations

from typing import ClassVar

from idp.directory.users.identifiers import masked
from idp.foundation.ephemeral import codes, limits
from idp.foundation.ephemeral.limits import Limit
from idp.foundation.kernel.networks import neighbourhood_of
from idp.foundation.queue import outbox
from idp.foundation.tenancy.work import Work
from idp.signin.attack_protection import phone_provider
from idp.signin.factors import otp, settings
from idp.signin.factors.kinds.contract import HOUR_MS, Asked, Failures, Proof
from idp.signin.factors.log_types import FactorLog
from idp.signin.factors.models import AuthenticationMethod as M
from idp.signin.factors.settings import CodeRules

TASK = "factors.send"
TRIES = 5
"""Of one code (spec/login-factors.md, "Codes")."""


class _SentCode:
    """What both have."""

    type: ClassVar[str]
    sending: ClassVar[Limit]
    """Messages that one person is sent, whoever asks."""
    amr: ClassVar[tuple[str, ...]]
    named: ClassVar[bool] = False
    failures = Failures(10, HOUR_MS)
    succeeded, failed, limited = FactorLog.SUCCEEDED, FactorLog.FAILED, FactorLog.LIMITED

    def rules(self, work: Work) -> CodeRules:
        """How the codes look."""
        raise NotImplementedError

    def sends(self) -> bool:
        """A challenge begins with a message."""
        return True

    def challenge(self, work: Work, method: M, asked: Asked) -> int | None:
        """A code, bound to where it was asked for; the newest takes the place of the one before (security.md M12), and
        only one that will be sent does.
        """
        rules, key = self.rules(work), _key(method, asked)
        wait = codes.again_in(work, key) or self.paced(work, method) or self.too_often(work, method)
        if wait is not None:
            return wait
        code = codes.fresh(rules.length)
        with work.transaction():
            wait = codes.put(work, key, code, ttl_ms=rules.lifetime_s * 1000)
            if wait is not None:
                return wait
            outbox.put(
                work,
                TASK,
                {
                    "user_id": method.user_id,
                    "method_id": method.id,
                    "by": self.way(work, method, asked),
                    "to": method.email or method.phone_number or "",
                    "code": code,
                    "enrolling": asked.enrolling,
                    "lifetime_s": rules.lifetime_s,
                    "client_id": asked.client_id,
                    "application": asked.application,
                    "locale": asked.locale,
                    "ip": work.ip,
                    "user_agent": work.user_agent,
                },
            )
        return None

    def way(self, work: Work, method: M, asked: Asked) -> str:
        """How it is sent."""
        raise NotImplementedError

    def paced(self, work: Work, method: M) -> int | None:
        """The same, where the tenant has such messages go out more slowly the more there are."""
        return None

    def too_often(self, work: Work, method: M) -> int | None:
        """Seconds until another message may go out, None where it may."""
        return limits.exceeded(work, self.sending, method.user_id)

    def verify(self, work: Work, method: M, asked: Asked, answer: str) -> Proof | None:
        """The code, once, within five tries."""
        typed = otp.digits_of(answer)
        return Proof(self.amr) if codes.guess(work, _key(method, asked), typed[:32], most=TRIES) else None


def too_often_to(work: Work, number: str) -> int | None:
    """Count a message to a number that nobody has proven; the seconds until another may go out, None where it may."""
    counted = (
        (limits.CODES_BY_IP, work.network),
        (limits.CODES_BY_NEIGHBOURS, neighbourhood_of(work.ip)),
        (limits.CODES_TO_ADDRESS, f"factor:{number}"),
        (limits.CODES_TO_COUNTRY, f"factor:{_country(number)}"),
    )
    return next((wait for limit, who in counted if (wait := limits.exceeded(work, limit, who)) is not None), None)


def _country(number: str) -> str:
    """Where a number is, by its country calling code."""
    import phonenumbers

    return phonenumbers.region_code_for_country_code(phonenumbers.parse(number).country_code or 0)


class Email(_SentCode):
    """``email``: a code that is mailed. Never somebody's only factor: whoever reads the mail sets passwords, too."""

    type = "email"
    factor = "email"
    action = "email"
    auth_method = "email"
    independent = enrollable = False
    order = 40
    challenge_page = "mfa-email/mfa-email-challenge"
    enrolment_page = ""
    reset_page = ""
    sending = limits.FACTOR_MAILS
    amr = ()

    def way(self, work: Work, method: M, asked: Asked) -> str:
        """By mail."""
        return "email"

    def rules(self, work: Work) -> CodeRules:
        """``email/settings``."""
        return settings.of(work).email

    def usable(self, work: Work, method: M) -> bool:
        """Wherever there is an address."""
        return method.email is not None

    def shown(self, method: M) -> str:
        """The address, masked."""
        return masked(method.email or "")


class Phone(_SentCode):
    """``phone``: a code as a text message, or said by telephone."""

    type = "phone"
    factor = "sms"
    action = "phone"
    auth_method = "sms"
    independent = enrollable = True
    order = 30
    challenge_page = "mfa-sms/mfa-sms-challenge"
    enrolment_page = "mfa-sms/mfa-sms-enrollment"
    reset_page = "reset-password/reset-password-mfa-sms-challenge"
    sending = limits.FACTOR_MESSAGES
    amr = ("sms",)

    def way(self, work: Work, method: M, asked: Asked) -> str:
        """As they chose just now, else as they like it; another way where the tenant has not that one."""
        able = settings.of(work).message_types
        wanted = asked.by or method.preferred or "sms"
        return wanted if wanted in able or not able else next(iter(able))

    def too_often(self, work: Work, method: M) -> int | None:
        """A number that nobody has proven is anybody's: messages to it count for its number and country and for the
        network that asks, too, so that many new accounts send no more than one (toll fraud).
        """
        wait = super().too_often(work, method)
        if wait is not None or method.confirmed:
            return wait
        return too_often_to(work, method.phone_number or "")

    def paced(self, work: Work, method: M) -> int | None:
        """As phone provider protection has it: for whoever proved a password, or for the network that asks."""
        who = method.user_id if method.confirmed else f"{method.phone_number}:{work.network}"
        return phone_provider.wait(work, who)

    def rules(self, work: Work) -> CodeRules:
        """``phone/settings``."""
        return settings.of(work).phone

    def usable(self, work: Work, method: M) -> bool:
        """Wherever there is a number."""
        return method.phone_number is not None

    def shown(self, method: M) -> str:
        """The number's end."""
        number = method.phone_number or ""
        return f"•••• {number[-4:]}" if len(number) > 6 else "••••"


def _key(method: M, asked: Asked) -> str:
    return f"factor\0{method.id}\0{method.email or method.phone_number}\0{asked.bound_to}"
