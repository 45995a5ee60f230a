"""A private Apache with mod_auth_mellon: a SAML service provider written in C that many sites run."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.counterparts.apache import MODULES
from tests.counterparts.program import Program, accepts, free_port
from tests.world.key_pair import certified

LOADED = ("mpm_event", "authn_core", "authz_core", "authz_user", "dir", "mime", "env", "headers", "auth_mellon")
CONFIGURATION = """\
{load}
ServerName localhost
ServerRoot "{folder}"
PidFile "{folder}/httpd.pid"
ErrorLog "{folder}/error.log"
DefaultRuntimeDir "{folder}"
Mutex file:{folder} default
TypesConfig "{folder}/mime.types"
Listen 127.0.0.1:{port}
DocumentRoot "{folder}/site"
<IfModule unixd_module>
User www-data
Group www-data
</IfModule>
MellonLockFile "{folder}/mellon.lock"
<Directory "{folder}/site">
Require all granted
</Directory>
<Location "/">
MellonEnable info
MellonEndpointPath /mellon
MellonSPentityId "{entity_id}"
MellonSPPrivateKeyFile "{folder}/sp.key"
MellonSPCertFile "{folder}/sp.crt"
MellonIdPMetadataFile "{folder}/idp.xml"
MellonSignatureMethod rsa-sha256
MellonSecureCookie On
MellonCookieSameSite none
</Location>
<Location "/secure">
MellonEnable auth
AuthType Mellon
Require valid-user
Header always set X-Remote-User "expr=%{{REMOTE_USER}}"
Header always set X-Email "expr=%{{reqenv:MELLON_http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress}}"
</Location>
"""


def is_installed() -> bool:
    """Whether Apache and the module are there."""
    return (MODULES / "mod_auth_mellon.so").exists() and shutil.which("apache2", path="/usr/sbin:/usr/bin") is not None


@dataclass
class PrivateMellon:
    """A server whose ``/secure`` asks for a login; it starts once it knows its identity provider."""

    port: int
    folder: Path
    certificate: str
    program: Program | None = None

    @classmethod
    def prepare(cls, folder: Path) -> "PrivateMellon":
        """One that does not run yet; ``folder`` must be readable by its worker's user."""
        (folder / "site" / "secure").mkdir(parents=True)
        (folder / "site" / "index.html").write_text("open to all")
        (folder / "site" / "secure" / "index.html").write_text("for signed-in people")
        (folder / "mime.types").write_text("text/html html\n")
        key, certificate = certified("mellon")
        (folder / "sp.key").write_text(key)
        (folder / "sp.crt").write_text(certificate)
        return cls(free_port(), folder, certificate)

    @property
    def base_url(self) -> str:
        """Without a slash at its end."""
        return f"http://localhost:{self.port}"

    @property
    def entity_id(self) -> str:
        """How it calls itself."""
        return f"{self.base_url}/mellon/metadata"

    @property
    def consumer(self) -> str:
        """Where it wants answers posted to."""
        return f"{self.base_url}/mellon/postResponse"

    def start(self, metadata: bytes) -> None:
        """Start it with the metadata of its identity provider."""
        (self.folder / "idp.xml").write_bytes(metadata)
        text = CONFIGURATION.format(
            load="\n".join(f'LoadModule {name}_module "{MODULES}/mod_{name}.so"' for name in LOADED),
            folder=self.folder,
            port=self.port,
            entity_id=self.entity_id,
        )
        configuration = self.folder / "httpd.conf"
        configuration.write_text(text)
        argv = ["/usr/sbin/apache2", "-f", configuration, "-DFOREGROUND"]
        self.program = Program.start(argv, log_path=self.folder / "out.log", cwd=self.folder)
        self.program.wait_until(lambda: accepts(self.port), what="accept connections")

    @property
    def log(self) -> str:
        """What the module said."""
        return (self.folder / "error.log").read_text()

    def stop(self) -> None:
        """End it."""
        if self.program is not None:
            self.program.stop()
