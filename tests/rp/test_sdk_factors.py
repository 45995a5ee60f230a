"""Second factors and passkeys as Auth0's SDK for servers (``@auth0/auth0-auth-js``) calls
them, over TLS with the local certificate authority (spec/login-factors.md, acceptance 24, 33).
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from idp.signin.factors import otp
from tests.counterparts.fixtures import StartProduct, not_run
from tests.counterparts.management import PASSWORD
from tests.counterparts.node import NODE_FOLDER, has_package
from tests.counterparts.product import Product, product_environment
from tests.world.authenticator import Authenticator

pytestmark = pytest.mark.counterpart
AUTH0 = "http://auth0.com/oauth/grant-type"
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


@pytest.fixture(scope="module")
def secured(start_products: StartProduct) -> Product:
    """A product of these tests, over TLS, that asks everybody for a second factor."""
    product = start_products(tls=True)
    management = product.management()
    for factor in ("otp", "sms"):
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
