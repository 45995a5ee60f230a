"""Which names proxies are told to get certificates for."""

from __future__ import annotations

from werkzeug.test import Client

from tests.world.domains import DOMAIN, held
from tests.world.fixtures import OpenWorld, on_both_stores
from tests.world.templates import BELOW_A_PATH
from tests.world.world import World


def asked_for(world: World, name: str) -> int:
    """What a proxy is told of that name."""
    return int(world.send("GET", f"http://10.0.0.1/healthz/domain?domain={name}").status_code)


@on_both_stores
def test_proxies_learn_which_names_deserve_a_certificate(world: World) -> None:
    held(world)
    for name in (DOMAIN, DOMAIN.upper(), "id.example.test"):
        assert asked_for(world, name) == 200, name
    for name in ("evil.example", "", "a/b", "%00", "a%00b", "%FF", "x" * 5_000, f"{DOMAIN}.", f".{DOMAIN}"):
        assert asked_for(world, name) == 404, name


def test_certificates_are_for_names_whatever_the_path(open_world: OpenWorld) -> None:
    world = open_world(BELOW_A_PATH)
    held(world)
    assert (asked_for(world, "id.example.test"), asked_for(world, DOMAIN)) == (200, 200)
    assert asked_for(world, "evil.example") == 404


def test_certificates_are_for_names_whatever_the_port(world: World) -> None:
    late = world.other_tenant("late", "https://late.example.test:8443/")
    held(late)
    assert late.send("GET", f"https://{DOMAIN}:8443/.well-known/openid-configuration").status_code == 200
    assert asked_for(world, DOMAIN) == 200


@on_both_stores
def test_a_host_that_is_no_name_is_nobodys(world: World) -> None:
    environ = {"HTTP_HOST": "id.example.test\0"}
    path = "/.well-known/openid-configuration"
    assert Client(world.app).get(path, environ_overrides=environ).status_code in {400, 404}
