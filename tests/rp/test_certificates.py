"""Clients with certificates, before an nginx that ends TLS and at our own port: requests, Authlib, openid-client."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from cryptography import x509

from tests.counterparts.http_login import HttpBrowser
from tests.counterparts.management import PASSWORD
from tests.counterparts.private_ca import PrivateAuthority
from tests.counterparts.product import Product, start_product
from tests.counterparts.program import Program, accepts, free_port
from tests.rp.apis import API, StartApi, asked
from tests.world.certificates import Authority, Certified, certified

pytestmark = [pytest.mark.counterpart]
STRICT = "https://strict.example.test/"
"""An API that signs as FAPI has it."""
NODE = Path(__file__).parents[1] / "node"
NGINX = """\
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off;
  large_client_header_buffers 4 16k;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  ssl_certificate {certificate};
  ssl_certificate_key {key};
  proxy_set_header Host localhost:{upstream};
  server {{
    listen 127.0.0.1:{with_certificates} ssl;
    ssl_verify_client optional_no_ca;
    location / {{
      proxy_pass http://127.0.0.1:{upstream};
      proxy_set_header Host localhost:{upstream};
      proxy_set_header X-Client-Cert $ssl_client_escaped_cert;
    }}
  }}
  server {{
    listen 127.0.0.1:{without} ssl;
    location / {{
      proxy_pass http://127.0.0.1:{upstream};
      proxy_set_header Host localhost:{upstream};
      proxy_set_header X-Client-Cert "";
    }}
  }}
}}
"""


@dataclass
class Site:
    """The product: ``mtls`` asks for certificates, ``plain`` asks for none and believes no header."""

    product: Product
    mtls: str
    plain: str
    verify: str
    folder: Path
    authority: Authority

    def files(self, name: str, shown: Certified) -> tuple[str, str]:
        """Certificate and key as clients read them."""
        certificate, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        certificate.write_text(shown.pem)
        key.write_text(shown.key_pem)
        return str(certificate), str(key)

    def client(self, **members: Any) -> str:
        """A machine's client id, with a grant for the API and the Management API."""
        management = self.product.management()
        made = management.create_client(
            app_type="non_interactive", callbacks=[], grant_types=["client_credentials"], **members
        )
        for audience, scope in ((API, "read:things"), (management.audience, "read:clients")):
            management.post("client-grants", {"client_id": made["client_id"], "audience": audience, "scope": [scope]})
        return str(made["client_id"])

    def ask(
        self, client_id: str, shown: tuple[str, str] | None, audience: str = API, base: str = "", **headers: str
    ) -> requests.Response:
        form = {"grant_type": "client_credentials", "audience": audience, "client_id": client_id}
        url = f"{base or self.mtls}/oauth/token"
        return requests.post(url, form, cert=shown, verify=self.verify, headers=headers, timeout=20)


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Behind a proxy that tells the certificate."""
    program_file = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin:/usr/local/sbin")
    if program_file is None:
        pytest.skip("not run: needs nginx")
    folder, (certificate, key) = prepared(tmp_path_factory)
    mtls, plain, port = free_port(), free_port(), free_port()
    base = f"https://localhost:{mtls}"
    settings = {"IDP_CLIENT_CERTIFICATE_HEADER": "X-Client-Cert", "IDP_MTLS_URL": base}
    with started(folder, port, base, f"https://localhost:{plain}", settings) as site:
        configuration = folder / "nginx.conf"
        places = {"folder": folder, "upstream": port, "with_certificates": mtls, "without": plain}
        configuration.write_text(NGINX.format(certificate=certificate, key=key, **places))
        argv = [program_file, "-p", folder, "-c", configuration, "-e", folder / "error.log"]
        program = Program.start(argv, log_path=folder / "nginx.log")
        program.wait_until(lambda: accepts(mtls), what="accept connections")
        yield site
        program.stop()


@pytest.fixture(scope="module")
def direct(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """By its own port, with nothing in front; a header that it would believe of a proxy is set as well."""
    folder, (certificate, key) = prepared(tmp_path_factory)
    mtls, port = free_port(), free_port()
    settings = {
        "IDP_CLIENT_CERTIFICATE_HEADER": "X-Client-Cert",
        "IDP_CLIENT_CERTIFICATE_PROXIES": "192.0.2.1",
        "IDP_MTLS_PORT": str(mtls),
        "IDP_MTLS_CERTIFICATE": str(certificate),
        "IDP_MTLS_KEY": str(key),
    }
    base, plain = f"https://localhost:{mtls}", f"http://localhost:{port}"
    with started(folder, port, base, plain, settings, command="serve") as site:
        yield site


def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[Path, Path]]:
    """A folder with an authority, and a certificate of it for localhost."""
    folder, ours = tmp_path_factory.mktemp("certificates"), PrivateAuthority.make()
    (folder / "ca.pem").write_text(ours.pem)
    return folder, ours.server(folder, ["localhost", "127.0.0.1"])


@contextmanager
def started(
    folder: Path, port: int, base: str, plain: str, settings: dict[str, str], command: str = "dev"
) -> Iterator[Site]:
    """The product, with the API of these tests."""
    authority = Authority()
    (folder / "clients-ca.pem").write_text(authority.own.pem)
    env = {**settings, "IDP_CLIENT_CERTIFICATE_CA": str(folder / "clients-ca.pem")}
    product = start_product(folder / "product", command=command, port=port, env=env)
    management = product.management()
    api = {"identifier": API, "name": "Bound", "scopes": [{"value": "read:things"}], "allow_offline_access": True}
    management.post("resource-servers", api)
    management.post("resource-servers", {**api, "identifier": STRICT, "signing_alg": "PS256"})
    management.patch("tenants/settings", {"mtls": {"enable_endpoint_aliases": True}})
    yield Site(product, base, plain, str(folder / "ca.pem"), folder, authority)
    product.stop()


@pytest.fixture(params=["nginx", "direct"])
def site(request: pytest.FixtureRequest) -> Site:
    """Either."""
    found: Site = request.getfixturevalue(request.param)
    return found


BOUND = {"tls_client_certificate_bound_access_tokens": True}


def test_a_certificate_authenticates_and_binds(site: Site) -> None:
    mine, other = certified("CN=mine"), certified("CN=mine")
    credentials = [{"credential_type": "x509_cert", "pem": mine.pem}]
    client = site.client(
        client_authentication_methods={"self_signed_tls_client_auth": {"credentials": credentials}}, **BOUND
    )
    shown, wrong = site.files("mine", mine), site.files("other", other)
    over = certified("CN=over", days=(-9, -1))
    methods = {"self_signed_tls_client_auth": {"credentials": [{"credential_type": "x509_cert", "pem": over.pem}]}}
    assert site.ask(site.client(client_authentication_methods=methods), site.files("over", over)).status_code in {
        400,
        401,
    }  # nginx has its own
    assert site.ask(client, None).status_code == 401
    assert site.ask(client, wrong).status_code == 401
    assert site.ask(client, shown).status_code == 200
    forged = {"X-Client-Cert": mine.escaped}
    assert site.ask(client, None, **forged).status_code == 401
    assert site.ask(client, wrong, **forged).status_code == 401
    assert site.ask(client, shown, base=site.plain, **forged).status_code == 401

    audience = site.product.management().audience
    token = site.ask(client, shown, audience).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    found = [
        requests.get(f"{base}/api/v2/clients?per_page=1", headers=headers, cert=cert, verify=site.verify, timeout=20)
        for base, cert in ((site.mtls, shown), (site.mtls, wrong), (site.mtls, None), (site.plain, shown))
    ]
    assert [answer.status_code for answer in found] == [200, 401, 401, 401]


def test_authlib_by_a_name(site: Site) -> None:
    credentials = [{"credential_type": "cert_subject_dn", "subject_dn": "CN=billing,O=Example"}]
    client = site.client(client_authentication_methods={"tls_client_auth": {"credentials": credentials}})
    metadata = requests.get(f"{site.product.issuer}.well-known/openid-configuration", timeout=20).json()
    address = metadata["mtls_endpoint_aliases"]["token_endpoint"]
    assert address == f"{site.mtls}/oauth/token"
    session = OAuth2Session(client, token_endpoint_auth_method="none")  # as Authlib does for certificates: the id alone
    known = site.files("billing", site.authority.issue("CN=billing,O=Example"))
    asking = {"grant_type": "client_credentials", "audience": API, "verify": site.verify}
    assert session.fetch_token(address, cert=known, **asking)["token_type"] == "Bearer"
    with pytest.raises(OAuthError, match="invalid_client"):
        session.fetch_token(address, cert=site.files("x", Authority().issue("CN=billing,O=Example")), **asking)


def test_an_api_checks_certificates(nginx: Site, start_api: StartApi) -> None:
    mine = certified("CN=caller")
    credentials = [{"credential_type": "x509_cert", "pem": mine.pem}]
    methods = {"self_signed_tls_client_auth": {"credentials": credentials}}
    client = nginx.client(client_authentication_methods=methods, **BOUND)
    token = nginx.ask(client, nginx.files("caller", mine)).json()["access_token"]
    url = start_api(nginx.product.issuer, "mtls")
    assert asked(url, token, **{"X-Client-Cert": mine.escaped}).json() == {"sub": f"{client}@clients"}
    for headers in ({}, {"X-Client-Cert": certified("CN=caller").escaped}):
        assert asked(url, token, **headers).status_code == 401


# ---- FAPI 2.0
@pytest.mark.parametrize(("site", "method"), [("nginx", "name"), ("direct", "keys")], indirect=["site"])
def test_openid_client_the_whole_way_of_fapi(site: Site, method: str) -> None:
    mine = site.authority.issue("CN=rp", beside=[x509.DNSName("rp.example.test")])
    callback, management = "https://rp.example.test/callback", site.product.management()
    about: dict[str, Any] = {
        "name": {"token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_san_dns": "rp.example.test"},
        "keys": {"token_endpoint_auth_method": "self_signed_tls_client_auth", "jwks": {"keys": [mine.jwk]}},
    }[method]
    client = management.create_client(
        app_type="regular_web",
        callbacks=[callback],
        grant_types=["authorization_code", "refresh_token"],
        compliance_level="fapi2_sp_mtls_mtls",
        jwt_configuration={"alg": "PS256"},
        **about,
    )
    user = management.create_user(connection=site.product.connection)
    certificate, key = site.files(f"rp-{method}", mine)
    environment = {
        "ISSUER": site.product.issuer,
        "CLIENT_ID": client["client_id"],
        "REDIRECT_URI": callback,
        "AUDIENCE": STRICT,
        "CERTIFICATE": certificate,
        "KEY": key,
        "AUTHORITIES": site.verify,
    }
    node = subprocess.Popen(
        ["node", "openid_client_certificates.mjs"],
        cwd=NODE,
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert node.stdout is not None
        assert node.stderr is not None
        address = node.stdout.readline().strip()
        assert address, node.stderr.read()
        browser = HttpBrowser()
        shown = browser.follow(address, callback)
        shown = browser.submit(shown, callback, username=user["email"], password=PASSWORD, action="default")
        out, err = node.communicate(f"{shown.headers['Location']}\n", timeout=60)
        browser.close()
    finally:
        node.kill()
    assert node.returncode == 0, err
    got = json.loads(out)
    assert (got["claims"]["sub"], got["userinfo"]["email"]) == (user["user_id"], user["email"])
    assert (got["told"]["active"], got["told"]["cnf"]) == (True, {"x5t#S256": mine.x5t})
    assert (got["without"], got["nobody"]) == ("invalid_token", "invalid_client")
