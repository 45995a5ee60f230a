"""Relying parties and APIs that bind tokens to a key or a certificate: openid-client, oauth4webapi, and the APIs of
docs/resource-servers.md.
"""

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page

from tests.counterparts.management import Management
from tests.counterparts.node import NODE_FOLDER
from tests.counterparts.product import Product, product_environment
from tests.counterparts.program import Program, accepts, free_port
from tests.rp.apis import API, HERE, StartApi, asked
from tests.world.client_keys import key
from tests.world.holder import prove

pytestmark = [pytest.mark.counterpart]
SignIn = Callable[[dict[str, Any]], None]


@pytest.mark.e2e
@pytest.mark.parametrize("nonce", [False, True], ids=["", "with nonces"])
def test_openid_client(
    page: Page,
    node: str,
    product: Product,
    management: Management,
    user: dict[str, Any],
    sign_in: SignIn,
    tmp_path: Path,
    nonce: bool,
) -> None:
    port = free_port()
    here = f"http://localhost:{port}"
    client = management.create_client(
        app_type="regular_web",
        callbacks=[f"{here}/callback"],
        grant_types=["authorization_code", "refresh_token", "client_credentials"],
        dpop_bound_access_tokens=True,
        require_dpop_nonce=nonce,
    )
    granted = {"client_id": client["client_id"], "audience": management.audience, "scope": ["read:clients"]}
    management.post("client-grants", granted)
    access = {"CLIENT_ID": client["client_id"], "CLIENT_SECRET": client["client_secret"], "ISSUER": product.issuer}
    env = product_environment(PORT=str(port), API=management.audience, **access)
    program = Program.start([node, "openid_client_dpop.mjs"], log_path=tmp_path / "node.log", env=env, cwd=NODE_FOLDER)
    try:
        program.wait_until(lambda: accepts(port), what="listen")
        page.goto(f"{here}/login")
        sign_in(user)
        page.wait_for_url(f"{here}/callback**")
        got = json.loads(page.locator("body").inner_text())
        page.goto(f"{here}/machine")
        machine = json.loads(page.locator("body").inner_text())
    finally:
        program.stop()
        print(program.log)
    assert (got["claims"]["sub"], got["userinfo"]["email"]) == (user["user_id"], user["email"])
    assert (got["type"].lower(), list(got["cnf"])) == ("dpop", ["jkt"])
    assert (got["stolen"], got["asBearer"], got["byThief"]) == ("invalid_grant", "invalid_token", "invalid_token")
    assert (machine["type"].lower(), machine["status"]) == ("dpop", 200)


@dataclass
class Machine:
    """A client of the API with its secret."""

    product: Product
    client_id: str
    secret: str

    def token(self, **headers: str) -> str:
        form = {"grant_type": "client_credentials", "audience": API}
        form |= {"client_id": self.client_id, "client_secret": self.secret}
        answer = requests.post(f"{self.product.base_url}/oauth/token", form, headers=headers, timeout=20)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def bound(self) -> str:
        return self.token(DPoP=prove(key(), "ES256", "POST", f"{self.product.issuer}oauth/token"))


@pytest.fixture
def machine(product: Product, management: Management) -> Machine:
    if not management.get("resource-servers", identifiers=API):
        scopes = [{"value": "read:things"}]
        management.post("resource-servers", {"identifier": API, "name": "Bound", "scopes": scopes})
    client = management.create_client(app_type="non_interactive", callbacks=[], grant_types=["client_credentials"])
    for audience, scope in ((API, "read:things"), (management.audience, "read:clients")):
        management.post("client-grants", {"client_id": client["client_id"], "audience": audience, "scope": [scope]})
    return Machine(product, client["client_id"], client["client_secret"])


@pytest.mark.parametrize("nonce", [False, True], ids=["", "with nonces"])
def test_oauth4webapi(node: str, machine: Machine, management: Management, nonce: bool) -> None:
    management.patch(f"clients/{machine.client_id}", {"require_proof_of_possession": True, "require_dpop_nonce": nonce})
    access = {"CLIENT_ID": machine.client_id, "CLIENT_SECRET": machine.secret, "ISSUER": machine.product.issuer}
    env = product_environment(API=API, MANAGEMENT=management.audience, **access)
    ran = subprocess.run(
        [node, "oauth4webapi_dpop.mjs"],
        cwd=NODE_FOLDER,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    got = json.loads(ran.stdout)
    assert (got["type"].lower(), got["retried"], got["status"], list(got["cnf"])) == ("dpop", nonce, 200, ["jkt"])


# ---- the APIs of docs/resource-servers.md
def test_an_api_checks_proofs(start_api: StartApi, machine: Machine) -> None:
    url, token, other = start_api(machine.product.issuer), machine.bound(), machine.bound()

    def proof(by: Any = None, method: str = "GET", at: str = f"{HERE}/things", of: str = token, **claims: Any) -> str:
        return prove(by or key(), "ES256", method, at, of, **claims)

    used = proof()
    assert asked(url, token, "DPoP", DPoP=used).json() == {"sub": f"{machine.client_id}@clients"}
    assert asked(url, token, "dpop", DPoP=proof(at=f"{HERE}:443/things?x=y")).status_code == 200
    refused = {
        "again": asked(url, token, "DPoP", DPoP=used),
        "no proof": asked(url, token, "DPoP"),
        "bearer": asked(url, token),
        "bearer with a proof": asked(url, token, DPoP=proof()),
        "another key": asked(url, token, "DPoP", DPoP=proof(key("ES256", "thief"))),
        "another token's": asked(url, token, "DPoP", DPoP=proof(of=other)),
        "another method": asked(url, token, "DPoP", DPoP=proof(method="POST")),
        "another address": asked(url, token, "DPoP", DPoP=proof(at=f"{HERE}/others")),
        "old": asked(url, token, "DPoP", DPoP=proof(iat=1)),
        "no jti": asked(url, token, "DPoP", DPoP=proof(jti=None)),
        "garbage": asked(url, token, "DPoP", DPoP="a.b.c"),
        "a changed token": asked(url, f"{token[:-4]}AAAA", "DPoP", DPoP=proof()),
        "nothing": requests.get(url, timeout=20),
    }
    assert {name: answer.status_code for name, answer in refused.items()} == dict.fromkeys(refused, 401)
    assert all(answer.headers["WWW-Authenticate"].startswith("DPoP ") for answer in refused.values())
    plain = machine.token()
    assert asked(url, plain).status_code == 200
    assert asked(url, plain, "DPoP", DPoP=proof(of=plain)).status_code == 401


def test_an_api_may_want_bound_tokens_alone(start_api: StartApi, machine: Machine) -> None:
    url, token = start_api(machine.product.issuer, "dpop"), machine.bound()
    assert asked(url, machine.token()).status_code == 401
    proof = prove(key(), "ES256", "GET", f"{HERE}/things", token)
    assert asked(url, token, "DPoP", DPoP=proof).status_code == 200
