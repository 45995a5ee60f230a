"""The scope-to-claim table and the person behind it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from idp.foundation.tenancy.settings import Compatibility
from idp.protocol.tokens import claims
from idp.protocol.tokens.claims import Subject

JANE = Subject(
    user_id="auth0|1",
    email="jane@example.com",
    email_verified=True,
    username=None,
    phone_number=None,
    phone_verified=None,
    name="Jane",
    nickname="jane",
    given_name=None,
    family_name=None,
    picture=None,
    profile_json='{"locale":"en","sub":"evil","iss":"evil","address":{}}',
    created_at=1_600_000_000_000,
    updated_at=1_700_000_000_999,
    deletion_due=None,
    blocked=False,
)


def test_what_has_no_value_is_absent() -> None:
    found = JANE.claims(Compatibility())
    assert found == {
        "name": "Jane",
        "nickname": "jane",
        "email": "jane@example.com",
        "email_verified": True,
        "locale": "en",
        "updated_at": 1_700_000_000,
        "created_at": "2020-09-13T12:26:40.000Z",
    }


def test_times_follow_the_switch() -> None:
    assert JANE.claims(Compatibility(updated_at_iso=True))["updated_at"] == "2023-11-14T22:13:20.999Z"


def test_a_username_stands_in_for_the_preferred_one() -> None:
    assert replace(JANE, username="jd").claims(Compatibility())["preferred_username"] == "jd"
    own = replace(JANE, username="jd", profile_json='{"preferred_username":"own"}')
    assert own.claims(Compatibility())["preferred_username"] == "own"


@pytest.mark.parametrize("verified", [None, False, True])
def test_verified_claims_are_booleans_beside_their_values(verified: bool | None) -> None:
    found = replace(JANE, phone_number="+491", phone_verified=verified, email=None).claims(Compatibility())
    assert found["phone_number_verified"] is bool(verified)
    assert "email_verified" not in found


def test_scopes_open_their_claims_and_the_claims_parameter_only_standard_ones() -> None:
    assert claims.names_for([]) == set()
    assert claims.names_for(["openid", "unknown"]) == set()
    assert claims.names_for(["email"]) == {"email", "email_verified"}
    assert claims.names_for(["email"], {"name": None, "sub": {"value": "x"}, "is_admin": None}) == {
        "email",
        "email_verified",
        "name",
    }


def test_protocol_claims_are_in_no_scope() -> None:
    protocol = {
        "iss",
        "sub",
        "aud",
        "exp",
        "iat",
        "nonce",
        "auth_time",
        "acr",
        "amr",
        "azp",
        "sid",
        "at_hash",
        "c_hash",
    }
    assert protocol.isdisjoint(claims.STANDARD_CLAIMS)
