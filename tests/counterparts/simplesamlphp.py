"""A private SimpleSAMLphp: the identity provider and the service provider that much of academia runs."""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.counterparts.program import Program, accepts, free_port
from tests.world.key_pair import certified

INSTALLED = Path("/usr/share/simplesamlphp/www")
PASSWORD = "a source's own password"
PEOPLE = {
    "jane": {
        "uid": ["jane"],
        "mail": ["jane@source.example"],
        "displayName": ["Jane Source"],
        "givenName": ["Jane"],
        "sn": ["Source"],
        "eduPersonAffiliation": ["member", "staff"],
    }
}
CONFIG = """<?php
$config = [
    'baseurlpath' => '{base_url}/',
    'certdir' => '{folder}/cert/',
    'loggingdir' => '{folder}/log/',
    'datadir' => '{folder}/data/',
    'tempdir' => '{folder}/tmp',
    'metadatadir' => '{folder}/metadata',
    'metadata.sources' => [['type' => 'flatfile', 'directory' => '{folder}/metadata']],
    'secretsalt' => 'only for tests on loopback',
    'auth.adminpassword' => 'only for tests',
    'technicalcontact_email' => 'na@example.org',
    'timezone' => 'UTC',
    'logging.level' => 7,
    'logging.handler' => 'file',
    'enable.saml20-idp' => true,
    'enable.adfs-idp' => true,
    'module.enable' => ['exampleauth' => true, 'core' => true, 'saml' => true, 'adfs' => true],
    'store.type' => 'phpsession',
    'session.phpsession.savepath' => '{folder}/sessions',
    'session.cookie.name' => 'SimpleSAML{port}',
    'session.phpsession.cookiename' => 'PHPSESS{port}',
    'session.authtoken.cookiename' => 'SAMLAuth{port}',
    'session.cookie.secure' => false,
    'session.cookie.samesite' => 'Lax',
    'language.default' => 'en',
    'theme.use' => 'default',
    'trusted.url.domains' => null,
    'production' => false,
    'admin.checkforupdates' => false,
];
"""


def is_installed() -> bool:
    """Whether PHP and SimpleSAMLphp are there."""
    return INSTALLED.is_dir() and shutil.which("php") is not None


def php(value: Any) -> str:
    """A value as PHP writes it."""
    if isinstance(value, dict):
        return "[" + ", ".join(f"{php(key)} => {php(each)}" for key, each in value.items()) + "]"
    if isinstance(value, list):
        return "[" + ", ".join(php(each) for each in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, int):
        return str(value)
    return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"


@dataclass
class PrivateSimpleSaml:
    """A running one; ``base_url`` has no slash at its end."""

    base_url: str
    program: Program
    folder: Path
    certificate: str

    @classmethod
    def start(cls, folder: Path, *, name: str = "localhost") -> "PrivateSimpleSaml":
        """Start one on a free port."""
        port = free_port()
        base_url = f"http://{name}:{port}"
        for part in ("config", "cert", "log", "data", "tmp", "metadata", "sessions"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        key, certificate = certified("A source of tests")
        (folder / "cert" / "server.pem").write_text(key)
        (folder / "cert" / "server.crt").write_text(certificate)
        (folder / "config" / "config.php").write_text(
            CONFIG.replace("{base_url}", base_url).replace("{folder}", str(folder)).replace("{port}", str(port))
        )
        env = {
            **os.environ,
            "SIMPLESAMLPHP_CONFIG_DIR": str(folder / "config"),
            "PHP_CLI_SERVER_WORKERS": "3",
        }
        # without its cache of compiled files PHP reads a configuration that was written a moment ago
        settings = ["-d", "error_reporting=0", "-d", "opcache.enable=0"]
        argv = ["php", *settings, "-S", f"127.0.0.1:{port}", "-t", INSTALLED]
        program = Program.start(argv, log_path=folder / "php.log", env=env, cwd=folder)
        program.wait_until(lambda: accepts(port), what="accept connections")
        made = cls(base_url, program, folder, certificate)
        people = {f"{user}:{PASSWORD}": attributes for user, attributes in PEOPLE.items()}
        made.sources = {"userpass": {0: "exampleauth:UserPass", **people}}
        made.write("config/authsources.php", "config", made.sources)
        return made

    def __post_init__(self) -> None:
        self.sources: dict[str, Any] = {}

    # ---- as identity provider
    @property
    def entity_id(self) -> str:
        """How it calls itself as identity provider."""
        return f"{self.base_url}/saml2/idp/metadata.php"

    @property
    def metadata_url(self) -> str:
        """Where its metadata stand."""
        return self.entity_id

    def provide(self, **members: Any) -> None:
        """Be an identity provider."""
        hosted = {
            "host": "__DEFAULT__",
            "privatekey": "server.pem",
            "certificate": "server.crt",
            "auth": "userpass",
            "signature.algorithm": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            "NameIDFormat": "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
            "simplesaml.nameidattribute": "uid",
            **members,
        }
        self.write("metadata/saml20-idp-hosted.php", "metadata", {self.entity_id: hosted})

    def trust(self, entity_id: str, **members: Any) -> None:
        """Know that service provider."""
        self.write("metadata/saml20-sp-remote.php", "metadata", {entity_id: members})

    # ---- as token service
    @property
    def passive_address(self) -> str:
        """Where it takes requests of WS-Federation."""
        return f"{self.base_url}/module.php/adfs/idp/prp.php"

    def issue_tokens(self, realm: str, reply: str) -> None:
        """Be a token service that knows the application of that realm."""
        claims = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"
        names = {"mail": "emailaddress", "displayName": "name", "givenName": "givenname", "sn": "surname"}
        mapped = {name: f"{claims}/{short}" for name, short in names.items()}
        hosted = {
            "host": "__DEFAULT__",
            "privatekey": "server.pem",
            "certificate": "server.crt",
            "auth": "userpass",
            "authproc": {0: {"class": "core:AttributeMap", **mapped}},
        }
        self.write("metadata/adfs-idp-hosted.php", "metadata", {"urn:simplesaml:tokens": hosted})
        known = {"prp": reply, "simplesaml.nameidattribute": "uid"}
        self.write("metadata/adfs-sp-remote.php", "metadata", {realm: known})

    # ---- as service provider
    def consume(self, entity_id: str, provider: str, **members: Any) -> None:
        """Be a service provider called ``entity_id`` of that identity provider."""
        source = {0: "saml:SP", "entityID": entity_id, "idp": provider, **members}
        source = {"privatekey": "server.pem", "certificate": "server.crt", **source}
        self.write("config/authsources.php", "config", {**self.sources, "default-sp": source})

    def rely_on(self, entity_id: str, **members: Any) -> None:
        """Know that identity provider."""
        self.write("metadata/saml20-idp-remote.php", "metadata", {entity_id: members})

    @property
    def test_url(self) -> str:
        """The page that signs in through the service provider and shows what it learned."""
        return f"{self.base_url}/module.php/core/authenticate.php?as=default-sp"

    def write(self, path: str, variable: str, values: dict[str, Any]) -> None:
        """One of its configuration files."""
        lines = [f"${variable} = [];"]
        lines += [f"${variable}[{php(key)}] = {php(value)};" for key, value in values.items()]
        (self.folder / path).write_text("<?php\n" + "\n".join(lines) + "\n")

    @property
    def log(self) -> str:
        """What it said."""
        files = [*sorted((self.folder / "log").glob("*")), self.program.log_path]
        return "\n".join(path.read_text(errors="replace")[-6000:] for path in files)

    def stop(self) -> None:
        """End it."""
        self.program.stop()


def described(document: bytes) -> dict[str, Any]:
    """What a service provider's metadata say, as SimpleSAMLphp wants it entered."""
    from lxml import etree

    root = etree.fromstring(document)
    spaces = {"md": "urn:oasis:names:tc:SAML:2.0:metadata", "ds": "http://www.w3.org/2000/09/xmldsig#"}
    consumer = root.find(".//md:AssertionConsumerService", spaces)
    out = root.find(".//md:SingleLogoutService", spaces)
    keys = [
        {
            "type": "X509Certificate",
            "encryption": each.get("use") in {None, "encryption"},
            "signing": each.get("use") in {None, "signing"},
            "X509Certificate": each.findtext(".//ds:X509Certificate", namespaces=spaces),
        }
        for each in root.iterfind(".//md:KeyDescriptor", spaces)
    ]
    return json.loads(
        json.dumps(
            {
                "entity_id": root.get("entityID"),
                "AssertionConsumerService": consumer.get("Location"),
                "SingleLogoutService": out.get("Location") if out is not None else None,
                "keys": keys,
            }
        )
    )
