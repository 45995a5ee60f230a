"""Strategy ``sms``: people who prove a telephone number with a code, sent through Twilio or a gateway of one's own.

Numbers are read by Google's tables (``phonenumbers``), imported with the first number.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Annotated, Any, Literal
from urllib.parse import quote

import msgspec
from msgspec import Meta

from connectors.contract import Address, ConnectorContext, ConnectorError, HttpAnswer, TextMessage
from connectors.email_codes import LENGTH, LIFETIME_S, Attributes, Name, Totp
from connectors.strategy import CodeRules, Options, Secret, Strategy, entries
from connectors.web_addresses import is_address, origin

TWILIO = "https://api.twilio.com"
PROVIDER_ERROR = "sms_provider_error"
TOKEN_LIFETIME_S = 300
"""Of the token that a gateway is shown."""
LONGEST_TYPED = 64
_REFUSED = frozenset({400, 404})
"""Statuses with which Twilio refuses one message; every other one but 2xx is about the account or the service."""
Country = Annotated[str, Meta(pattern=r"^[A-Z]{2}\Z")]
Url = Annotated[str, Meta(pattern=r"^https?://[^\s]+\Z", max_length=2048)]
Line = Annotated[str, Meta(max_length=256)]


class GatewayAuthentication(msgspec.Struct, frozen=True, kw_only=True):
    """``gateway_authentication``: how the gateway knows us, a token signed with a secret that both have."""

    method: Literal["bearer"]
    audience: Line
    secret: Secret
    subject: Line | None = None
    secret_base64_encoded: bool | None = None


class SmsOptions(Options, frozen=True, kw_only=True):
    """Every documented option, under Auth0's name. Ours: ``default_region``, the country of numbers that are typed
    without one; ``countries``, those that codes are sent to, all where there are none; ``newcomers_per_country``, the
    codes an hour for people of one country without an account; ``twilio_base_url``.
    """

    name: Name | None = None
    provider: Literal["sms_gateway", "twilio"] | None = None
    twilio_sid: Annotated[str, Meta(max_length=64, pattern=r"^[A-Za-z0-9]*\Z")] | None = None
    twilio_token: Secret | None = None
    twilio_base_url: Url | None = None
    from_: Line | None = msgspec.field(default=None, name="from")
    messaging_service_sid: Line | None = None
    gateway_url: Url | None = None
    gateway_authentication: GatewayAuthentication | None = None
    forward_req_info: bool | None = None
    template: Annotated[str, Meta(max_length=1600, extra={"multiline": True})] | None = None
    syntax: Literal["liquid", "md_with_macros"] | None = None
    totp: Totp | None = None
    brute_force_protection: bool | None = None
    disable_signup: bool | None = None
    non_persistent_attrs: Attributes | None = None
    default_region: Country | None = None
    countries: Annotated[list[Country], Meta(max_length=300)] | None = None
    newcomers_per_country: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None

    def codes(self) -> CodeRules:
        """See :class:`connectors.strategy.Options`."""
        totp, rules = self.totp or Totp(), CodeRules()
        return CodeRules(
            totp.length or LENGTH,
            totp.time_step or LIFETIME_S,
            not self.disable_signup,
            rules.newcomers if self.newcomers_per_country is None else self.newcomers_per_country,
        )

    def locks_out(self) -> bool:
        """See :class:`connectors.strategy.Options`."""
        return self.brute_force_protection is not False

    def contradiction(self) -> str | None:
        """See :class:`connectors.strategy.Options`. Nothing of a provider at all is no contradiction: development shows
        messages in its mailbox.
        """
        for name in ("gateway_url", "twilio_base_url"):
            if getattr(self, name) and not is_address(getattr(self, name)):
                return f"options.{name} is not the address of a web page"
        if self.provider == "sms_gateway" and not self.gateway_url:
            return "options.gateway_url is missing: where the gateway takes messages"
        if self.provider != "sms_gateway" and bool(self.twilio_sid) != bool(self.twilio_token):
            return "options.twilio_sid and options.twilio_token go together"
        if self.twilio_sid and self.provider != "sms_gateway" and not (self.from_ or self.messaging_service_sid):
            return "options.from or options.messaging_service_sid is missing: who the messages are from"
        known = self.gateway_authentication
        if known is not None and known.secret_base64_encoded and _decoded(known.secret) is None:
            return "options.gateway_authentication.secret is no base64"
        return None


class SmsCodes:
    """CodeConnector and TextSender."""

    def __init__(self, context: ConnectorContext) -> None:
        if not isinstance(context.options, SmsOptions):
            raise TypeError("the connector needs its own options")
        self._context = context
        self._options: SmsOptions = context.options

    def address(self, typed: str) -> Address | None:
        """See :class:`connectors.contract.CodeConnector`: E.164. Refused are extensions, what is no number, premium
        numbers and those of which nobody says what they are, and countries that are not on the list.
        """
        import phonenumbers
        from phonenumbers import NumberParseException, PhoneNumberType

        if len(typed) > LONGEST_TYPED:
            return None
        try:
            number = phonenumbers.parse(typed, self._options.default_region)
        except NumberParseException:
            return None
        refused = {PhoneNumberType.PREMIUM_RATE, PhoneNumberType.UNKNOWN}
        if number.extension or not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) in refused:
            return None
        country = phonenumbers.region_code_for_number(number)
        if self._options.countries and country not in self._options.countries:
            return None
        return Address(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), country)

    def destination(self) -> str | None:
        """See :class:`connectors.contract.TextSender`."""
        if self._options.provider == "sms_gateway":
            return _host(self._options.gateway_url)
        return _host(self._options.twilio_base_url or TWILIO) if self._options.twilio_sid else None

    def compose(self, message: TextMessage) -> str:
        """See :class:`connectors.contract.TextSender`. The last line is the one that telephones fill a code in from
        (wicg.github.io/sms-one-time-codes).
        """
        text = message.text
        if self._options.template:
            text = self._options.template
            known = {"password": message.code, "code": message.code, "application": message.application}
            for name, value in known.items():
                for written in (f"@@{name}@@", f"{{{{ {name} }}}}", f"{{{{{name}}}}}"):
                    text = text.replace(written, value)
        return f"{text}\n\n@{message.host} #{message.code}"

    def send(self, message: TextMessage) -> None:
        """See :class:`connectors.contract.TextSender`."""
        if self._options.provider == "sms_gateway":
            self._through_gateway(message)
        else:
            self._through_twilio(message)

    def say(self, message: TextMessage) -> None:
        """See :class:`connectors.contract.VoiceSender`: Twilio calls, and reads the digits one by one, twice. A gateway
        is sent the text.
        """
        if self._options.provider == "sms_gateway":
            self._through_gateway(message)
            return
        from xml.sax.saxutils import escape  # with it comes urllib.request

        spoken = escape(message.text.replace(message.code, ", ".join(message.code)))
        twiml = f"<Response><Say>{spoken}</Say><Pause/><Say>{spoken}</Say></Response>"
        self._to_twilio("Calls", {"To": message.to, "From": self._options.from_ or "", "Twiml": twiml})

    def _through_twilio(self, message: TextMessage) -> None:
        options = self._options
        sender = (
            {"MessagingServiceSid": options.messaging_service_sid}
            if options.messaging_service_sid
            else {"From": options.from_ or ""}
        )
        self._to_twilio("Messages", {"To": message.to, **sender, "Body": self.compose(message)})

    def _to_twilio(self, what: str, form: dict[str, str]) -> None:
        options = self._options
        sid, token = options.twilio_sid or "", options.twilio_token or ""
        base = (options.twilio_base_url or TWILIO).rstrip("/")
        basic = base64.b64encode(f"{sid}:{token}".encode()).decode()
        answer = self._post(
            f"{base}/2010-04-01/Accounts/{quote(sid, safe='')}/{what}.json",
            form=form,
            headers={"Authorization": f"Basic {basic}"},
        )
        if not 200 <= answer.status < 300:
            refused = answer.status in _REFUSED
            raise _failed("Twilio", answer, "invalid_number" if refused else PROVIDER_ERROR)

    def _through_gateway(self, message: TextMessage) -> None:
        options = self._options
        document: dict[str, Any] = {
            "recipient": message.to,
            "body": self.compose(message),
            "sender": options.from_ or "",
        }
        if options.forward_req_info:
            document["req"] = {"ip": message.ip, "user-agent": message.user_agent}
        headers = {}
        if options.gateway_authentication is not None:
            headers["Authorization"] = f"Bearer {self._token(options.gateway_authentication)}"
        answer = self._post(options.gateway_url or "", document=document, headers=headers)
        if answer.status != 200:
            raise _failed("The gateway", answer, PROVIDER_ERROR)

    def _post(
        self, url: str, *, headers: dict[str, str], form: dict[str, str] | None = None, document: object = None
    ) -> HttpAnswer:
        http = self._context.http
        if http is None:
            raise ConnectorError(PROVIDER_ERROR, "The message was not sent.", detail="no outbound calls here")
        try:
            if form is not None:
                return http.post_form(url, form, headers=headers)
            return http.post_json(url, document, headers=headers)
        except ConnectorError as error:
            raise ConnectorError(PROVIDER_ERROR, "The message was not sent.", detail=error.detail) from error

    def _token(self, known: GatewayAuthentication) -> str:
        """A JWT (HS256) that names us and the gateway."""
        key = (_decoded(known.secret) if known.secret_base64_encoded else None) or known.secret.encode()
        moment = (self._context.clock() if self._context.clock else 0) // 1000
        claims = {"aud": known.audience, "iat": moment, "exp": moment + TOKEN_LIFETIME_S}
        if known.subject:
            claims["sub"] = known.subject
        signed = f"{_encoded({'alg': 'HS256', 'typ': 'JWT'})}.{_encoded(claims)}"
        return f"{signed}.{_base64url(hmac.new(key, signed.encode(), hashlib.sha256).digest())}"


def _decoded(secret: str) -> bytes | None:
    try:
        return base64.b64decode(secret, validate=True)
    except ValueError:
        return None


def _encoded(value: object) -> str:
    return _base64url(msgspec.json.encode(value))


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _host(url: str | None) -> str | None:
    there = origin(url or "")
    return there[1] if there is not None else None


def _failed(who: str, answer: HttpAnswer, code: str) -> ConnectorError:
    said = answer.body[:300].decode("utf-8", "replace")
    return ConnectorError(code, "The message was not sent.", detail=f"{who} answered {answer.status}: {said}")


DEFAULTS: dict[str, Any] = {
    "disable_signup": False,
    "brute_force_protection": True,
    "totp": {"time_step": LIFETIME_S, "length": LENGTH},
}
SMS = Strategy(
    name="sms",
    asks=entries(
        {
            "provider": "Provider",
            "twilio_sid": "Twilio account SID",
            "twilio_token": "Twilio auth token",
            "from": ("From", "The number that messages come from."),
            "gateway_url": ("Gateway URL", "Your own server, which takes messages as JSON."),
            "template": ("Text", "With @@password@@ for the code; without one it is ours, in the reader's language."),
        }
    ),
    page="passwordless.md",
    kind="passwordless",
    amr="sms",
    options=SmsOptions,
    open=SmsCodes,
    display_name="SMS",
    account_key="phone_number",
    defaults=DEFAULTS,
    unmapped="people are known by what they prove with a code: no source says a profile of them",
)
