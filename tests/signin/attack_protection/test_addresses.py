"""Lists of addresses that a shield leaves alone."""

import pytest

from idp.signin.attack_protection.addresses import listed


@pytest.mark.parametrize(
    ("ip", "entry", "found"),
    [
        ("192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.0/24", True),
        ("192.0.2.7", "::ffff:192.0.2.7", True),
        ("192.0.2.7", "::ffff:192.0.2.0/120", True),
        ("::ffff:192.0.2.7", "192.0.2.0/24", True),
        ("2001:db8::7", "2001:db8::/32", True),
        ("192.0.3.7", "::ffff:192.0.2.0/120", False),
        ("192.0.2.7", "::/0", False),
        ("192.0.2.7", "everybody", False),
        ("", "0.0.0.0/0", False),
    ],
)
def test_who_is_listed(ip: str, entry: str, found: bool) -> None:
    assert listed(ip, [entry]) is found
