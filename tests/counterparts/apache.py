"""A private Apache with mod_auth_openidc: a relying party written in C that many sites run."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.counterparts.program import Program, accepts, free_port

MODULES = Path("/usr/lib/apache2/modules")
LOADED = ("mpm_event", "authn_core", "authz_core", "authz_user", "dir", "mime", "env", "headers", "auth_openidc")

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
LogLevel auth_openidc:info
{directives}
<Directory "{folder}/site">
Require all granted
</Directory>
<Location "/secure">
AuthType openid-connect
Require valid-user
Header always set X-Remote-User "expr=%{{REMOTE_USER}}"
Header always set X-Email "expr=%{{reqenv:OIDC_CLAIM_email}}"
</Location>
"""


def is_installed() -> bool:
    """Whether Apache and the module are there."""
    return (MODULES / "mod_auth_openidc.so").exists() and shutil.which("apache2", path="/usr/sbin:/usr/bin") is not None


@dataclass
class PrivateApache:
    """A running server whose ``/secure`` asks for a login."""

    base_url: str
    program: Program
    folder: Path

    @classmethod
    def start(cls, folder: Path, directives: Mapping[str, str], *, port: int | None = None) -> "PrivateApache":
        """Start one with these directives of mod_auth_openidc; ``folder`` must be readable by its worker's user."""
        port = port or free_port()
        (folder / "site" / "secure").mkdir(parents=True)
        (folder / "site" / "index.html").write_text("open to all")
        (folder / "site" / "secure" / "index.html").write_text("for signed-in people")
        (folder / "mime.types").write_text("text/html html\n")
        text = CONFIGURATION.format(
            load="\n".join(f'LoadModule {name}_module "{MODULES}/mod_{name}.so"' for name in LOADED),
            folder=folder,
            port=port,
            directives="\n".join(f'{name} "{value}"' for name, value in directives.items()),
        )
        configuration = folder / "httpd.conf"
        configuration.write_text(text)
        argv = ["/usr/sbin/apache2", "-f", configuration, "-DFOREGROUND"]
        program = Program.start(argv, log_path=folder / "out.log", cwd=folder)
        program.wait_until(lambda: accepts(port), what="accept connections")
        return cls(f"http://localhost:{port}", program, folder)

    @property
    def log(self) -> str:
        """What the module said."""
        return (self.folder / "error.log").read_text()

    def stop(self) -> None:
        """End it."""
        self.program.stop()
