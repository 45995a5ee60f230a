"""``/custom-domains``: written down by anybody, proved in the DNS, held by one tenant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from idp.foundation.kernel.errors import Conflict
from idp.foundation.tenancy.models import CustomDomain
from idp.operations.installation import InstallationError
from idp.tenant.domains import names, service
from tests.world.dns import Zone, serving
from tests.world.fixtures import OpenWorld, on_both_stores
from tests.world.templates import TWO_TENANTS
from tests.world.world import World

DOMAIN = "login.acme-shop.com"
BODY = {"domain": DOMAIN, "type": "auth0_managed_certs"}


@pytest.fixture(scope="module")
def zone() -> Iterator[Zone]:
    with serving() as made:
        yield made


@pytest.fixture(autouse=True)
def empty(zone: Zone) -> None:
    zone.records.clear()
    zone.asked.clear()
    zone.silent = False


@pytest.fixture
def environment(zone: Zone) -> dict[str, str]:
    return {"IDP_NAMESERVERS": zone.address}


def make(world: World, **members: Any) -> dict[str, Any]:
    answer = world.caller().post("/custom-domains", {**BODY, **members})
    assert answer.status_code == 201, answer.text
    return dict(answer.get_json())


def prove(zone: Zone, made: dict[str, Any]) -> None:
    record = made["verification"]["methods"][-1]
    zone.txt(record["domain"], record["record"])


def verify(world: World, made: dict[str, Any]) -> dict[str, Any]:
    answer = world.caller().post(f"/custom-domains/{made['custom_domain_id']}/verify")
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


@on_both_stores
def test_a_domain_from_first_to_last(world: World, zone: Zone) -> None:
    api = world.caller()
    made = make(world, domain=f"{DOMAIN.upper()}.", domain_metadata={"region": "eu"})
    assert made["domain"] == DOMAIN
    assert (made["status"], made["primary"], made["is_default"]) == ("pending_verification", False, False)
    assert (made["tls_policy"], made["domain_metadata"]) == ("recommended", {"region": "eu"})
    assert [each["name"] for each in made["verification"]["methods"]] == ["cname", "txt"]
    assert made["verification"]["status"] == "pending"
    unproved = verify(world, made)
    assert (unproved["status"], unproved["verification"]["status"]) == ("pending_verification", "failed")
    assert DOMAIN in unproved["verification"]["error_msg"]
    assert [each["type"] for each in api.get("/logs").get_json()].count("custom_domain_verification_failed") == 1
    prove(zone, made)
    ready = verify(world, made)
    assert (ready["status"], ready["primary"], ready["verification"]["status"]) == ("ready", True, "verified")
    assert "error_msg" not in ready["verification"]
    path = f"/custom-domains/{made['custom_domain_id']}"
    assert api.get(path).get_json() == ready
    changed = api.patch(path, {"domain_metadata": {"region": None, "tier": "gold"}}).get_json()
    assert changed["domain_metadata"] == {"tier": "gold"}
    chosen = api.patch("/custom-domains/default", {"domain": DOMAIN}).get_json()
    assert (chosen["domain"], chosen["is_default"]) == (DOMAIN, True)
    assert api.get("/custom-domains/default").get_json()["custom_domain_id"] == made["custom_domain_id"]
    own = api.patch("/custom-domains/default", {"domain": "id.example.test"}).get_json()
    assert own == api.get("/custom-domains/default").get_json() == {"domain": "id.example.test"}
    assert api.delete(path).status_code == 204
    assert api.delete(path).status_code == 204, "as recorded"
    assert api.get(path).status_code == 404


def test_an_alias_of_this_one_claim_proves_it_too(world: World, zone: Zone) -> None:
    made = make(world)
    record = made["verification"]["methods"][0]
    assert record["domain"] == DOMAIN
    assert record["record"].endswith(".id.example.test")
    zone.cname(DOMAIN, record["record"].upper())
    assert verify(world, made)["status"] == "ready"


def test_an_alias_that_was_left_behind_proves_nothing(world: World, zone: Zone) -> None:
    """A domain that once led here, and still does, is not the next tenant's (take-over of a forgotten alias)."""
    first = make(world)
    zone.cname(DOMAIN, first["verification"]["methods"][0]["record"])
    verify(world, first)
    world.caller().delete(f"/custom-domains/{first['custom_domain_id']}")
    again = make(world)
    assert verify(world, again)["status"] == "pending_verification"


def test_the_other_tenants_proof_is_no_proof(world: World, zone: Zone) -> None:
    zone.txt(f"{names.CHALLENGE}.{DOMAIN}", f"{names.PROOF}somebody-elses")
    assert verify(world, make(world))["status"] == "pending_verification"


def test_a_dns_that_does_not_answer_is_no_proof_and_takes_nothing_away(world: World, zone: Zone) -> None:
    made = make(world)
    zone.silent = True
    assert "does not answer" in verify(world, made)["verification"]["error_msg"]
    zone.silent = False
    prove(zone, made)
    verify(world, made)
    zone.silent = True
    assert verify(world, made)["status"] == "ready"


def test_own_certificates_are_proved_by_txt_and_come_with_a_key_once(world: World, zone: Zone) -> None:
    made = make(world, type="self_managed_certs", custom_client_ip_header="cf-connecting-ip")
    assert [each["name"] for each in made["verification"]["methods"]] == ["txt"]
    assert "tls_policy" not in made
    prove(zone, made)
    ready = verify(world, made)
    assert (ready["origin_domain_name"], len(ready["cname_api_key"])) == ("id.example.test", 43)
    assert "cname_api_key" not in verify(world, made)
    assert "cname_api_key" not in world.caller().get(f"/custom-domains/{made['custom_domain_id']}").get_json()


def test_two_tenants_hold_no_domain_together(open_world: OpenWorld, zone: Zone) -> None:
    """Anybody may write a name down, so nobody keeps it from its owner; one tenant answers there."""
    world = open_world(TWO_TENANTS)
    other = world.second_tenant()
    mine, theirs = make(world), make(other)
    prove(zone, mine)
    prove(zone, theirs)
    assert verify(other, theirs)["status"] == "ready"
    refused = world.caller().post(f"/custom-domains/{mine['custom_domain_id']}/verify")
    assert (refused.status_code, refused.get_json()["errorCode"]) == (409, "custom_domain_conflict")
    refused = world.caller().post("/custom-domains", BODY)
    assert (refused.status_code, refused.get_json()["errorCode"]) == (409, "custom_domain_conflict")
    assert other.caller().delete(f"/custom-domains/{mine['custom_domain_id']}").status_code == 204
    assert world.caller().get(f"/custom-domains/{mine['custom_domain_id']}").status_code == 200


def test_nobody_takes_the_address_of_a_tenant(open_world: OpenWorld, zone: Zone) -> None:
    world = open_world(TWO_TENANTS)
    there = world.second_tenant().issuer.split("/")[2]
    assert world.caller().post("/custom-domains", {**BODY, "domain": there}).status_code == 409
    assert world.caller().post("/custom-domains", {**BODY, "domain": "id.example.test"}).status_code == 409


def test_no_tenant_moves_to_a_custom_domain(world: World, zone: Zone) -> None:
    made = make(world)
    prove(zone, made)
    verify(world, made)
    with pytest.raises(InstallationError, match="custom domain"):
        world.other_tenant("late", f"https://{DOMAIN}/auth/")


@pytest.mark.parametrize(
    "domain",
    [
        "com",
        "co.uk",
        "localhost",
        "203.0.113.7",
        "a..b.com",
        "-a.example.com",
        "x.com:443",
        "münchen.de",
        "a b.com",
        "a" * 64 + ".example.com",
        "https://login.example.com",
        "*.example.com",
        "login.example.com/",
        "\x00.example.com",
    ],
)
def test_what_nobody_holds_is_refused(world: World, domain: str) -> None:
    answer = world.caller().post("/custom-domains", {**BODY, "domain": domain})
    assert answer.status_code == 400, answer.text
    assert world.caller().get("/custom-domains").get_json() == []


@pytest.mark.parametrize(
    "members",
    [
        {"type": "other"},
        {"tls_policy": "compatible"},
        {"custom_client_ip_header": "x-real-ip"},
        {"domain_metadata": {f"key{number}": "x" for number in range(11)}},
        {"relying_party_identifier": "com"},
        {"relying_party_identifier": "other-shop.com"},
        {"relying_party_identifier": "shop.com"},
        {"relying_party_identifier": "evil.login.acme-shop.com"},
        {"unknown": 1},
    ],
)
def test_bad_bodies(world: World, members: dict[str, Any]) -> None:
    assert world.caller().post("/custom-domains", {**BODY, **members}).status_code == 400


def test_relying_parties_are_the_domain_or_a_name_above(world: World) -> None:
    made = make(world, relying_party_identifier="acme-shop.com")
    assert made["relying_party_identifier"] == "acme-shop.com"
    path = f"/custom-domains/{made['custom_domain_id']}"
    assert "relying_party_identifier" not in world.caller().patch(path, {"relying_party_identifier": None}).get_json()
    assert world.caller().patch(path, {"relying_party_identifier": "com"}).status_code == 400


def test_lists_come_in_the_three_styles_and_can_be_searched(world: World) -> None:
    api = world.caller()
    for number in range(3):
        make(world, domain=f"login{number}.acme-shop.com", domain_metadata={"region": f"r{number}"})
    assert len(api.get("/custom-domains").get_json()) == 3
    page = api.get("/custom-domains", take=2).get_json()
    rest = api.get("/custom-domains", take=2, from_=page["next"]).get_json()
    assert [each["domain"] for each in [*page["custom_domains"], *rest["custom_domains"]]] == [
        f"login{number}.acme-shop.com" for number in range(3)
    ]
    assert "next" not in rest
    assert [each["domain"] for each in api.get("/custom-domains", q="domain:login1*").get_json()] == [
        "login1.acme-shop.com"
    ]
    assert [each["domain"] for each in api.get("/custom-domains", q="domain_metadata.region:r2").get_json()] == [
        "login2.acme-shop.com"
    ]
    assert api.get("/custom-domains", q="nothing:x").status_code == 400
    newest = api.get("/custom-domains", sort="domain:-1", fields="domain").get_json()
    assert newest[0] == {"domain": "login2.acme-shop.com"}
    assert api.get("/custom-domains", sort="status:1").status_code == 400


def test_there_is_an_end_to_domains(world: World) -> None:
    with world.writing() as work:
        for number in range(service.MOST):
            service.create(work, {**BODY, "domain": f"d{number}.acme-shop.com"})
        with pytest.raises(Conflict):
            service.create(work, BODY)


def test_rights(world: World) -> None:
    made = make(world)
    path = f"/custom-domains/{made['custom_domain_id']}"
    reader = world.caller("read:custom_domains")
    assert reader.get(path).status_code == 200
    for answer in (
        reader.post("/custom-domains", BODY),
        reader.post(f"{path}/verify"),
        reader.patch(path, {}),
        reader.delete(path),
        reader.patch("/custom-domains/default", {"domain": DOMAIN}),
        world.caller("create:custom_domains").get("/custom-domains"),
    ):
        assert (answer.status_code, answer.get_json()["errorCode"]) == (403, "insufficient_scope")


def test_only_what_is_verified_becomes_the_default(world: World) -> None:
    make(world)
    assert world.caller().patch("/custom-domains/default", {"domain": DOMAIN}).status_code == 400
    assert world.caller().patch("/custom-domains/default", {"domain": "unknown.acme-shop.com"}).status_code == 400


def test_the_key_of_a_proxy_is_kept_hashed(world: World, zone: Zone) -> None:
    made = make(world, type="self_managed_certs")
    prove(zone, made)
    key = verify(world, made)["cname_api_key"]
    with world.context() as work:
        row = work.rows.get_one(CustomDomain, (world.tenant, made["custom_domain_id"]))
        assert row.proxy_key_hash is not None
        assert key not in row.proxy_key_hash


def test_a_domain_that_does_not_lead_here_is_told(world: World, zone: Zone) -> None:
    made = make(world)
    path = f"/custom-domains/{made['custom_domain_id']}/test"
    assert world.caller().post(path).get_json() == {"success": False, "message": "The domain is not verified."}
    prove(zone, made)
    verify(world, made)
    tried = world.caller().post(path).get_json()
    assert tried["success"] is False
    assert DOMAIN in tried["message"]
