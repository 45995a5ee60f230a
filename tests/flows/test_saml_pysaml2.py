"""pysaml2 as identity provider: another library's signatures (by xmlsec1), encryption and metadata, read by ours, and
our metadata read by it.
"""

from __future__ import annotations

import base64
import shutil
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.world.browser import Browser
from tests.world.key_pair import certified
from tests.world.saml import SamlSource
from tests.world.saml import connect as connected
from tests.world.world import World

pytestmark = [pytest.mark.counterpart]
ENTITY = "https://pysaml2.example.test/idp"
SIGN_IN = "https://saml-source.example.test/sso"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"


@pytest.fixture
def provider(tmp_path: Path) -> Callable[[bytes], Any]:
    """An identity provider that knows the service provider of that metadata document."""
    if shutil.which("xmlsec1") is None:
        pytest.skip("not run: needs xmlsec1 (Debian package xmlsec1)")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from saml2.config import IdPConfig
        from saml2.server import Server
    key, certificate = certified("pysaml2")
    (tmp_path / "key.pem").write_text(key)
    (tmp_path / "cert.pem").write_text(certificate)

    def open_(metadata: bytes | None = None) -> Any:
        (tmp_path / "sp.xml").write_bytes(metadata or b"")
        service = {
            "name": "pysaml2",
            "endpoints": {"single_sign_on_service": [(SIGN_IN, REDIRECT), (SIGN_IN, POST)]},
            "policy": {"default": {"lifetime": {"minutes": 5}, "attribute_restrictions": None}},
        }
        document = {
            "entityid": ENTITY,
            "service": {"idp": service},
            "key_file": str(tmp_path / "key.pem"),
            "cert_file": str(tmp_path / "cert.pem"),
            "xmlsec_binary": shutil.which("xmlsec1"),
            "metadata": {"local": [str(tmp_path / "sp.xml")]} if metadata else {},
            "allow_unknown_attributes": True,
            "signing_algorithm": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            "digest_algorithm": "http://www.w3.org/2001/04/xmlenc#sha256",
        }
        return Server(config=IdPConfig().load(document))

    return open_


@pytest.mark.parametrize("encrypted", [False, True], ids=["signed", "encrypted"])
@pytest.mark.filterwarnings("ignore")
def test_people_of_pysaml2(
    world: World, browser: Browser, provider: Callable[..., Any], encrypted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from saml2 import entity
    from saml2.metadata import entity_descriptor
    from saml2.sigver import CryptoBackendXmlSec1

    run = CryptoBackendXmlSec1._run_xmlsec

    def with_aes(self: Any, command: list[str], files: list[str]) -> Any:
        return run(self, ["aes-256" if part == "des-192" else part for part in command], files)

    # triple DES is what it encrypts with by itself, and has no setting for that
    modern = partial(entity.pre_encryption_part, msg_enc="http://www.w3.org/2001/04/xmlenc#aes256-cbc")
    monkeypatch.setattr(entity, "pre_encryption_part", modern)
    monkeypatch.setattr(CryptoBackendXmlSec1, "_run_xmlsec", with_aes)

    app = world.client()
    described = str(entity_descriptor(provider().config))
    source: SamlSource = connected(
        world, app.client_id, metadataXml=described, signInEndpoint=None, signingCert=None, signSAMLRequest=True
    )
    idp = provider(world.get(f"/samlp/metadata?connection={source.name}").data)
    attempt = app.begin(browser, connection=source.name)
    query = {name: values[0] for name, values in parse_qs(urlsplit(str(browser.left_for)).query).items()}
    request = idp.parse_authn_request(query["SAMLRequest"], REDIRECT, relay_state=query["RelayState"])
    assert request.message.issuer.text == source.audience
    answer = idp.create_authn_response(
        {"mail": ["jane@pysaml2.example"], "givenName": ["Jane"], "surName": ["Doe"]},
        userid="jane",
        name_id=_name_id("jane"),
        authn={"class_ref": "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"},
        sign_response=not encrypted,
        sign_assertion=True,
        encrypt_assertion=encrypted,
        sign_alg="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        digest_alg="http://www.w3.org/2001/04/xmlenc#sha256",
        **idp.response_args(request.message),
    )
    source.answer(browser, base64.b64encode(str(answer).encode()).decode(), query["RelayState"])
    assert browser.answer.error is None, [entry.data["details"] for entry in world.logs("f")]
    claims = attempt.tokens(browser.answer).id_claims
    assert (claims["sub"], claims["email"]) == (f"samlp|{source.name}|jane", "jane@pysaml2.example")


def _name_id(text: str) -> Any:
    from saml2.saml import NameID

    return NameID(text=text, format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent")
