"""Trust chains that somebody brings along: each is proven as one that was fetched (OpenID Federation 1.0, 10.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from idp.applications.clients import public_keys
from idp.applications.federation import chains
from idp.applications.federation.statements import TrustProblem, is_entity
from tests.world.client_keys import key
from tests.world.federation import Federation

Change = Callable[[Federation], list[Any]]


@pytest.fixture
def federation() -> Federation:
    """One that no server is needed for."""
    made = Federation("https://federation.test")
    made.furnish()
    return made


def proven(federation: Federation, chain: list[Any]) -> chains.Trusted:
    anchor = federation["anchor"]
    anchors = {anchor.id: public_keys.readable(anchor.jwks()["keys"])}
    return chains.proven(chain, federation["rp"].id, anchors)


@pytest.mark.parametrize("with_anchor", [True, False])
def test_a_chain_with_its_anchor_or_without(federation: Federation, with_anchor: bool) -> None:
    found = proven(federation, federation.chain() if with_anchor else federation.chain()[:-1])
    assert found.path == tuple(federation[name].id for name in ("rp", "middle", "anchor"))
    assert found.metadata["client_name"] == "The rp"


def another_superior(federation: Federation) -> list[Any]:
    federation["rp"].hints = [f"{federation.base}/another"]
    return federation.chain()


def somebody_elses(federation: Federation) -> list[Any]:
    federation.describe(federation.add("other", "middle"))
    other = federation["other"]
    return [other.configuration(), federation["middle"].about(other), *federation.chain()[2:]]


def changed(federation: Federation, at: int) -> list[Any]:
    chain = federation.chain()
    head, body, signature = chain[at].split(".")
    return [*chain[:at], f"{head}.{body}.{'A' * len(signature)}", *chain[at + 1 :]]


def by_its_own_word(federation: Federation) -> list[Any]:
    """The subject signs with a key that it names itself, and that its superior does not."""
    federation["rp"].by = key("ES256", "evil")
    federation["rp"].says["jwks"] = {"keys": [key("ES256", "evil").as_dict(private=False)]}
    return federation.chain()


@pytest.mark.parametrize(
    "change",
    [
        another_superior,
        somebody_elses,
        by_its_own_word,
        lambda federation: changed(federation, 0),
        lambda federation: changed(federation, 1),
        lambda federation: changed(federation, 2),
        lambda federation: changed(federation, 3),
        lambda federation: federation.chain()[1:],
        lambda federation: federation.chain()[:1],
        lambda federation: [federation.chain()[0], *federation.chain()[2:]],
        lambda federation: [*federation.chain()[:2], *federation.chain()[1:]],
        lambda federation: [*federation.chain(), federation.chain()[-1]],
        lambda federation: federation.chain()[::-1],
        lambda federation: [federation.chain()[0]] * 11,
        lambda _federation: [],
        lambda _federation: [7, None],
        lambda _federation: ["a.b.c", "nonsense"],
    ],
)
def test_chains_that_prove_nothing(federation: Federation, change: Change) -> None:
    with pytest.raises(TrustProblem):
        proven(federation, change(federation))


@pytest.mark.parametrize("host", ["federation.test.", "federation%2etest", "federation..test", ".test", "[v1.x]"])
def test_a_name_written_otherwise_passes_no_constraint(host: str) -> None:
    """What a superior excludes by its name is not let in by another way to write that."""
    federation = Federation(f"https://{host}")
    federation.furnish()
    for name in ("anchor", "middle"):
        federation[name].tells = {
            below: {"constraints": {"naming_constraints": {"excluded": ["federation.test", ".test"]}}}
            for below in federation[name].tells
        }
    with pytest.raises(TrustProblem, match="names no entity"):
        proven(federation, federation.chain())


@pytest.mark.parametrize("host", ["a.test", "a_b.test:8443", "192.0.2.1", "[2001:db8::1]:443", "xn--bcher-kva.test"])
def test_names_of_hosts(host: str) -> None:
    assert is_entity(f"https://{host}/rp")


@pytest.mark.parametrize(
    "host", ["192.0.2.1", "[2001:db8::1]:443", "3221225985", "0xc0000201", "192.0.2.0x1", "192.513"]
)
@pytest.mark.parametrize("rules", [{"excluded": [".other.test"]}, {"permitted": [".0.2.1", ".513", ".0x1"]}, {}])
def test_who_has_no_name_passes_no_constraint_of_names(host: str, rules: dict[str, Any]) -> None:
    """A host that is an address fits no names and is kept out by none of them (RFC 5280 4.2.1.10)."""
    federation = Federation(f"https://{host}")
    federation.furnish()
    federation["middle"].tells = {"rp": {"constraints": {"naming_constraints": rules}}}
    if not rules:
        assert proven(federation, federation.chain())
        return
    with pytest.raises(TrustProblem, match="naming_constraints"):
        proven(federation, federation.chain())
