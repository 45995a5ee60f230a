"""People of a directory of Microsoft sign in over WS-Federation (``waad_protocol``), at a token service of tests."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.contract import ConnectorError
from connectors.saml.passive.entra import METADATA, OBJECT_ID
from idp.directory.connections import runtime
from idp.directory.connections import service as connections
from tests.connectors.provider import Said
from tests.security.rows import row
from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.passive import CLAIMS, PassiveSource, metadata
from tests.world.sources import logged
from tests.world.world import World

DIRECTORY = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490"
ISSUER = f"https://sts.windows.net/{DIRECTORY}/"
SIGN_IN = f"https://login.microsoftonline.com/{DIRECTORY}/wsfed"
TENANT = "http://schemas.microsoft.com/identity/claims/tenantid"
CLAIMED = {
    f"{CLAIMS}/emailaddress": "abe@contoso.example",
    f"{CLAIMS}/givenname": "Abe",
    OBJECT_ID: "3b4f2c11-27a7-4a3c-9b0e-2a1f7f9a0d11",
    TENANT: DIRECTORY,
}


class Microsoft:
    """Its metadata, and nothing else."""

    def get(self, url: str, **_: Any) -> Said:
        """See :class:`connectors.contract.HttpClient`."""
        if url != METADATA.replace("{directory}", DIRECTORY):
            raise ConnectorError("temporarily_unavailable", "nobody there", detail=url)
        return Said(200, metadata(entity_id=ISSUER, sign_in=SIGN_IN).encode(), {"content-type": "text/xml"})


@pytest.fixture
def app(world: World, monkeypatch: pytest.MonkeyPatch) -> Application:
    """The application people sign in to."""
    monkeypatch.setattr(runtime, "Outbound", lambda _work: Microsoft())
    return world.client()


def connect(world: World, app: Application, strategy: str = "waad", **more: Any) -> PassiveSource:
    """A connection to the directory."""
    options = {"client_id": "the-app", "tenant_domain": DIRECTORY, "waad_protocol": "ws-federation", **more}
    members = {"name": "contoso", "strategy": strategy, "options": options, "enabled_clients": [app.client_id]}
    with world.writing() as work:
        return PassiveSource(world, str(connections.create(work, members).id), "contoso")


def asked(browser: Browser) -> dict[str, str]:
    """The parameters that the browser was sent there with."""
    from urllib.parse import parse_qsl, urlsplit

    assert str(browser.left_for).startswith(SIGN_IN)
    return dict(parse_qsl(urlsplit(str(browser.left_for)).query))


@pytest.mark.parametrize(("strategy", "how"), [("waad", "waad_protocol"), ("waad", "use_wsfed"), ("office365", "")])
def test_somebody_of_the_directory_signs_in(
    world: World, browser: Browser, app: Application, strategy: str, how: str
) -> None:
    more = {"use_wsfed": True, "waad_protocol": None} if how == "use_wsfed" else {}
    source = connect(world, app, strategy, **more)
    attempt = app.begin(browser, connection="contoso")
    said = asked(browser)
    assert (said["wa"], said["wtrealm"]) == ("wsignin1.0", "spn:the-app")
    told = source.says(realm="spn:the-app", issuer=ISSUER, name="pairwise-1", claims=CLAIMED)
    source.answer(browser, told, said["wctx"])
    claims = attempt.tokens(browser.answer).id_claims
    assert claims["sub"] == f"{strategy}|contoso|pairwise-1"
    assert (claims["email"], claims["email_verified"], claims["given_name"]) == ("abe@contoso.example", False, "Abe")


def test_the_account_is_known_as_the_connection_says(world: World, browser: Browser, app: Application) -> None:
    source = connect(world, app, userid_attribute="oid", app_id="https://contoso.example/app")
    attempt = app.begin(browser, connection="contoso")
    said = asked(browser)
    assert said["wtrealm"] == "https://contoso.example/app"
    told = source.says(realm="https://contoso.example/app", issuer=ISSUER, claims=CLAIMED)
    source.answer(browser, told, said["wctx"])
    assert attempt.tokens(browser.answer).id_claims["sub"] == f"waad|contoso|{CLAIMED[OBJECT_ID]}"


@row("SA5")
def test_another_directory_signs_with_the_same_keys_and_is_refused(
    world: World, browser: Browser, app: Application
) -> None:
    source = connect(world, app)
    app.begin(browser, connection="contoso")
    foreign = "https://sts.windows.net/00000000-1111-2222-3333-444444444444/"
    told = source.says(realm="spn:the-app", issuer=foreign, claims=CLAIMED)
    source.answer(browser, told, asked(browser)["wctx"])
    assert browser.answer.params["error"] == "access_denied"
    assert any("issuer" in str(each.get("details")) for each in logged(world, "f"))


def test_without_the_option_it_is_openid_connect(world: World, browser: Browser, app: Application) -> None:
    connect(world, app, waad_protocol="openid-connect", client_secret="secret")
    app.begin(browser, connection="contoso")
    assert str(browser.left_for).startswith(f"https://login.microsoftonline.com/{DIRECTORY}/oauth2/v2.0/authorize?")
