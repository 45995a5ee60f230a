"""Every template with realistic data: ``python -m tests.screens.preview FOLDER [LOCALE ...]`` writes them as HTML.

The same scenes feed the page tests and the screenshots, so what is looked at is what is tested. Static files are
written next to the pages, so that the folder can be served from anywhere.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TypeAlias

from connectors.registry import STRATEGIES
from idp.account.factor_section import BrowserRow, FactorRow, FactorsSection
from idp.account.lists import RequestRow
from idp.account.own_data import SignInRow
from idp.account.own_section import AddressRow, OwnSection
from idp.account.views import AccountView
from idp.admin.desk.texts import texts_for as desk_texts
from idp.foundation.web.assets import assets_by_name
from idp.foundation.web.i18n import LANGUAGES, Texts, texts_for
from idp.foundation.web.language_list import languages
from idp.foundation.web.pages import (
    Branding,
    ClientView,
    FormError,
    Page,
    PageView,
    RenderedMail,
    WayOn,
    render,
    render_mail,
)
from idp.foundation.web.view_models import (
    AccountRow,
    AccountUser,
    ApplicationRow,
    DecodedToken,
    DevAccount,
    DevMail,
    DevSources,
    ErrorView,
    PasskeyRow,
    ScopeGroup,
    ScopeItem,
    SessionRow,
    account_scopes,
    device_name,
    is_phone,
    password_rules,
)
from idp.operations.dev.pages import MailboxView, SampleAppView, WelcomeView
from idp.processes.cli.page_reference import page_views
from idp.protocol.oauth.logout.rp_initiated import LogoutView
from idp.protocol.oauth.response_modes import FormPostView, WebMessageView
from idp.protocol.oauth.session_management.views import SessionFrameView
from idp.signin.login import names
from idp.signin.login.error_pages import CookiesBlockedView, ExpiredView, NoConnectionView, SourceDownView
from idp.signin.login.pages import SignedOutView
from idp.signin.login.screens.account_linking import AccountLinkingView
from idp.signin.login.screens.address_code import LoginAddressCodeView, ResetCodeView
from idp.signin.login.screens.consent import ConsentView
from idp.signin.login.screens.email_verification import VerificationResultView
from idp.signin.login.screens.invitation import AcceptInvitationView, InvitationGoneView
from idp.signin.login.screens.login import Alternative, LoginView
from idp.signin.login.screens.login_device import LoginDeviceView
from idp.signin.login.screens.login_password import LoginPasswordView
from idp.signin.login.screens.mfa_challenges import OtpChallengeView, SmsChallengeView
from idp.signin.login.screens.mfa_devices import DeviceOfferView
from idp.signin.login.screens.mfa_enrolments import PhoneEnrolmentView, RecoveryCodeView
from idp.signin.login.screens.reset_change import LinkGoneView, ResetChangeView
from idp.signin.login.screens.reset_email_sent import EmailSentView
from idp.signin.login.screens.reset_factors import ResetRecoveryView
from idp.signin.login.screens.reset_request import ResetRequestView
from idp.signin.login.screens.self_service import AddressChangeResultView, KeptView
from idp.signin.login.screens.signup import SignUpView
from idp.signin.login.trial_pages import TrialView

NOW: Final = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
NONCE: Final = "cHJldmlldy1ub25jZQ"
CODES: Final = "login-passwordless.login-passwordless-email-code"
PERSON: Final = "josephine.baker@example.com"
TENANT: Final = Branding(name="Harbour", support_url="https://harbour.example/help")
CLIENT: Final = ClientView(
    name="Harbour Shop",
    policy_uri="https://shop.example/privacy",
    tos_uri="https://shop.example/terms",
    home_uri="https://shop.example/login",
)
LONG_CLIENT: Final = replace(
    CLIENT, name="Donaudampfschifffahrtsgesellschaft Fahrkarten & Reservierungen", verified=False
)

Build: TypeAlias = Callable[[Texts], PageView]
TEMPLATE_OF: Final = {view: template for template, view in page_views().items()}


@dataclass(frozen=True)
class Scene:
    """One template in one state."""

    name: str
    view: Build
    errors: Callable[[Texts], tuple[FormError, ...]] = lambda texts: ()
    values: Mapping[str, str] = field(default_factory=dict)
    tenant: Branding = TENANT
    client: ClientView | None = CLIENT
    notice: str | None = None
    """Text key of the notice."""

    def page(self, locale: str) -> Page:
        """The frame around this scene in a locale."""
        texts = texts_for(locale)
        return Page(
            texts=texts,
            tenant=self.tenant,
            nonce=NONCE,
            client=self.client,
            csrf="csrf-token",
            state="state-of-the-transaction",
            languages=languages(LANGUAGES, locale, "", {"state": "state-of-the-transaction"}),
            errors=self.errors(texts),
            values=self.values,
            notice=texts.t(self.notice) if self.notice else None,
        )

    def render(self, locale: str) -> str:
        """The page as HTML."""
        return render(self.view(texts_for(locale)), self.page(locale), self.template)

    @property
    def template(self) -> str:
        """The template its view belongs to."""
        return TEMPLATE_OF[type(self.view(texts_for("en")))]


def _wrong(key: str, at: str | None = None, *, focus: str | None = None) -> Callable[[Texts], tuple[FormError, ...]]:
    return lambda texts: (FormError(texts.t(key, wait=texts.duration(300), companyName=TENANT.name), at, focus),)


def _name(template: str) -> str:
    """``consent`` of ``login/consent/consent.html``, ``unblock-done`` of ``login/unblock/done.html``."""
    prompt, _, screen = template.removeprefix("login/").removesuffix(".html").partition("/")
    return prompt if prompt == screen else f"{prompt}-{screen}"


def _signup(texts: Texts) -> PageView:
    return SignUpView(
        "/u/login", password_rules(texts, "excellent"), ask_username="required", ask_phone="optional", show_cancel=False
    )


def _consent_account(texts: Texts) -> PageView:
    account = account_scopes(texts, TENANT.name, ("openid", "email"))
    return ConsentView(PERSON, None, [account] if account else [], "127.0.0.1:8081")


def _consent_document(texts: Texts) -> PageView:
    """An application that made itself known by a document, and sends people back to their own machine."""
    view = ConsentView.example(texts)
    return replace(view, document_host="assistant.tools.example", redirect_host="127.0.0.1:33418")


def _verification(outcome: str) -> Build:
    can_resend = outcome in {"replaced", "wait"}
    return lambda texts: VerificationResultView(outcome, "/account", can_resend, "j•••@example.com", texts.duration(40))


def _link_gone(outcome: str) -> Build:
    login_url = None if outcome == "replaced" else "/account"
    return lambda texts: LinkGoneView(outcome, "/u/reset-password/request", login_url)


def _invitation_gone(outcome: str) -> Build:
    words = "page.lead.backTo" if outcome in {"replaced", "over"} else "reset-password.success.buttonText"
    back = "https://shop.example/login"
    return lambda texts: InvitationGoneView(
        outcome.partition("-")[0], WayOn(back, texts.t(words, clientName="Harbour Shop"))
    )


def _invitation_hostile(texts: Texts) -> PageView:
    """Whoever invites chose the name."""
    name = "\u202eAdmin <script>alert(1)</script> https://evil.example/" + "claim" * 30
    return AcceptInvitationView(
        f"{'josephine' * 7}@example.com", name, "Unbroken" * 20, password_rules(texts, "excellent"), ask_username=True
    )


def _consent_long(texts: Texts) -> PageView:
    """Nothing of it has a place to break."""
    items = (ScopeItem("read:" + "orders" * 40), ScopeItem("write", "Bestellvorgangsdatenverarbeitung" * 8))
    host = f"{'shop' * 15}.{'example' * 8}.example"
    return ConsentView(f"{'josephine' * 7}@example.com", "/u/login", [ScopeGroup("Orders" * 40, items)], host)


def _no_connection(texts: Texts) -> PageView:
    call = "PATCH /api/v2/connections/con_1234567890abcdef/clients"
    words = "No connection is enabled for this application."
    return NoConnectionView("access_denied", words, "01JD6Q0Y3M5T", _back(texts), call)


def _source_down(*, silent: bool = True) -> Build:
    others = [Alternative("globex", "Globex", "#"), Alternative("initech", "Initech", "#")]
    return lambda texts: SourceDownView("Acme Directory", "#", "#", others, _back(texts), silent=silent)


def _going_on(texts: Texts) -> PageView:
    return SignedOutView(_home(texts), "https://shop.example/bye", ("about:blank",))


def _error(status: int, error: str | None, description: str | None, retry_after: int | None = None) -> Build:
    return lambda texts: ErrorView(
        status, error, description, "01JD6Q0Y3M5T", WayOn("", texts.t("error.page.tryAgain")), retry_after
    )


def _back(texts: Texts) -> WayOn:
    return WayOn(str(CLIENT.home_uri), texts.t("page.lead.backTo", clientName=CLIENT.name))


def _home(texts: Texts) -> WayOn:
    return WayOn("/account", texts.t("page.lead.toAccount"))


def _address_changed(outcome: str) -> Build:
    return lambda texts: AddressChangeResultView(outcome, "/account", PERSON, "jo@example.org")


def _account(texts: Texts) -> AccountView:
    agents = (
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Safari/604.1",
        None,
    )
    sessions = [
        SessionRow(
            id=f"session-{number}",
            device=device_name(texts, agent),
            handheld=is_phone(agent),
            created_at=NOW - timedelta(days=number * 3, minutes=20),
            last_active_at=NOW - timedelta(hours=number * 5, seconds=10),
            ip="203.0.113.7",
            current=number == 0,
            applications=("Harbour Shop", "Tide tables")[:number],
        )
        for number, agent in enumerate(agents)
    ]
    return AccountView(
        user=AccountUser("Joséphine Baker", PERSON, email_verified=True),
        sessions=sessions,
        applications=[
            ApplicationRow("grant-1", CLIENT, ConsentView.example(texts).groups, NOW - timedelta(days=9)),
            ApplicationRow("grant-2", LONG_CLIENT, ConsentView.example(texts).groups[:1]),
        ],
        rules=password_rules(texts, "good"),
        now=NOW,
        more_sessions=11,
        accounts=[
            AccountRow("con_1|1", texts.t("login.login.passwordLabel"), None, main=True),
            AccountRow("con_2|2", "Google", "josephine@mail.example"),
        ],
        factors=_factors(texts),
        notice_in="sessions",
        sign_ins=[
            SignInRow(
                NOW - timedelta(hours=number * 7, minutes=3),
                device_name(texts, agent),
                is_phone(agent),
                "203.0.113.7",
                "Harbour Shop" if number else None,
                failed=number == 1,
            )
            for number, agent in enumerate(agents)
        ],
        passkeys=[
            PasskeyRow("passkey|dev_1", "Firefox on Windows", NOW - timedelta(days=40), NOW - timedelta(hours=3), True),
            PasskeyRow("passkey|dev_2", "A key with a rather long name on my keyring", NOW - timedelta(days=400)),
            PasskeyRow("passkey|dev_3", "Telephone", NOW - timedelta(days=900), None, True, "login.old.example"),
        ],
        adds_passkeys=True,
        own=OwnSection(
            changes_email=True,
            change=AddressRow("jo.baker.of.the.harbour@mail.example", True, False, NOW + timedelta(hours=20)),
            stores_picture=True,
            theme="dark",
            themes=True,
            deletion_days=14,
        ),
        requests=[RequestRow("Harbour Shop", "Order 4711-K", "/approve?request=r3quest", NOW - timedelta(minutes=2))],
    )


def _factors(texts: Texts) -> FactorsSection:
    methods = (
        FactorRow("totp|dev_1", "totp", "", NOW - timedelta(days=90), NOW - timedelta(hours=2)),
        FactorRow("phone|dev_2", "phone", "•••• 4567", NOW - timedelta(days=9), None),
        FactorRow("recovery-code|dev_3", "recovery-code", "", NOW - timedelta(days=90), None),
    )
    browser = BrowserRow("mfb_1", texts.t("account.index.deviceUnknown"), "203.0.113.7", NOW - timedelta(days=2))
    return FactorsSection(methods, (("otp", "totp"), ("phone", "phone")), (browser,), recovery=True)


def _account_factors(texts: Texts) -> AccountView:
    code = "7KQ2 MZXW 6YTB OI5D 4PLN RCVA"
    return replace(_account(texts), factors=replace(_factors(texts), code=code), notice_in=None)


def _account_picture(texts: Texts) -> AccountView:
    """With a picture, and an address that is confirmed nowhere yet."""
    view = _account(texts)
    change = AddressRow(PERSON.replace("example.com", "mail.example"), False, False, NOW + timedelta(hours=20))
    return replace(
        view,
        own=replace(view.own, picture=assets_by_name()["favicon.svg"].url, change=change, theme=""),
        notice_in=None,
    )


def _account_empty(texts: Texts) -> PageView:
    return replace(_account(texts), applications=(), rules=None, sign_ins=(), user=AccountUser("Joséphine", PERSON))


def _sample_app(texts: Texts) -> SampleAppView:
    claims = {"sub": "auth0|6740ab12", "name": "Joséphine Baker", "email": PERSON, "email_verified": True}
    text = json.dumps({"iss": "http://localhost:8000/", **claims}, indent=2, ensure_ascii=False)
    header = json.dumps({"alg": "RS256", "kid": "k1", "typ": "JWT"}, indent=2)
    raw = "eyJhbGciOiJSUzI1NiJ9." + "eyJzdWIiOiJhdXRoMHw2NzQwYWIxMiJ9" * 5 + ".c2lnbmF0dXJl"
    tokens = (DecodedToken("ID token", raw, header, text), DecodedToken("Access token", "b3BhcXVl"))
    return SampleAppView("/dev/app/login", "/dev/app/signup", claims, tokens, "/dev/app/logout")


def _sample_app_signed_out(texts: Texts) -> PageView:
    return replace(_sample_app(texts), claims=None, tokens=(), logout_url=None)


def _welcome(texts: Texts) -> PageView:
    return WelcomeView(
        issuer="http://localhost:8000/",
        client_id="sAmPlEcLiEnTsAmPlEcLiEnT00000000",
        sample_app_url="/dev/app",
        discovery_url="http://localhost:8000/.well-known/openid-configuration",
        mailbox_url="/dev/mailbox",
        account_url="/account",
        accounts=(
            DevAccount(texts.t("dev.welcome.sampleUser"), "user@example.com", "correct-horse-7"),
            DevAccount(texts.t("dev.welcome.administrator"), "admin@example.com", None),
        ),
        sources_url="/dev/sources",
        sources=None,
        dashboard=WayOn("/admin", desk_texts(texts.locale).t("frame.nav")),
    )


def _tried(texts: Texts) -> PageView:
    profile = [("email", "jane@acme.example"), ("email_verified", "true"), ("name", "Jane Doe")]
    said = '{\n  "department": "Orchards",\n  "groups": ["a", "b"],\n  "sub": "s-1"\n}'
    return TrialView("Acme", "oidc|acme|s-1", profile, said, ("access_token", "refresh_token"), None, "")


def _tried_in_vain(texts: Texts) -> PageView:
    problem = "access_denied: The identity provider did not sign you in."
    return TrialView("Acme", "", (), "", (), problem, "token endpoint: invalid_client unknown client")


def _welcome_with_sources(texts: Texts) -> PageView:
    there = DevSources("Example Social", "Example Company", "sam@example-company.test", "correct-horse-9")
    return replace(_welcome(texts), sources=there)


def _mailbox(texts: Texts) -> PageView:
    mail = render_mail("verify_email", texts.locale, TENANT, **MAILS["verify_email"])
    link = str(MAILS["verify_email"]["url"])
    sent = DevMail(PERSON, mail.subject, mail.text, NOW - timedelta(minutes=4), (link,), "/dev/mailbox/1")
    return MailboxView((sent,), NOW)


_TICKET: Final = "http://localhost:8000/u/email-verification?ticket=J5cP0V6hT1mXq8ZbRk2nYw#"
_LINK: Final = "http://localhost:8000/passwordless/verify_redirect?verification_code=J5cP0V6hT1mXq8ZbRk2nYw"
MAILS: Final[Mapping[str, Mapping[str, object]]] = {
    "verify_email": {"email": PERSON, "url": _TICKET, "expires_in": 432_000},
    "reset_email_by_code": {"email": PERSON, "application": "Harbour Shop", "code": "482913", "expires_in": 900},
    "verify_email_by_code": {"email": PERSON, "application": "Harbour Shop", "code": "482913", "expires_in": 900},
    "welcome_email": {"email": PERSON, "application": "Harbour Shop"},
    "passwordless_code": {"email": PERSON, "application": "Harbour Shop", "code": "482913", "expires_in": 180},
    "passwordless_link": {"email": PERSON, "application": "Harbour Shop", "url": _LINK, "expires_in": 180},
    "reset_email": {"email": PERSON, "url": _TICKET, "expires_in": 3_600},
    "mfa_oob_code": {"email": PERSON, "application": "Harbour Shop", "code": "482913", "expires_in": 300},
    "factors_changed": {"email": PERSON, "added": ["totp"], "removed": ["phone"], "support_url": None},
    "enrollment_email": {"email": PERSON, "url": _TICKET, "expires_in": 432_000},
    "import_done": {
        "email": PERSON,
        "connection": "Username-Password-Authentication",
        "job_id": "job_0123456789abcdef",
        "reason": "",
        "inserted": "9,212",
        "updated": "540",
        "failed": "3",
        "total": "9,755",
    },
    "password_changed": {"email": PERSON, "reset_url": _TICKET, "support_url": TENANT.support_url},
    "address_change": {
        "email": PERSON,
        "old_email": PERSON,
        "new_email": "jo@example.org",
        "url": _TICKET.replace("email-verification", "address-change/old"),
        "expires_in": 86_400,
    },
    "account_deletion": {
        "email": PERSON,
        "url": _TICKET.replace("email-verification", "keep-account/link"),
        "due": "2026-12-04T14:30:00.000Z",
    },
    "email_changed": {"email": PERSON, "new_email": "jo@example.org", "support_url": None},
    "user_invitation": {
        "email": PERSON,
        "application": "Harbour Shop",
        "inviter": "Ada Lovelace",
        "url": _TICKET.replace("email-verification", "invitation"),
        "expires_in": 604_800,
    },
    "async_approval": {
        "email": PERSON,
        "application": "Harbour Shop",
        "message": "Order 4711-K",
        "url": "https://harbour.example/approve?request=r3quest",
        "expires_in": 300,
    },
    "passkey_copied": {"email": PERSON, "account_url": "https://harbour.example/account", "support_url": None},
    "blocked_account": {"email": PERSON, "url": _TICKET, "ip": "203.0.113.7", "everywhere": False},
    "stolen_credentials": {"email": PERSON, "url": _TICKET},
    "attack_notice": {
        "email": PERSON,
        "kind": "suspicious_network",
        "ip": "203.0.113.7",
        "amount": 0,
        "period": "",
    },
}


def _with_sources(*strategies: str, password: bool = True, last: str = "") -> Callable[[Texts], LoginView]:
    """The login page with the buttons of these."""
    found = [STRATEGIES[name] for name in strategies]
    ways = [Alternative(each.name, each.display_name, "#", last=each.name == last, mark=each.mark) for each in found]
    signup = "/u/signup" if password else None
    return lambda texts: LoginView(
        signup, signup, names.label(texts, ("email",)), ask_password=password, alternatives=ways
    )


SCENES: Final = (
    Scene("login-one-source", _with_sources("google-oauth2")),
    Scene("login-three-sources", _with_sources("github", "google-oauth2", "apple", last="github")),
    Scene(
        "login-eight-sources",
        _with_sources(
            "facebook",
            "apple",
            "google-oauth2",
            "windowslive",
            "kakao",
            "salesforce-community",
            "linkedin",
            "line",
            last="facebook",
        ),
    ),
    Scene("login-sources-alone", _with_sources("github", "gitlab", "bitbucket", "huggingface", password=False)),
    Scene("login", LoginView.example),
    Scene(
        "login-error",
        LoginView.example,
        _wrong("login.login.wrong-credentials", focus="password"),
        {"username": PERSON},
        client=LONG_CLIENT,
    ),
    Scene(
        "login-branded",
        lambda texts: LoginView(None, None, names.label(texts, ("email", "username")), show_cancel=False),
        _wrong("login.login.rate-limited"),
        tenant=replace(TENANT, name="Sunflower", accent="#ffd400", support_url=None),
        client=None,
    ),
    Scene("login-password-or-code", lambda texts: replace(LoginPasswordView.example(texts), code_by="phone_number")),
    Scene("login-password-or-device", lambda texts: replace(LoginPasswordView.example(texts), device_url="#")),
    Scene(
        "login-device-error",
        LoginDeviceView.example,
        _wrong("mfa-webauthn.mfa-webauthn-roaming-challenge.webauthn-challenge-error"),
    ),
    Scene("device-instead", lambda texts: replace(DeviceOfferView.example(texts), instead=True)),
    Scene("login-password-error", LoginPasswordView.example, _wrong("login.login.no-password", "password")),
    Scene(
        "signup-error",
        _signup,
        lambda texts: (
            FormError(texts.t("signup.signup.username-taken"), "username"),
            FormError(texts.t("signup.signup.weak-password"), "password"),
        ),
        {"email": PERSON, "username": "josephine"},
    ),
    Scene("consent-unverified", _consent_account, client=LONG_CLIENT, tenant=replace(TENANT, accent="#0a0a60")),
    Scene("consent-document", _consent_document, client=replace(CLIENT, name="Tool assistant", verified=False)),
    Scene(
        "consent-long",
        _consent_long,
        client=replace(LONG_CLIENT, name="Unbroken" * 30),
        tenant=replace(TENANT, name="Harbour" * 20),
    ),
    Scene("reset-request-error", ResetRequestView.example, _wrong("reset-password.request.no-username", "username")),
    Scene("reset-request-breached", ResetRequestView.example, notice="reset-password.request.breached"),
    Scene("reset-sent", EmailSentView.example, notice="reset-password.email-sent.resent"),
    Scene("verify-failed", lambda texts: VerificationResultView("failed", None)),
    *(
        Scene(f"verify-{outcome}", _verification(outcome))
        for outcome in ("already", "replaced", "sent", "wait", "disowned")
    ),
    *(Scene(f"reset-link-{outcome}", _link_gone(outcome)) for outcome in ("changed", "replaced", "unlocked")),
    *(
        Scene(f"invitation-{outcome}", _invitation_gone(outcome))
        for outcome in ("accepted-before", "exists", "replaced")
    ),
    Scene(
        "email-otp-or-password", lambda texts: replace(ResetCodeView.example(texts), password_url="/u/login/password")
    ),
    Scene("signup-without-password", lambda texts: replace(SignUpView.example(texts), ask_password=False)),
    Scene("login-email-verification", LoginAddressCodeView.example, _wrong(f"{CODES}.invalid-code", "code")),
    Scene("account-linking-password", lambda texts: AccountLinkingView(PERSON, None)),
    Scene(
        "account-linking-joined",
        lambda texts: AccountLinkingView(PERSON, None, True, texts.t("login.login.passwordLabel"), "Google"),
    ),
    Scene("invitation-hostile", _invitation_hostile, _wrong("signup.signup.weak-password", "password")),
    Scene("reset-disowned", ResetChangeView.example, notice="reset-password.change.disowned"),
    Scene("reset-wait", EmailSentView.example, _wrong("reset-password.email-sent.wait")),
    Scene("login-locked", LoginView.example, _wrong("login.login.account-locked"), {"username": PERSON}),
    Scene("logout", lambda texts: LogoutView(PERSON)),
    Scene("signed-out", lambda texts: SignedOutView(_home(texts), None, ()), client=None),
    Scene("signed-out-continue", _going_on),
    Scene("expired", lambda texts: ExpiredView(_back(texts))),
    Scene("signed-in-already", lambda texts: ExpiredView(_back(texts), signed_in=True)),
    Scene("no-connection", _no_connection),
    Scene("source-down", _source_down()),
    Scene("source-not-possible", _source_down(silent=False)),
    Scene("cookies", lambda texts: CookiesBlockedView(_home(texts)), client=None),
    Scene(
        "form-post",
        lambda texts: FormPostView("https://shop.example/callback", {"code": "abc", "state": '"><script>'}),
    ),
    Scene(
        "form-leaving",
        lambda texts: FormPostView(
            "https://source.example/sso", {"SAMLRequest": "PHNh", "RelayState": "s"}, leaving=True
        ),
    ),
    Scene("web-message", lambda texts: WebMessageView("https://shop.example", {"code": "abc", "state": "</script>"})),
    Scene("session-frame", lambda texts: SessionFrameView("auth0_state"), client=None),
    Scene("error", _error(400, "invalid_request", "The redirect URI is not one this application registered.")),
    Scene("error-404", _error(404, None, None), client=None),
    Scene("error-429", _error(429, "too_many_requests", None, 90), client=None),
    Scene("error-503", _error(503, None, None, 30), client=None),
    *(
        Scene(f"address-change-{outcome}", _address_changed(outcome))
        for outcome in ("waiting", "taken", "cancelled", "over")
    ),
    Scene("keep-account-over", lambda texts: KeptView(False, "/account")),
    Scene(
        "account-address-error",
        lambda texts: replace(_account(texts), notice_in=None),
        _wrong("account.index.same-email", "new_email"),
        {"new_email": PERSON},
        client=None,
    ),
    Scene(
        "account-picture-error",
        lambda texts: replace(_account(texts), notice_in=None),
        _wrong("account.index.picture-refused", "picture"),
        client=None,
    ),
    Scene("account", _account, client=None, notice="account.index.othersEnded"),
    Scene(
        "account-error",
        lambda texts: replace(_account(texts), notice_in=None),
        _wrong("account.index.wrong-password", "current_password"),
        client=None,
    ),
    Scene("account-picture", _account_picture, client=None),
    Scene("account-empty", _account_empty, client=None),
    Scene("account-factors", _account_factors, client=None),
    Scene(
        "mfa-otp-error",
        OtpChallengeView.example,
        _wrong("mfa.shared.invalid-code", "code"),
        {"code": "123456", "rememberBrowser": "true"},
    ),
    Scene("mfa-sms-wait", lambda texts: SmsChallengeView("•••• 4567", 6, texts.duration(300), wait=texts.duration(20))),
    Scene("mfa-sms-code", lambda texts: PhoneEnrolmentView("+49 171 1234567", 6, texts.duration(300), voice=True)),
    Scene(
        "mfa-sms-voice",
        lambda texts: PhoneEnrolmentView(voice=True),
        _wrong("mfa-sms.mfa-sms-enrollment.invalid-phone", "phone"),
    ),
    Scene(
        "mfa-sms-same-number",
        lambda texts: PhoneEnrolmentView(),
        _wrong("mfa-sms.mfa-sms-enrollment.same-number", "phone"),
        {"phone": "+49 171 1234567"},
    ),
    Scene(
        "mfa-recovery-error",
        RecoveryCodeView.example,
        _wrong("mfa-recovery-code.mfa-recovery-code-enrollment.no-confirmation", "saved"),
    ),
    Scene("reset-recovery-code", lambda texts: ResetRecoveryView(code="7KQ2 MZXW 6YTB OI5D 4PLN RCVA")),
    Scene("dev-welcome", _welcome, client=None),
    Scene("dev-welcome-sources", _welcome_with_sources, client=None),
    Scene("connection-tried", _tried, client=None),
    Scene("connection-tried-in-vain", _tried_in_vain, client=None),
    Scene("dev-mailbox", _mailbox, client=None),
    Scene("dev-mailbox-empty", lambda texts: MailboxView((), NOW), client=None),
    Scene("sample-app", _sample_app, client=None),
    Scene("sample-app-out", _sample_app_signed_out, client=None),
    # pages with a sample of their own: a new screen needs no line here
    *(
        Scene(_name(template), view.example)
        for template, view in page_views().items()
        if view.has_example() and template != "login/login/login.html"
    ),
)


def mails(locale: str) -> Iterator[tuple[str, RenderedMail]]:
    """Every mail with sample data in a locale."""
    for name, context in MAILS.items():
        yield name, render_mail(name, locale, TENANT, **context)


def write(folder: Path, locales: tuple[str, ...]) -> int:
    """Writes every scene, mail and static file under ``folder``; returns how many pages there are."""
    count = 0
    for asset in assets_by_name().values():
        target = folder / asset.url.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(asset.content)
    for locale in locales:
        pages = {f"{scene.name}.html": scene.render(locale) for scene in SCENES}
        for name, mail in mails(locale):
            pages |= {f"mail-{name}.html": mail.html, f"mail-{name}.txt": f"{mail.subject}\n\n{mail.text}"}
        (folder / locale).mkdir(parents=True, exist_ok=True)
        for name, content in pages.items():
            (folder / locale / name).write_text(content, encoding="utf-8")
        count += len(pages)
    return count


if __name__ == "__main__":
    written = write(Path(sys.argv[1]), tuple(sys.argv[2:]) or ("en", "de", "ar"))
    print(f"{written} pages in {sys.argv[1]}")
