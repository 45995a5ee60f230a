"""A realm for browsers: the domain controller of :mod:`.samba_ad` with a web service of ours in it, and people's
tickets for it, from MIT's own programs and library.
"""

import base64
import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.counterparts.program import ROOT
from tests.counterparts.samba_ad import PASSWORD, REALM, PrivateDomain

LIBRARY = ROOT / ".tools" / "python" / "gssapi"
"""Where ``tests/tools/install.sh`` builds the product's extra ``kerberos``, which no lock has: it is no wheel."""
KERBEROS, SPNEGO = "1.2.840.113554.1.2.2", "1.3.6.1.5.5.2"
AES = 24
"""``msDS-SupportedEncryptionTypes``: both lengths, and no RC4."""
NTLM = b"NTLMSSP\0\x01\0\0\0\x97\x82\x08\xe2" + bytes(24)
"""What a browser without a ticket falls back to."""
KRB5_CONF = """\
[libdefaults]
  default_realm = {realm}
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  rdns = false
[realms]
  {realm} = {{
    kdc = {address}
  }}
[domain_realm]
  localhost = {realm}
  .example.test = {realm}
"""


def is_installed() -> bool:
    """Whether the library and the programs are there; makes the library importable."""
    if importlib.util.find_spec("gssapi") is None and LIBRARY.is_dir():
        sys.path.append(str(LIBRARY))
        importlib.invalidate_caches()
    return importlib.util.find_spec("gssapi") is not None and shutil.which("kinit") is not None


@dataclass
class Realm:
    """The domain as clients see it. ``environment`` is what programs of its machines run in."""

    domain: PrivateDomain
    folder: Path

    @classmethod
    def around(cls, domain: PrivateDomain, folder: Path) -> "Realm":
        """Over a running controller."""
        (folder / "krb5.conf").write_text(KRB5_CONF.format(realm=REALM, address=domain.address))
        return cls(domain, folder)

    @property
    def environment(self) -> dict[str, str]:
        """What programs of its machines run in."""
        return {"KRB5_CONFIG": str(self.folder / "krb5.conf")}

    def service(self, account: str, principal: str) -> str:
        """An account for that service; answers its keytab in base64."""
        self.domain.person(account, servicePrincipalName=principal, **{"msDS-SupportedEncryptionTypes": AES})
        return self.keytab(principal)

    def keytab(self, principal: str) -> str:
        """The keys of a principal in base64."""
        file = self.folder / f"{principal.replace('/', '-')}.keytab"
        argv = ["samba-tool", "domain", "exportkeytab", str(file), f"--principal={principal}"]
        configuration = self.domain.folder / "domain" / "etc" / "smb.conf"
        subprocess.run([*argv, "-s", str(configuration)], capture_output=True, text=True, check=True, timeout=60)
        return base64.b64encode(file.read_bytes()).decode()

    def sign_in(self, name: str, *more: str) -> str:
        """Somebody signs in to their machine; answers where their tickets are."""
        cache = f"FILE:{self.folder / f'{name}.tickets'}"
        argv = ["kinit", "-c", cache, *more, name]
        env = {**os.environ, **self.environment}
        subprocess.run(argv, input=f"{PASSWORD}\n", env=env, capture_output=True, text=True, check=True, timeout=60)
        return cache

    def token(self, cache: str, host: str, mechanism: str = SPNEGO, service: str = "HTTP") -> bytes:
        """What a browser with these tickets brings to that host."""
        import gssapi

        before = os.environ.get("KRB5_CONFIG")
        os.environ.update(self.environment)
        try:
            target = gssapi.Name(f"{service}@{host}", gssapi.NameType.hostbased_service)
            tickets = gssapi.Credentials(usage="initiate", store={"ccache": cache})
            asked: Any = gssapi.OID.from_int_seq(mechanism)
            context = gssapi.SecurityContext(name=target, creds=tickets, usage="initiate", mech=asked)
            return bytes(context.step())
        finally:
            os.environ.pop("KRB5_CONFIG")
            if before is not None:
                os.environ["KRB5_CONFIG"] = before


def header(token: bytes) -> str:
    """The header that brings it (RFC 4559 4.2)."""
    return f"Negotiate {base64.b64encode(token).decode()}"
