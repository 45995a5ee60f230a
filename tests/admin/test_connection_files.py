"""A connection's files on the dashboard: the keytab of a directory whose people sign in with tickets."""

from __future__ import annotations

import base64
import json
import struct
from typing import Any

import pytest

from tests.admin.conftest import Desk, enter
from tests.admin.test_tokens import rows_with
from tests.world.world import World

LDAP = {
    "urls": ["ldaps://dc.example.test"],
    "base_dn": "dc=example,dc=test",
    "bind_dn": "cn=reader,dc=example,dc=test",
    "bind_password": "a password of the directory",
}


def keytab(principal: str = "HTTP/login.example.test", kind: int = 18, key: bytes = b"k" * 32) -> bytes:
    """A file with one key (MIT krb5, version 0x0502)."""
    parts = [b"EXAMPLE.TEST", *(each.encode() for each in principal.split("/"))]
    names = b"".join(struct.pack(">H", len(each)) + each for each in parts)
    body = struct.pack(">H", len(parts) - 1) + names + struct.pack(">IIBHH", 1, 0, 3, kind, len(key)) + key
    return b"\x05\x02" + struct.pack(">i", len(body)) + body


@pytest.fixture
def corp(world: World) -> str:
    """A connection to a directory; its id."""
    made = world.management()("POST", "/connections", {"name": "corp", "strategy": "ad", "options": LDAP})
    return str(made.json["id"])


def of(connection: str) -> str:
    return f"/admin/authentication/connections/{connection}/files"


def options(world: World, connection: str) -> dict[str, Any]:
    found: dict[str, Any] = world.management().get(f"/connections/{connection}")["options"]
    return found


def test_a_keytab_is_uploaded_replaced_and_removed(world: World, desk: Desk, corp: str) -> None:
    desk.open(of(corp))
    assert (desk.say("file-keytab-state"), desk.has("file-keytab-remove")) == ("Not set", False)
    assert desk.upload("file-keytab-upload", "file", keytab()) == 303
    assert (desk.say("notice"), desk.say("file-keytab-state")) == ("The file was stored.", "Set")
    assert desk.say("file-keytab-held") == "HTTP/login.example.test@EXAMPLE.TEST (aes256-cts-hmac-sha1-96)"
    assert options(world, corp) == {**LDAP, "keytab": base64.b64encode(keytab()).decode()}
    assert desk.upload("file-keytab-upload", "file", keytab("HTTP/other.example.test")) == 303
    assert "other.example.test" in desk.say("file-keytab-held")
    desk.press("file-keytab-remove")
    assert (desk.say("notice"), desk.say("file-keytab-state")) == ("The file was removed.", "Not set")
    assert options(world, corp) == LDAP


def test_what_is_no_keytab_leaves_the_one_that_is_there(world: World, desk: Desk, corp: str) -> None:
    desk.open(of(corp)).upload("file-keytab-upload", "file", keytab())
    for content, reason in (
        (b"", "Choose a file first."),
        (b"not a keytab", "it is no keytab of version 0x0502"),
        (keytab("host/a.test"), "it has no AES key of a service HTTP/"),
        (keytab(key=bytes(60_000)), "length <= 65536"),
    ):
        desk.open(of(corp))
        assert desk.upload("file-keytab-upload", "file", content) == 422
        assert reason in desk.say("file-keytab-problem")
    assert options(world, corp)["keytab"] == base64.b64encode(keytab()).decode()


def test_no_form_and_no_log_shows_it(world: World, desk: Desk, corp: str) -> None:
    """Neither its page, nor the form of options, nor the log has a key; another browser's form removes nothing."""
    secret = base64.b64encode(keytab()).decode()
    desk.open(of(corp)).upload("file-keytab-upload", "file", keytab())
    assert secret not in desk.html
    assert secret not in desk.open(of(corp).replace("/files", "/options")).html
    assert not desk.has("field-options-keytab"), "nor is it asked for as text"
    desk.open(of(corp)).press("file-keytab-remove", csrf="another")
    assert options(world, corp)["keytab"] == secret
    logged = json.dumps([each.data for each in world.logs()])
    assert f"connections/{corp}" in logged
    assert secret not in logged
    assert not rows_with(world, secret), "it is kept sealed"


def test_a_connection_without_files_has_no_such_tab(world: World, desk: Desk) -> None:
    address = f"/admin/authentication/connections/{world.connection_id}"
    assert not desk.open(address).has("tab-files")
    assert desk.open(f"{address}/files").status == 404


def test_of_two_administrators_the_second_is_told(world: World, desk: Desk, corp: str) -> None:
    """An upload is a change of the options as they were when its page answered: it takes nothing back."""
    desk.open(of(corp))
    other = Desk(world, enter(world, world.browser(), of(corp)))
    assert other.upload("file-keytab-upload", "file", keytab()) == 303
    sent = {"options": {**options(world, corp), "group_base_dn": "ou=groups,dc=example,dc=test"}}
    assert world.management()("PATCH", f"/connections/{corp}", sent).status_code == 200
    assert desk.upload("file-keytab-upload", "file", keytab("HTTP/other.example.test")) == 303
    kept = options(world, corp)
    assert (kept["group_base_dn"], kept["bind_password"]) == (sent["options"]["group_base_dn"], LDAP["bind_password"])
