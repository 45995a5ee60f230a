"""Challenges that pages ask before they do what a form wants (spec/attack-protection.md, ``bot-detection`` and
``captcha``; docs/decisions/0212).

The built-in one (``auth_challenge``) is a proof of work: the page's script finds the number whose hash is told, which
takes a browser some tenths of a second and is checked with one hash. Browsers without scripts are asked a sum instead,
under a limit of their own; ``simple_captcha`` asks everybody that. A challenge belongs to one login attempt, and is
good once. Other providers are :mod:`.captcha_providers`.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

from idp.foundation.ephemeral import counters, limits
from idp.foundation.kernel import clock
from idp.foundation.tenancy.protection import BotDetection
from idp.foundation.tenancy.work import Work
from idp.foundation.web.pages import Challenge
from idp.signin.attack_protection import addresses, captcha_providers, captcha_settings, throttling
from idp.signin.attack_protection.captcha_settings import OWN, TEXT, Captcha
from idp.signin.attack_protection.log_types import ProtectionLog
from idp.tenant.audit import log

PASSWORD, PASSWORDLESS, PASSWORD_RESET = "password", "passwordless", "password_reset"
"""What is protected; each has a policy of its own. Signing up goes by that of passwords."""
TOKEN, NUMBER, ANSWER = "challenge", "challenge_number", "challenge_answer"
FIELDS = (TOKEN, NUMBER, ANSWER, *captcha_providers.FIELDS)
"""What a form may bring along for a challenge."""
MOST = 80_000
"""Numbers that a browser tries at most: under a second on a telephone."""
LIFETIME_MS = 15 * 60_000
RISKY = {"low": 20, "medium": 5, "high": 1}
"""Failed sign-ins of a network that have not come back yet, and make it risky at each level."""
_SEPARATOR = "."


@dataclass(frozen=True)
class Failed:
    """The form did not bring what was asked for. ``wait_s`` where nobody there may answer questions for a while;
    ``field`` is the input that it was to be typed into, where everybody has one.
    """

    wait_s: int | None = None
    field: str | None = None


def wanted(work: Work, flow: str) -> bool:
    """Whether the caller is asked before ``flow``. Costs one read where that depends on what the network did."""
    settings = work.config.attack_protection.bot_detection
    policy = _policy(settings, flow)
    if policy == "never" or addresses.listed(work.ip, settings.allowlist):
        return False
    if policy == "always":
        return True
    return throttling.used(work, throttling.PRE_LOGIN) >= RISKY[settings.bot_detection_level]


def enforced(work: Work, flow: str) -> bool:
    """Whether the flow is kept from those who are asked, and not only watched."""
    return not work.config.attack_protection.bot_detection.monitoring_mode_enabled and wanted(work, flow)


def shown(work: Work, flow: str, attempt: str) -> Challenge | None:
    """What the page of that login attempt asks, or None."""
    if not enforced(work, flow):
        return None
    captcha = captcha_settings.current(work)
    if captcha.provider not in {OWN, TEXT}:
        return captcha_providers.shown(captcha)
    salt, number = secrets.token_hex(12), secrets.randbelow(MOST)
    first, second = 10 + secrets.randbelow(40), 1 + secrets.randbelow(9)
    target = hashlib.sha256(f"{salt}{number}".encode()).hexdigest()
    named = _SEPARATOR.join((str(clock.now_ms() + LIFETIME_MS), salt, target, str(first), str(second)))
    token = f"{named}{_SEPARATOR}{work.platform.csrf_signer.tag(_bound(work, attempt, named))}"
    return Challenge(captcha.provider, token, salt, target, MOST, first, second)


def failure(work: Work, flow: str, attempt: str, form: Mapping[str, str]) -> Failed | None:
    """What is wrong with what the form brought, if anything was to be brought. May ask another machine: in no
    transaction.
    """
    if not wanted(work, flow):
        return None
    watching, captcha = not enforced(work, flow), captcha_settings.current(work)
    failed = None if watching else _failure(work, captcha, attempt, form)
    if failed is not None and captcha.provider == TEXT:
        failed = replace(failed, field=ANSWER)
    if watching or failed is not None:
        words = "a challenge would be asked: monitoring only" if watching else "the challenge was not passed"
        log.write(work, ProtectionLog.ASSESSED, words, details={"flow": flow})
    return failed


def door_closed(work: Work, flow: str) -> bool:
    """Whether a door that has no page of ours is closed to the caller: where programs are kept out, whoever would be
    asked has to come to the pages.
    """
    if not wanted(work, flow):
        return False
    closed = enforced(work, flow)
    words = "a challenge is needed" if closed else "a challenge would be asked: monitoring only"
    log.write(work, ProtectionLog.ASSESSED, words, details={"flow": flow})
    return closed


def _failure(work: Work, captcha: Captcha, attempt: str, form: Mapping[str, str]) -> Failed | None:
    if captcha.provider not in {OWN, TEXT}:
        return None if captcha_providers.passed(work, captcha, form) else Failed()
    token = form.get(TOKEN, "")[:512]
    parts = token.split(_SEPARATOR)
    if len(parts) != 6:
        return Failed()
    named, tag = token.rpartition(_SEPARATOR)[::2]
    if not work.platform.csrf_signer.check(_bound(work, attempt, named), tag):
        return Failed()
    ends, salt, target, first, second, _ = parts
    if clock.now_ms() >= int(ends) or not _is_new(work, tag, int(ends)):
        return Failed()
    number = form.get(NUMBER, "")[:16]
    if captcha.provider == OWN and number:
        found = hashlib.sha256(f"{salt}{number}".encode()).hexdigest()
        return None if number.isascii() and number.isdigit() and secrets.compare_digest(found, target) else Failed()
    return _answered(work, int(first) + int(second), form.get(ANSWER, ""))


def _answered(work: Work, right: int, typed: str) -> Failed | None:
    """Anything can add two numbers: what this costs whoever does it by program is that few are taken."""
    wait_s = limits.exceeded(work, limits.CHALLENGE_ANSWERS, work.network)
    if wait_s is not None:
        return Failed(wait_s)
    text = typed.strip()[:8]
    return None if text.isdecimal() and int(text) == right else Failed()


def _is_new(work: Work, tag: str, ends: int) -> bool:
    """Whether nobody used that challenge before; this does."""
    count, _ = counters.increment(work, f"challenge:{tag}", ends - clock.now_ms())
    return count == 1


def _bound(work: Work, attempt: str, named: str) -> str:
    return f"challenge\0{work.tenant_id}\0{attempt}\0{named}"


def _policy(settings: BotDetection, flow: str) -> str:
    policies = {
        PASSWORD: settings.challenge_password_policy,
        PASSWORDLESS: settings.challenge_passwordless_policy,
        PASSWORD_RESET: settings.challenge_password_reset_policy,
    }
    return policies[flow]
