"""Tokens of ours, read by code that is not ours: xmlsec1 verifies and decrypts what applications get."""

import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from idp.tenant.keys import store
from tests.world.browser import Browser
from tests.world.saml import pair
from tests.world.world import PASSWORD, Person, World

pytestmark = pytest.mark.counterpart
CALLBACK = "https://rp.example.test/signin"


@pytest.fixture
def xmlsec() -> str:
    """The program."""
    found = shutil.which("xmlsec1")
    if found is None:
        pytest.skip("not run: needs xmlsec1 (Debian package xmlsec1)")
    return found


def token_of(world: World, browser: Browser, jane: Person, **addon: str) -> str:
    """The ``wresult`` that an application with that add-on gets."""
    client = world.client(callbacks=[CALLBACK], addons={"wsfed": addon})
    browser.open(f"/wsfed/{client.client_id}")
    browser.submit(username=jane.email, password=PASSWORD)
    return browser.shown.forms[0].fields["wresult"]


def verified(xmlsec: str, document: Path, certificate: Path) -> bool:
    """Whether it finds the signature of the one assertion good."""
    argv = [xmlsec, "--verify", "--pubkey-cert-pem", str(certificate), "--id-attr:AssertionID", "Assertion"]
    return subprocess.run([*argv, str(document)], capture_output=True, check=False).returncode == 0


def test_a_token_is_verified(world: World, browser: Browser, jane: Person, xmlsec: str, tmp_path: Path) -> None:
    result = token_of(world, browser, jane)
    certificate, document = tmp_path / "ours.crt", tmp_path / "token.xml"
    with world.context() as work:
        certificate.write_text(store.ring(work).current("RS256").certificate)
    document.write_text(result)
    assert verified(xmlsec, document, certificate)
    document.write_text(result.replace(jane.email, "evil@example.test"))
    assert not verified(xmlsec, document, certificate)


@pytest.mark.parametrize("algorithm", ["aes256-gcm", "aes256-cbc"])
def test_an_encrypted_token_is_opened(
    world: World, browser: Browser, jane: Person, xmlsec: str, tmp_path: Path, algorithm: str
) -> None:
    theirs = pair("a relying party")
    result = token_of(world, browser, jane, encryptionCert=theirs.certificate, encryptionAlgorithm=algorithm)
    key, document, opened = tmp_path / "their.key", tmp_path / "token.xml", tmp_path / "opened.xml"
    key.write_bytes(theirs.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    document.write_text(result)
    argv = [xmlsec, "--decrypt", "--privkey-pem", str(key), "--output", str(opened), str(document)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert jane.email in opened.read_text()
    certificate = tmp_path / "ours.crt"
    with world.context() as work:
        certificate.write_text(store.ring(work).current("RS256").certificate)
    assert verified(xmlsec, opened, certificate)
