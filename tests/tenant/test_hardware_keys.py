"""Signing keys in a hardware security module: SoftHSM speaks PKCS #11 for the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from idp.tenant.keys import hardware, signer, store
from idp.tenant.keys import service as keys
from tests.counterparts.fixtures import not_run
from tests.world.fixtures import OpenWorld
from tests.world.templates import BARE, Template
from tests.world.world import World

pytestmark = pytest.mark.counterpart
MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN = "4711"


@pytest.fixture
def template() -> Template:
    return BARE


@pytest.fixture
def module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A token of SoftHSM with nothing in it."""
    program = shutil.which("softhsm2-util")
    if program is None or not MODULE.exists():
        not_run("SoftHSM (Debian package softhsm2)")
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    command = [str(program), "--init-token", "--free", "--label", "gatehouse", "--so-pin", PIN, "--pin", PIN]
    subprocess.run(command, check=True, capture_output=True)
    yield str(MODULE)
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before


def test_keys_are_made_and_used_inside(module: str, open_world: OpenWorld) -> None:
    world: World = open_world(IDP_HSM=module, IDP_HSM_PIN=PIN)
    api = world.caller()
    with world.writing() as work:
        for alg in ("RS256", "PS256", "ES256", "RS512", "EdDSA"):
            keys.ensure(work, alg)
    api.post("/keys/signing/rotate")
    api.post("/keys/signing/rotate")
    with world.context() as work:
        for alg in ("RS256", "PS256", "ES256", "RS512", "EdDSA"):
            key = store.ring(work).current(alg)
            held = store.pem(work, key)
            assert held.startswith(hardware.MARK) == (alg != "EdDSA"), alg
            token = signer.sign(work, {"sub": "somebody"}, alg=alg)
            assert signer.verify(work, token)["sub"] == "somebody"
    with world.other_process().context() as work:
        assert signer.verify(work, signer.sign(work, {"sub": "again"}))["sub"] == "again"
        private = store.private_key(work, store.ring(work).current("RS256"))
        with pytest.raises(hardware.ModuleUnavailable):
            private.private_numbers()


def test_a_wrong_pin_is_said_to_be_one(module: str, open_world: OpenWorld) -> None:
    world = open_world()
    settings = world.other_process(pkcs11_module=module, pkcs11_pin="0000").platform.settings
    hardware._sessions.__dict__.clear()
    with pytest.raises(hardware.ModuleUnavailable):
        hardware.generate(settings, "RS256", "kid", bits=2048)
