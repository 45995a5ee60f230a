"""The captcha providers that a tenant may name instead of our own challenge: facts about each, one checker.

Pages that ask one of them load its script and frames, and their policy names its hosts; no other page's does. What the
browser brings back is checked with the provider by the guarded client, within a deadline.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import structlog

from idp.foundation.egress.guard import Refused, Unreachable
from idp.foundation.kernel import strict_json
from idp.foundation.kernel.strict_json import InvalidJson
from idp.foundation.tenancy.work import Work
from idp.foundation.web.pages import Challenge
from idp.foundation.web.security import Sources
from idp.signin.attack_protection.captcha_settings import Captcha

SECONDS = 3.0
MOST = 8_192
"""Letters of what a browser brings back."""
LEAST_SCORE = 0.5
"""Of reCAPTCHA Enterprise, where a site key gives scores."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Provider:
    """``script`` and ``verify`` are addresses with members of :class:`Captcha` in braces; ``widget`` is the class of
    the element that the script looks for, ``field`` what it puts into the form. ``ask`` is what is sent to ``verify``,
    ``form`` whether as a form; ``says`` reads the answer.
    """

    script: str
    sources: Sources
    widget: str
    field: str
    verify: str
    ask: Callable[[Captcha, str, str], Mapping[str, Any]]
    says: Callable[[Mapping[str, Any]], bool]
    form: bool = False


def _classic(captcha: Captcha, token: str, ip: str) -> Mapping[str, Any]:
    return {"secret": captcha.secret, "response": token, "remoteip": ip, "sitekey": captcha.site_key}


def _success(answer: Mapping[str, Any]) -> bool:
    return answer.get("success") is True


def _assessment(answer: Mapping[str, Any]) -> bool:
    token, risk = answer.get("tokenProperties"), answer.get("riskAnalysis")
    valid = isinstance(token, dict) and token.get("valid") is True
    score = risk.get("score") if isinstance(risk, dict) else None
    return valid and (not isinstance(score, int | float) or score >= LEAST_SCORE)


def _solved(answer: Mapping[str, Any]) -> bool:
    details = answer.get("session_details")
    return isinstance(details, dict) and details.get("solved") is True


_GOOGLE = Sources(
    scripts=("https://www.google.com/recaptcha/", "https://www.gstatic.com/recaptcha/"),
    frames=("https://www.google.com/recaptcha/", "https://recaptcha.google.com/recaptcha/"),
    styles_inline=True,
)
PROVIDERS: Mapping[str, Provider] = {
    "recaptcha_v2": Provider(
        script="https://www.google.com/recaptcha/api.js",
        sources=_GOOGLE,
        widget="g-recaptcha",
        field="g-recaptcha-response",
        verify="https://www.google.com/recaptcha/api/siteverify",
        ask=_classic,
        says=_success,
        form=True,
    ),
    "recaptcha_enterprise": Provider(
        script="https://www.google.com/recaptcha/enterprise.js",
        sources=_GOOGLE,
        widget="g-recaptcha",
        field="g-recaptcha-response",
        verify="https://recaptchaenterprise.googleapis.com/v1/projects/{project_id}/assessments?key={secret}",
        ask=lambda captcha, token, ip: {"event": {"token": token, "siteKey": captcha.site_key, "userIpAddress": ip}},
        says=_assessment,
    ),
    "hcaptcha": Provider(
        script="https://js.hcaptcha.com/1/api.js",
        sources=Sources(
            scripts=("https://hcaptcha.com", "https://*.hcaptcha.com"),
            frames=("https://hcaptcha.com", "https://*.hcaptcha.com"),
            connections=("https://hcaptcha.com", "https://*.hcaptcha.com"),
            styles=("https://hcaptcha.com", "https://*.hcaptcha.com"),
        ),
        widget="h-captcha",
        field="h-captcha-response",
        verify="https://api.hcaptcha.com/siteverify",
        ask=_classic,
        says=_success,
        form=True,
    ),
    "friendly_captcha": Provider(
        script="https://cdn.jsdelivr.net/npm/friendly-challenge@0.9.18/widget.min.js",
        sources=Sources(
            scripts=("https://cdn.jsdelivr.net/npm/friendly-challenge@0.9.18/", "'wasm-unsafe-eval'"),
            connections=("https://api.friendlycaptcha.com",),
            workers=("blob:",),
            styles_inline=True,
        ),
        widget="frc-captcha",
        field="frc-captcha-solution",
        verify="https://api.friendlycaptcha.com/api/v1/siteverify",
        ask=lambda captcha, token, _ip: {"solution": token, "secret": captcha.secret, "sitekey": captcha.site_key},
        says=_success,
    ),
    "arkose": Provider(
        script="https://{client_subdomain}.arkoselabs.com/v2/{site_key}/api.js",
        sources=Sources(
            scripts=("https://{client_subdomain}.arkoselabs.com",),
            frames=("https://{client_subdomain}.arkoselabs.com",),
            connections=("https://{client_subdomain}.arkoselabs.com",),
            styles_inline=True,
        ),
        widget="arkose",
        field="arkose-token",
        verify="https://{verify_subdomain}.arkoselabs.com/api/v4/verify/",
        ask=lambda captcha, token, _ip: {"private_key": captcha.secret, "session_token": token},
        says=_solved,
    ),
}
FIELDS = tuple(sorted({each.field for each in PROVIDERS.values()}))


def shown(captcha: Captcha) -> Challenge:
    """What the page asks of the provider."""
    provider = PROVIDERS[captcha.provider]
    return Challenge(
        captcha.provider,
        widget=provider.widget,
        field=provider.field,
        site_key=captcha.site_key,
        script=_filled(provider.script, captcha),
        sources=provider.sources.filled(lambda source: _filled(source, captcha)),
    )


def passed(work: Work, captcha: Captcha, form: Mapping[str, str]) -> bool:
    """Whether the provider says so. One that does not answer lets everybody pass where the tenant says ``fail_open``,
    and else nobody.
    """
    provider = PROVIDERS[captcha.provider]
    token = form.get(provider.field, "")
    if not token or len(token) > MOST:
        return False
    try:
        answer = _asked(work, captcha, provider, token)
    except (Refused, Unreachable, InvalidJson) as error:
        log.warning("the captcha provider does not answer", provider=captcha.provider, reason=type(error).__name__)
        return captcha.fail_open
    return provider.says(answer)


def _asked(work: Work, captcha: Captcha, provider: Provider, token: str) -> Mapping[str, Any]:
    from idp.foundation.egress import client  # with the first question: most processes ask none

    url, asked = _filled(provider.verify, captcha), provider.ask(captcha, token, work.ip)
    settings = work.platform.settings
    if provider.form:
        reply = client.post(settings, url, form={name: str(value) for name, value in asked.items()}, seconds=SECONDS)
    else:
        headers = {"Content-Type": "application/json"}
        reply = client.post(settings, url, body=msgspec.json.encode(asked), headers=headers, seconds=SECONDS)
    if reply.status >= 500:
        raise Unreachable(f"status {reply.status}")
    if reply.status >= 400:  # it answered, and not with a yes, whatever the body is
        return {}
    answer = strict_json.decode(reply.body)
    return answer if isinstance(answer, dict) else {}


def _filled(text: str, captcha: Captcha) -> str:
    return text.format_map(msgspec.structs.asdict(captcha))
