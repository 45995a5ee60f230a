"""Strategy ``ip``: whoever comes from a network."""

from __future__ import annotations

import pytest

from connectors.contract import Arrival, ConnectorContext, ConnectorError, Departure
from connectors.networks import NETWORK, NetworkConnector
from tests.world.browser import Browser
from tests.world.sources import logged
from tests.world.world import World

IPS = ["203.0.113.0/28", "2001:db8:10::/48", "192.0.2.7"]


def connector(ips: list[str] | None = None) -> NetworkConnector:
    """Of a connection to these networks."""
    return NetworkConnector(
        ConnectorContext(
            connection_id="con_1",
            connection_name="room",
            options=NETWORK.read({"ips": IPS if ips is None else ips}),
            strategy=NETWORK,
            callback_url="https://id.example.test/login/callback",
        )
    )


@pytest.mark.parametrize(
    ("address", "account"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:DB8:10:0::5", "2001:db8:10::5"),
        ("192.0.2.7", "192.0.2.7"),
    ],
)
def test_who_is_inside_signs_in_as_the_address(address: str, account: str) -> None:
    departure = Departure(state="s t", address=address)
    assert connector().start(departure) == "https://id.example.test/login/callback?state=s+t"
    identity = connector().finish(Arrival(params={}, keep=departure.keep))
    assert (identity.user_id, dict(identity.profile)) == (account, {"name": account})


@pytest.mark.parametrize("address", ["203.0.113.16", "2001:db8:11::5", "10.0.0.1", "", "203.0.113.9, 10.0.0.1", "x"])
def test_who_is_elsewhere_does_not(address: str) -> None:
    with pytest.raises(ConnectorError) as caught:
        connector().start(Departure(state="s", address=address))
    assert caught.value.code == "access_denied"


def test_a_network_that_was_taken_away_meanwhile_lets_nobody_in() -> None:
    departure = Departure(state="s", address="203.0.113.9")
    connector().start(departure)
    with pytest.raises(ConnectorError):
        connector(["198.51.100.0/24"]).finish(Arrival(params={}, keep=departure.keep))
    with pytest.raises(ConnectorError):
        connector([]).start(Departure(state="s", address="203.0.113.9"))


@pytest.mark.parametrize("ips", [["0.0.0.0/0"], ["::/0"], ["10.0.0.1/8"], ["a.example"], ["999.1.1.1"]])
def test_what_is_no_network_of_anybodys_is_refused_when_it_is_saved(world: World, ips: list[str]) -> None:
    api = world.caller()
    answer = api.post("/connections", {"name": "room", "strategy": "ip", "options": {"ips": ips}})
    assert answer.status_code == 400, answer.json
    assert "options.ips" in (answer.json or {})["message"]


def test_somebody_in_the_reading_room_signs_in_by_a_button(world: World, browser: Browser) -> None:
    app = world.client()
    body = {
        "name": "room",
        "strategy": "ip",
        "display_name": "The reading room",
        "options": {"ips": [f"{browser.address}/32"]},
        "enabled_clients": [app.client_id],
        "show_as_button": True,
    }
    made = world.caller().post("/connections", body)
    assert made.status_code == 201, made.json
    attempt = app.begin(browser)
    browser.follow("connection-room")
    claims = attempt.tokens(browser.answer).id_claims
    assert claims["sub"] == f"ip|room|{browser.address}"
    browser.address = "198.51.100.99"
    app.begin(browser, connection="room", prompt="login")
    assert "The reading room isn’t possible right now" in browser.shown.text
    assert any("none of options.ips" in str(each.get("details")) for each in logged(world, "f"))
