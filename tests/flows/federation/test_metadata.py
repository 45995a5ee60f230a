"""What superiors leave of what a relying party says of itself, and what client it makes (OpenID Federation 1.0, 6)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world.application import Application
from tests.world.browser import Browser
from tests.world.client_keys import key
from tests.world.federation import Federation
from tests.world.relying_party import begin, refused


def test_policies_change_what_it_says(party: Application, federation: Federation, browser: Browser) -> None:
    federation["anchor"].tells["middle"] = {
        "metadata_policy": {
            "openid_relying_party": {
                "grant_types": {"subset_of": ["authorization_code"]},
                "client_name": {"value": "As the anchor calls it"},
            }
        }
    }
    federation["middle"].tells["rp"] = {
        "metadata": {"openid_relying_party": {"logo_uri": "https://app.example.test/logo.png"}},
        "metadata_policy": {"openid_relying_party": {"contacts": {"add": ["a@example.test"]}}},
    }
    begin(party, browser)
    assert browser.path.startswith("/u/login"), browser.shown.text
    made = party.world.management().get("/clients?is_first_party=false")[0]
    assert made["grant_types"] == ["authorization_code"]
    assert made["name"] == "As the anchor calls it"
    assert made["logo_uri"] == "https://app.example.test/logo.png"


@pytest.mark.parametrize(
    ("above", "below", "error"),
    [
        ({"client_name": {"value": "A"}}, {"client_name": {"value": "B"}}, "invalid_trust_chain"),
        ({"tos_uri": {"essential": True}}, {}, "invalid_metadata"),
        ({"token_endpoint_auth_method": {"one_of": ["tls_client_auth"]}}, {}, "invalid_metadata"),
        ({"grant_types": {"superset_of": ["implicit"]}}, {}, "invalid_metadata"),
        ({"redirect_uris": {"subset_of": ["https://other.example.test/cb"]}}, {}, "invalid_metadata"),
        ({"redirect_uris": {"value": None}}, {}, "invalid_metadata"),
    ],
)
def test_policies_that_refuse(
    party: Application, federation: Federation, browser: Browser, above: Any, below: Any, error: str
) -> None:
    federation["anchor"].tells["middle"] = {"metadata_policy": {"openid_relying_party": above}}
    federation["middle"].tells["rp"] = {"metadata_policy": {"openid_relying_party": below}}
    refused(party, browser, error)


@pytest.mark.parametrize(
    "change",
    [
        {"client_registration_types": ["explicit"]},
        {"client_registration_types": None},
        {"token_endpoint_auth_method": "client_secret_basic"},
        {"token_endpoint_auth_method": "none"},
        {"client_secret": "shared"},
        {"jwks": None},
        {"jwks": {"keys": [key("ES256", "protocol").as_dict(private=True)]}},
        {"redirect_uris": None},
        {"redirect_uris": ["https://*.example.test/"]},
        {"redirect_uris": ["javascript:alert(1)"]},
        {"client_id": "https://evil.test/"},
        {"client_name": 7},
        {"logo_uri": "data:text/html,x"},
    ],
)
def test_metadata_that_is_refused(
    party: Application, federation: Federation, browser: Browser, change: dict[str, Any]
) -> None:
    federation.describe(federation["rp"], **change)
    refused(party, browser, "invalid_metadata")


def test_an_entity_that_is_no_relying_party(party: Application, federation: Federation, browser: Browser) -> None:
    federation["rp"].says = {"metadata": {"openid_provider": {}}}
    refused(party, browser, "invalid_metadata")


def test_keys_may_be_signed_at_an_address(party: Application, federation: Federation, browser: Browser) -> None:
    federation.describe(federation["rp"], jwks=None, signed_jwks_uri=f"{federation['rp'].id}/keys")
    begin(party, browser)
    assert browser.path.startswith("/u/login"), browser.shown.text
