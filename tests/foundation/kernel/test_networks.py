"""What one caller is: an IPv4 address, or the /64 of an IPv6 one."""

from __future__ import annotations

import ast

import pytest

from idp.foundation.kernel.networks import network_of
from tests.house.source import modules, tree


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("", ""),
        ("unix:", "unix:"),
        ("x" * 100, "x" * 64),
    ],
)
def test_the_network_of_an_address(address: str, network: str) -> None:
    assert network_of(address) == network


def test_no_limit_is_kept_by_a_bare_address() -> None:
    """Whoever has an IPv6 network has 2**64 addresses: wherever one is a key it goes through ``network_of``."""
    keyed = {"exceeded", "increment", "limited"}
    found = [
        f"{name}: {ast.unparse(call)}"
        for name in modules()
        if name.startswith("idp.")
        for call in ast.walk(tree(modules()[name]))
        if isinstance(call, ast.Call)
        and getattr(call.func, "attr", getattr(call.func, "id", "")) in keyed
        and any(
            isinstance(part, ast.Attribute) and part.attr == "ip"
            for argument in call.args
            for part in ast.walk(argument)
        )
    ]
    assert found == []
