"""Second factors and passkeys as Auth0's SDKs call them, over TLS with the local certificate authority
(spec/login-factors.md, acceptance 24, 33): for servers in Node (``@auth0/auth0-auth-js``,
which is beneath ``nextjs-auth0``, too) and in Python (``auth0-server-python``), and for pages (``auth0-spa-js``).
"""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from auth0_server_python.auth_server.server_client import ServerClient
from auth0_server_python.auth_types import PasskeyAuthResponse, PasskeyUserProfile
from auth0_server_python.error import MfaVerifyError
from flask import Flask, send_from_directory
from playwright.sync_api import Browser, Page
from werkzeug.wrappers import Response

from idp.signin.factors import otp
from tests.counterparts.fixtures import StartProduct, not_run
from tests.counterparts.local_site import local_site
from tests.counterparts.management import PASSWORD
from tests.counterparts.node import NODE_FOLDER, has_package
from tests.counterparts.product import Product, product_environment
from tests.counterparts.virtual_authenticator import Virtual
from tests.world.authenticator import Authenticator
from tests.world.factors import CODE

pytestmark = pytest.mark.counterpart
AUTH0 = "http://auth0.com/oauth/grant-type"
SCOPE = "openid profile email"
PASSKEY = "urn:okta:params:oauth:grant-type:webauthn"
GRANTS = ["password", PASSKEY, f"{AUTH0}/mfa-otp", f"{AUTH0}/mfa-oob", f"{AUTH0}/mfa-recovery-code"]


class Sdk:
    """The SDK in a process of its own."""

    def __init__(self, program: subprocess.Popen[str]) -> None:
        self.program = program

    def said(self, call: str, **members: Any) -> dict[str, Any]:
        """What one call answered, or how it failed."""
        assert self.program.stdin is not None
        assert self.program.stdout is not None
        self.program.stdin.write(json.dumps({"call": call, "members": members}) + "\n")
        self.program.stdin.flush()
        said: dict[str, Any] = json.loads(self.program.stdout.readline())
        return said

    def __call__(self, call: str, **members: Any) -> Any:
        """The answer of a call that succeeds."""
        said = self.said(call, **members)
        assert "answer" in said, said
        return said["answer"]


def run(walk: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """In a thread of its own: Playwright's loop may be going on in this one."""
    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(lambda: asyncio.run(walk())).result()


@pytest.fixture(scope="module")
def secured(start_products: StartProduct) -> Product:
    """A product of these tests, over TLS, that asks everybody for a second factor."""
    product = start_products(tls=True)
    management = product.management()
    for factor in ("otp", "sms", "email"):
        management.call("PUT", f"guardian/factors/{factor}", {"enabled": True})
    management.call("PUT", "guardian/policies", ["all-applications"])
    management.patch("tenants/settings", {"default_directory": product.connection})
    return product


@pytest.fixture
def sdk(node: str, secured: Product) -> Iterator[Sdk]:
    """The SDK of a client that has all of the grants."""
    if not has_package("@auth0/auth0-auth-js"):
        not_run("the npm packages of tests/node (npm ci)")
    made = secured.management().create_client(
        app_type="regular_web", callbacks=["https://app.example.com/callback"], grant_types=GRANTS
    )
    domain = secured.issuer.removeprefix("https://").rstrip("/")
    env = product_environment(
        DOMAIN=domain,
        CLIENT_ID=made["client_id"],
        CLIENT_SECRET=made["client_secret"],
        NODE_EXTRA_CA_CERTS=str(secured.verify),
    )
    with subprocess.Popen(
        [node, str(NODE_FOLDER / "factors.mjs")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=env,
        cwd=NODE_FOLDER,
        text=True,
    ) as program:
        yield Sdk(program)
        program.terminate()


def code(seed: str) -> str:
    import time

    key = otp.key_of(seed)
    assert key is not None
    return otp.code(key, int(time.time()) // otp.STEP_S)


def test_login_factors_acceptance_24_second_factors(sdk: Sdk, secured: Product) -> None:
    user = secured.management().create_user(connection=secured.connection)
    signing_in = {"username": user["email"], "password": PASSWORD, "scope": "openid"}
    refused = sdk.said("getTokenByPassword", **signing_in)["failed"]
    assert refused["error"] == "mfa_required", refused
    token = refused["mfa_token"]
    assert sdk("mfa.listAuthenticators", mfaToken=token) == []
    made = sdk("mfa.enrollAuthenticator", mfaToken=token, authenticatorTypes=["otp"])
    (recovery,) = made["recoveryCodes"]
    wrong = sdk.said("mfa.verify", mfaToken=token, factorType="otp", otp="000000")["failed"]
    assert wrong["error"] == "invalid_grant"
    first = sdk("mfa.verify", mfaToken=token, factorType="otp", otp=code(made["secret"]))
    assert first["claims"]["amr"] == ["pwd", "mfa", "otp"]

    scope = "openid enroll read:authenticators remove:authenticators"
    managing = {**signing_in, "audience": f"{secured.issuer}mfa/", "scope": scope}
    token = sdk.said("getTokenByPassword", **managing)["failed"]["mfa_token"]
    assert sdk("mfa.challengeAuthenticator", mfaToken=token, challengeType="otp") == {"challengeType": "otp"}
    assert "failed" in sdk.said("mfa.deleteAuthenticator", mfaToken=token, authenticatorId=made["id"])
    answer = sdk("mfa.verify", mfaToken=token, factorType="recovery-code", recoveryCode=recovery)
    assert answer["recoveryCode"] != recovery
    access = answer["accessToken"]
    phone = sdk(
        "mfa.enrollAuthenticator",
        mfaToken=access,
        authenticatorTypes=["oob"],
        oobChannels=["sms"],
        phoneNumber="+491711234567",
    )
    assert phone["bindingMethod"] == "prompt"
    listed = {each["id"]: each for each in sdk("mfa.listAuthenticators", mfaToken=access)}
    assert (listed[phone["id"]]["active"], listed[phone["id"]]["oobChannels"]) == (False, ["sms"])
    assert listed[made["id"]]["type"] == "otp"
    assert sdk("mfa.deleteAuthenticator", mfaToken=access, authenticatorId=phone["id"]) is None
    assert phone["id"] not in {each["id"] for each in sdk("mfa.listAuthenticators", mfaToken=access)}


def test_login_factors_acceptance_24_codes_that_are_sent(sdk: Sdk, secured: Product) -> None:
    """By text message and by mail: enrolled, asked for again, and good once."""
    user, number = secured.management().create_user(connection=secured.connection), "+491719876543"
    signing_in = {"username": user["email"], "password": PASSWORD, "scope": "openid"}

    def refused() -> str:
        return str(sdk.said("getTokenByPassword", **signing_in)["failed"]["mfa_token"])

    token = refused()
    made = sdk(
        "mfa.enrollAuthenticator",
        mfaToken=token,
        authenticatorTypes=["oob"],
        oobChannels=["sms"],
        phoneNumber=number,
    )
    sent = {"mfaToken": token, "factorType": "oob", "oobCode": made["oobCode"]}
    first_code = sent_code(secured, number)
    wrong = sdk.said("mfa.verify", **sent, bindingCode="000000" if first_code != "000000" else "111111")["failed"]
    assert wrong["error"] == "invalid_grant"
    first = sdk("mfa.verify", **sent, bindingCode=first_code)
    assert set(first["claims"]["amr"]) >= {"pwd", "mfa", "sms"}, first["claims"]
    assert "failed" in sdk.said("mfa.verify", **sent, bindingCode=first_code), "a code is good once"

    token = refused()
    by_channel = {
        channel: each["id"]
        for each in sdk("mfa.listAuthenticators", mfaToken=token)
        for channel in each.get("oobChannels") or []
    }
    assert set(by_channel) >= {"sms", "email"}
    asked = sdk("mfa.challengeAuthenticator", mfaToken=token, challengeType="oob", authenticatorId=by_channel["email"])
    assert (asked["challengeType"], asked["bindingMethod"]) == ("oob", "prompt")
    answer = sdk(
        "mfa.verify",
        mfaToken=token,
        factorType="oob",
        oobCode=asked["oobCode"],
        bindingCode=sent_code(secured, user["email"]),
    )
    assert {"pwd", "mfa"} <= set(answer["claims"]["amr"])


def sent_code(product: Product, to: str) -> str:
    """The newest code that was sent there, as soon as the worker has sent it."""
    found = product.mail(lambda mail: to in mail["to"] and CODE.search(mail["text"]) is not None)["text"]
    return CODE.findall(found)[0]


def test_login_factors_acceptance_33_passkeys(sdk: Sdk, secured: Product) -> None:
    address = f"passkey-{secured.port}@example.com"
    device = Authenticator(secured.issuer.rstrip("/"))
    asked = sdk("passkey.register", email=address, realm=secured.connection, name="Pat")
    options = {**asked["authnParamsPublicKey"], "excludeCredentials": []}
    tokens = sdk(
        "passkey.getTokenByPasskey",
        authSession=asked["authSession"],
        credential=json.loads(device.create(options)),
        realm=secured.connection,
        scope="openid email",
    )
    assert tokens["claims"]["email"] == address
    asked = sdk("passkey.challenge", realm=secured.connection)
    options = {**asked["authnParamsPublicKey"], "allowCredentials": []}
    again = sdk(
        "passkey.getTokenByPasskey",
        authSession=asked["authSession"],
        credential=json.loads(device.get(options)),
        realm=secured.connection,
        scope="openid",
    )
    assert again["claims"]["sub"] == tokens["claims"]["sub"]
    spent = sdk.said(
        "passkey.getTokenByPasskey", authSession=asked["authSession"], credential={}, realm=secured.connection
    )
    assert "failed" in spent


class Shelf:
    """Where the Python SDK keeps a session: in this process."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    async def set(self, identifier: str, state: Any, *_more: Any, **_named: Any) -> None:
        """Keep it."""
        self.kept[identifier] = state

    async def get(self, identifier: str, *_more: Any, **_named: Any) -> Any:
        """What is kept."""
        return self.kept.get(identifier)

    async def delete(self, identifier: str, *_more: Any, **_named: Any) -> None:
        """Forget it."""
        self.kept.pop(identifier, None)


@pytest.fixture
def python_sdk(secured: Product, monkeypatch: pytest.MonkeyPatch) -> ServerClient:
    """``auth0-server-python`` as an application with every grant."""
    monkeypatch.setenv("SSL_CERT_FILE", str(secured.verify))
    made = secured.management().create_client(
        app_type="regular_web", callbacks=["https://app.example.com/callback"], grant_types=GRANTS
    )
    return ServerClient(
        domain=domain_of(secured),
        client_id=made["client_id"],
        client_secret=made["client_secret"],
        secret="a secret of the tests that is long enough",
        redirect_uri="https://app.example.com/callback",
        state_store=Shelf(),
        transaction_store=Shelf(),
    )


def answer_of(credential: str) -> PasskeyAuthResponse:
    """As the SDK has it, which takes texts alone in ``response``."""
    made = json.loads(credential)
    texts = {name: value for name, value in made["response"].items() if isinstance(value, str)}
    return PasskeyAuthResponse.model_validate({**made, "response": texts})


def domain_of(product: Product) -> str:
    """The host with its port."""
    return product.issuer.removeprefix("https://").rstrip("/")


def mfa_token(product: Product, client: dict[str, Any], user: dict[str, Any]) -> str:
    """What a sign-in with the password alone is answered."""
    answer = product.management().http.post(
        f"{product.issuer}oauth/token",
        data={"grant_type": "password", "username": user["email"], "password": PASSWORD, "scope": "openid", **client},
        timeout=20,
        verify=product.verify,
    )
    assert answer.json()["error"] == "mfa_required", answer.text
    return str(answer.json()["mfa_token"])


def test_login_factors_acceptance_24_python(python_sdk: ServerClient, secured: Product) -> None:
    """The factors of the Python SDK. It keeps tokens of unfinished sign-ins encrypted, as its own sessions do."""
    sdk, user = python_sdk, secured.management().create_user(connection=secured.connection)
    client = {"client_id": sdk._client_id, "client_secret": sdk._client_secret}
    kept = sdk.mfa._encrypt_mfa_token(mfa_token(secured, client, user), "", "openid")

    async def walk() -> None:
        assert await sdk.mfa.list_authenticators({"mfa_token": kept}) == []
        made = await sdk.mfa.enroll_authenticator({"mfa_token": kept, "factor_type": "otp"})
        with pytest.raises(MfaVerifyError):
            await sdk.mfa.verify({"mfa_token": kept, "otp": "000000"})
        first = await sdk.mfa.verify({"mfa_token": kept, "otp": code(made.secret)})
        assert first.access_token
        assert made.recovery_codes
        again = sdk.mfa._encrypt_mfa_token(mfa_token(secured, client, user), "", "openid")
        (listed, *_) = await sdk.mfa.list_authenticators({"mfa_token": again})
        assert listed.authenticator_type in {"otp", "recovery-code"}
        asked = await sdk.mfa.challenge_authenticator({"mfa_token": again, "factor_type": "otp"})
        assert asked.challenge_type == "otp"
        second = await sdk.mfa.verify({"mfa_token": again, "recovery_code": made.recovery_codes[0]})
        assert second.access_token != first.access_token

    run(walk)


def test_login_factors_acceptance_33_python(python_sdk: ServerClient, secured: Product) -> None:
    """Its passkeys: sign-up, and a sign-in that is a session of the SDK's own."""
    address = f"python-{secured.port}@example.com"
    device = Authenticator(secured.issuer.rstrip("/"))

    async def walk() -> None:
        profile = PasskeyUserProfile(email=address, name="Pat")
        asked = await python_sdk.passkey_signup_challenge(profile, connection=secured.connection)
        options = {**asked.authn_params_public_key.model_dump(by_alias=True), "excludeCredentials": []}
        made = answer_of(device.create(options))
        found = await python_sdk.signin_with_passkey(
            asked.auth_session, made, connection=secured.connection, scope=SCOPE
        )
        assert found.state_data["user"]["email"] == address
        asked = await python_sdk.passkey_login_challenge(connection=secured.connection)
        options = {**asked.authn_params_public_key.model_dump(by_alias=True), "allowCredentials": []}
        there = answer_of(device.get(options))
        found = await python_sdk.signin_with_passkey(
            asked.auth_session, there, connection=secured.connection, scope=SCOPE
        )
        assert found.state_data["user"]["email"] == address

    run(walk)


@pytest.fixture
def single_page(node: str, secured: Product, chromium: Browser) -> Iterator[tuple[Page, dict[str, Any]]]:
    """spa-js on a page of its own origin, and its client."""
    library = NODE_FOLDER / "node_modules" / "@auth0" / "auth0-spa-js" / "dist"
    app = Flask(__name__)

    @app.get("/")
    def page() -> str:
        return "<!doctype html><link rel=icon href='data:,'><title>App</title><script src='/spa.js'></script>"

    @app.get("/spa.js")
    def script() -> Response:
        return send_from_directory(library, "auth0-spa-js.production.js")

    with local_site(app, tls=True) as site:
        made = secured.management().create_client(
            app_type="spa", callbacks=[f"{site}/"], web_origins=[site], allowed_origins=[site], grant_types=GRANTS
        )
        context = chromium.new_context(ignore_https_errors=True)
        shown = context.new_page()
        shown.goto(f"{site}/")
        options = {"domain": domain_of(secured), "clientId": made["client_id"]}
        shown.evaluate("options => { window.app = new auth0.Auth0Client(options) }", options)
        yield shown, made
        context.close()


@pytest.mark.e2e
def test_login_factors_acceptance_24_spa_js(single_page: tuple[Page, dict[str, Any]], secured: Product) -> None:
    """The factors of spa-js, called across origins by a page."""
    page, client = single_page
    user = secured.management().create_user(connection=secured.connection)
    token = mfa_token(secured, {"client_id": client["client_id"]}, user)
    page.evaluate("token => app.mfa.setMFAAuthDetails(token, 'openid profile email')", token)
    assert page.evaluate("mfaToken => app.mfa.getAuthenticators(mfaToken)", token) == []
    made = page.evaluate("mfaToken => app.mfa.enroll({mfaToken, factorType: 'otp'})", token)
    tokens = page.evaluate("([mfaToken, otp]) => app.mfa.verify({mfaToken, otp})", [token, code(made["secret"])])
    assert tokens["access_token"]
    assert page.evaluate("app.isAuthenticated()")
    assert page.evaluate("app.getUser()")["sub"] == user["user_id"]


@pytest.mark.e2e
def test_login_factors_acceptance_33_spa_js(single_page: tuple[Page, dict[str, Any]], secured: Product) -> None:
    """Its passkeys, with the virtual authenticator of the browser."""
    page, _ = single_page
    Virtual(page)
    address = f"spa-{secured.port}@example.com"
    signing_up = {"email": address, "realm": secured.connection, "scope": "openid profile email"}
    assert page.evaluate("options => app.passkey.signup(options)", signing_up)["access_token"]
    assert page.evaluate("app.getUser()")["email"] == address
    again = page.evaluate("realm => app.passkey.login({realm, scope: 'openid'})", secured.connection)
    assert again["access_token"]
