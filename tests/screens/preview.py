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

from idp.foundation.web.assets import assets_by_name
from idp.foundation.web.i18n import LANGUAGES, Texts, texts_for
from idp.foundation.web.pages import (
    Branding,
    ClientView,
    FormError,
    Page,
    RenderedMail,
    locale_links,
    render,
    render_mail,
)
from idp.foundation.web.view_models import (
    AccountUser,
    ApplicationRow,
    DecodedToken,
    DevAccount,
    DevMail,
    ScopeGroup,
    ScopeItem,
    SessionRow,
    account_scopes,
    device_name,
    password_rules,
)

NOW: Final = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
NONCE: Final = "cHJldmlldy1ub25jZQ"
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

Context: TypeAlias = Mapping[str, object]
Build: TypeAlias = Callable[[Texts], Context]


@dataclass(frozen=True)
class Scene:
    """One template in one state."""

    name: str
    template: str
    context: Build = lambda texts: {}
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
            locale_links=locale_links(LANGUAGES, locale, "", {"state": "state-of-the-transaction"}),
            errors=self.errors(texts),
            values=self.values,
            notice=texts.t(self.notice) if self.notice else None,
        )

    def render(self, locale: str) -> str:
        """The page as HTML."""
        return render(self.template, self.page(locale), **self.context(texts_for(locale)))


def _wrong(key: str, at: str | None = None) -> Callable[[Texts], tuple[FormError, ...]]:
    return lambda texts: (FormError(texts.t(key, wait=texts.duration(300), companyName=TENANT.name), at),)


def _login(texts: Texts) -> Context:
    return {"signup_url": "/u/signup", "forgot_url": "/u/reset-password/request", "show_cancel": True}


def _login_password(texts: Texts) -> Context:
    return {**_login(texts), "identifier": PERSON, "edit_url": "/u/login/identifier"}


def _signup(policy: str, *, username: bool) -> Build:
    return lambda texts: {
        "login_url": "/u/login",
        "rules": password_rules(texts, policy),
        "ask_username": username,
        "show_cancel": False,
    }


def _consent(texts: Texts) -> Context:
    account = account_scopes(texts, TENANT.name, ("openid", "profile", "email", "offline_access"))
    orders = ScopeGroup(
        name="Orders",
        audience="https://api.shop.example/",
        scopes=(ScopeItem("read:orders", "See your orders and invoices"), ScopeItem("write:orders")),
    )
    return {
        "user_email": PERSON,
        "switch_url": "/u/login?switch",
        "groups": [group for group in (account, orders) if group],
        "redirect_host": "shop.example",
    }


def _consent_account(texts: Texts) -> Context:
    groups = account_scopes(texts, TENANT.name, ("openid", "email"))
    return {**_consent(texts), "groups": [groups], "switch_url": None, "redirect_host": "127.0.0.1:8081"}


def _error(status: int, error: str | None, description: str | None, retry_after: int | None = None) -> Build:
    return lambda texts: {
        "status": status,
        "error": error,
        "description": description,
        "correlation_id": "01JD6Q0Y3M5T",
        "back_url": CLIENT.home_uri if status == 400 else None,
        "retry_after": retry_after,
    }


def _account(texts: Texts) -> Context:
    agents = (
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Safari/604.1",
        None,
    )
    sessions = [
        SessionRow(
            id=f"session-{number}",
            device=device_name(texts, agent),
            created_at=NOW - timedelta(days=number * 3, minutes=20),
            last_active_at=NOW - timedelta(hours=number * 5, seconds=10),
            ip="203.0.113.7",
            current=number == 0,
        )
        for number, agent in enumerate(agents)
    ]
    return {
        "user": AccountUser("Joséphine Baker", PERSON, email_verified=True),
        "sessions": sessions,
        "applications": [
            ApplicationRow("grant-1", CLIENT, ("openid", "profile", "read:orders"), NOW - timedelta(days=9)),
            ApplicationRow("grant-2", LONG_CLIENT, ("openid",)),
        ],
        "rules": password_rules(texts, "good"),
        "now": NOW,
    }


def _account_empty(texts: Texts) -> Context:
    account = _account(texts)
    return {**account, "applications": (), "rules": None, "user": AccountUser("Joséphine", PERSON)}


def _sample_app(texts: Texts) -> Context:
    claims = {"sub": "auth0|6740ab12", "name": "Joséphine Baker", "email": PERSON, "email_verified": True}
    shown = json.dumps({"iss": "http://localhost:8000/", **claims}, indent=2, ensure_ascii=False)
    header = json.dumps({"alg": "RS256", "kid": "k1", "typ": "JWT"}, indent=2)
    raw = "eyJhbGciOiJSUzI1NiJ9." + "eyJzdWIiOiJhdXRoMHw2NzQwYWIxMiJ9" * 5 + ".c2lnbmF0dXJl"
    return {
        "claims": claims,
        "tokens": (DecodedToken("ID token", raw, header, shown), DecodedToken("Access token", "b3BhcXVl")),
        "login_url": "/dev/app/login",
        "signup_url": "/dev/app/signup",
        "logout_url": "/dev/app/logout",
    }


def _welcome(texts: Texts) -> Context:
    return {
        "issuer": "http://localhost:8000/",
        "client_id": "sAmPlEcLiEnTsAmPlEcLiEnT00000000",
        "sample_app_url": "/dev/app",
        "discovery_url": "http://localhost:8000/.well-known/openid-configuration",
        "mailbox_url": "/dev/mailbox",
        "account_url": "/account",
        "accounts": (
            DevAccount(texts.t("dev.welcome.sampleUser"), "user@example.com", "correct-horse-7"),
            DevAccount(texts.t("dev.welcome.administrator"), "admin@example.com", None),
        ),
    }


def _mailbox(texts: Texts) -> Context:
    mail = render_mail("verify_email", texts.locale, TENANT, **MAILS["verify_email"])
    link = str(MAILS["verify_email"]["url"])
    return {
        "mails": (DevMail(PERSON, mail.subject, mail.text, NOW - timedelta(minutes=4), (link,), "/dev/mailbox/1"),),
        "now": NOW,
    }


_TICKET: Final = "http://localhost:8000/u/email-verification?ticket=J5cP0V6hT1mXq8ZbRk2nYw#"
MAILS: Final[Mapping[str, Mapping[str, object]]] = {
    "verify_email": {"email": PERSON, "url": _TICKET, "expires_in": 432_000},
    "reset_email": {"email": PERSON, "url": _TICKET, "expires_in": 3_600},
    "password_changed": {"email": PERSON, "reset_url": _TICKET, "support_url": TENANT.support_url},
    "email_changed": {"email": PERSON, "new_email": "jo@example.org", "support_url": None},
    "blocked_account": {"email": PERSON, "url": _TICKET, "ip": "203.0.113.7"},
}

_SENT: Final[Build] = lambda texts: {  # noqa: E731 - one line of data in a table of them
    "masked_email": "j•••@example.com",
    "retry_url": "/u/reset-password/request",
    "login_url": "/u/login",
}

SCENES: Final = (
    Scene("login", "login/login/login.html", _login),
    Scene(
        "login-error",
        "login/login/login.html",
        _login,
        _wrong("login.login.wrong-credentials"),
        {"username": PERSON},
        client=LONG_CLIENT,
    ),
    Scene(
        "login-branded",
        "login/login/login.html",
        lambda texts: {"signup_url": None, "forgot_url": None, "show_cancel": False, "ask_username": True},
        _wrong("login.login.rate-limited"),
        tenant=replace(TENANT, name="Sunflower", accent="#ffd400", support_url=None),
        client=None,
    ),
    Scene("login-id", "login/login-id/login-id.html", _login),
    Scene("login-password", "login/login-password/login-password.html", _login_password),
    Scene(
        "login-password-error",
        "login/login-password/login-password.html",
        _login_password,
        _wrong("login.login.no-password", "password"),
    ),
    Scene("signup", "login/signup/signup.html", _signup("good", username=False)),
    Scene(
        "signup-error",
        "login/signup/signup.html",
        _signup("excellent", username=True),
        lambda texts: (
            FormError(texts.t("signup.signup.username-taken"), "username"),
            FormError(texts.t("signup.signup.weak-password"), "password"),
        ),
        {"email": PERSON, "username": "josephine"},
    ),
    Scene("consent", "login/consent/consent.html", _consent),
    Scene(
        "consent-unverified",
        "login/consent/consent.html",
        _consent_account,
        client=LONG_CLIENT,
        tenant=replace(TENANT, accent="#0a0a60"),
    ),
    Scene("reset-request", "login/reset-password/request.html", lambda texts: {"login_url": "/u/login"}),
    Scene(
        "reset-request-error",
        "login/reset-password/request.html",
        lambda texts: {"login_url": "/u/login"},
        _wrong("reset-password.request.no-username", "username"),
    ),
    Scene("reset-sent", "login/reset-password/email-sent.html", _SENT, notice="reset-password.email-sent.resent"),
    Scene(
        "reset-change",
        "login/reset-password/change.html",
        lambda texts: {"identifier": PERSON, "rules": password_rules(texts, "fair", 12)},
    ),
    Scene("reset-success", "login/reset-password/success.html", lambda texts: {"login_url": "/u/login"}),
    Scene("reset-error", "login/reset-password/error.html", lambda texts: {"retry_url": "/u/reset-password/request"}),
    Scene("verify-confirm", "login/email-verification/confirm.html", lambda texts: {"email": PERSON}),
    Scene(
        "verify-done",
        "login/email-verification/result.html",
        lambda texts: {"verified": True, "continue_url": CLIENT.home_uri},
    ),
    Scene(
        "verify-failed",
        "login/email-verification/result.html",
        lambda texts: {"verified": False, "continue_url": None},
    ),
    Scene("unblock", "login/unblock/confirm.html", lambda texts: {"email": PERSON}),
    Scene("unblock-done", "login/unblock/done.html", lambda texts: {"login_url": "/account"}),
    Scene("logout", "login/logout/confirm.html", lambda texts: {"user_email": PERSON}),
    Scene(
        "signed-out",
        "login/logout/signed-out.html",
        lambda texts: {"login_url": "/u/login", "continue_url": None, "frame_urls": ()},
        client=None,
    ),
    Scene(
        "signed-out-continue",
        "login/logout/signed-out.html",
        lambda texts: {"login_url": None, "continue_url": "https://shop.example/bye", "frame_urls": ("about:blank",)},
    ),
    Scene("expired", "login/login/expired.html", lambda texts: {"back_url": CLIENT.home_uri}),
    Scene("cookies", "login/login/cookies.html", lambda texts: {"retry_url": "/u/login"}),
    Scene(
        "form-post",
        "login/form-post.html",
        lambda texts: {"action_url": "https://shop.example/callback", "fields": {"code": "abc", "state": '"><script>'}},
    ),
    Scene(
        "web-message",
        "login/web-message.html",
        lambda texts: {"target_origin": "https://shop.example", "response": {"code": "abc", "state": "</script>"}},
    ),
    Scene(
        "error",
        "error.html",
        _error(400, "invalid_request", "The redirect URI is not one this application registered."),
    ),
    Scene("error-404", "error.html", _error(404, None, None), client=None),
    Scene("error-429", "error.html", _error(429, "too_many_requests", None, 90), client=None),
    Scene("error-503", "error.html", _error(503, None, None, 30), client=None),
    Scene("account", "account/index.html", _account, client=None, notice="account.index.profileSaved"),
    Scene(
        "account-error",
        "account/index.html",
        _account,
        _wrong("account.index.wrong-password", "current_password"),
        client=None,
    ),
    Scene("account-empty", "account/index.html", _account_empty, client=None),
    Scene(
        "admin",
        "admin/index.html",
        lambda texts: {"api_base": "http://localhost:8000/api/v2/", "docs_url": "/api/v2/openapi.json"},
        client=None,
    ),
    Scene("dev-welcome", "dev/welcome.html", _welcome, client=None),
    Scene("dev-mailbox", "dev/mailbox.html", _mailbox, client=None),
    Scene("dev-mailbox-empty", "dev/mailbox.html", lambda texts: {"mails": (), "now": NOW}, client=None),
    Scene("sample-app", "dev/sample_app.html", _sample_app, client=None),
    Scene(
        "sample-app-out",
        "dev/sample_app.html",
        lambda texts: {**_sample_app(texts), "claims": None, "tokens": (), "logout_url": None},
        client=None,
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
