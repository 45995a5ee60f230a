"""A private OpenLDAP on loopback, with groups that know their members and a password policy."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.counterparts.private_ca import PrivateAuthority
from tests.counterparts.program import Program, accepts, free_port

BASE = "dc=example,dc=test"
PEOPLE = f"ou=people,{BASE}"
GROUPS = f"ou=groups,{BASE}"
ADMIN, ADMIN_PASSWORD = f"cn=admin,{BASE}", "an administrator of tests"
SERVICE, SERVICE_PASSWORD = f"cn=reader,{BASE}", "a reader of tests"
PASSWORD = "Correct Horse 9"

CONFIGURATION = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
pidfile {folder}/slapd.pid
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
moduleload ppolicy
TLSCertificateFile {certificate}
TLSCertificateKeyFile {key}
sizelimit 2000
allow bind_anon_cred bind_anon_dn
{security}
database mdb
suffix "{base}"
rootdn "{admin}"
rootpw "{admin_password}"
directory {folder}/db
index objectClass,uid,mail,member,entryUUID eq
access to attrs=userPassword by self write by anonymous auth by * none
access to * by dn.exact="{service}" read by self read by users search by anonymous auth by * none
overlay memberof
overlay ppolicy
ppolicy_default "cn=default,ou=policies,{base}"
ppolicy_use_lockout
"""
TREE = """\
dn: {base}
objectClass: domain
dc: example

dn: {people}
objectClass: organizationalUnit
ou: people

dn: {groups}
objectClass: organizationalUnit
ou: groups

dn: ou=policies,{base}
objectClass: organizationalUnit
ou: policies

dn: cn=default,ou=policies,{base}
objectClass: person
objectClass: pwdPolicy
cn: default
sn: default
pwdAttribute: userPassword
pwdLockout: TRUE
pwdMaxFailure: 50
pwdMustChange: TRUE
pwdMinLength: 8
pwdCheckQuality: 2
pwdInHistory: 2
pwdAllowUserChange: TRUE

dn: {service}
objectClass: person
cn: reader
sn: reader
userPassword: {service_password}

dn: uid=jane,{people}
objectClass: inetOrgPerson
uid: jane
cn: Jane Smith
givenName: Jane
sn: Smith
mail: jane@example.test
userPassword: {password}

dn: uid=twin,{people}
objectClass: inetOrgPerson
uid: twin
cn: A twin
sn: Twin
mail: twins@example.test
userPassword: {password}

dn: uid=other,{people}
objectClass: inetOrgPerson
uid: other
cn: The other (twin)*
sn: Twin
mail: twins@example.test
userPassword: {password}

dn: cn=staff,{groups}
objectClass: groupOfNames
cn: staff
member: uid=jane,{people}

dn: cn=everybody,{groups}
objectClass: groupOfNames
cn: everybody
member: cn=staff,{groups}
member: cn=circle,{groups}

dn: cn=circle,{groups}
objectClass: groupOfNames
cn: circle
member: cn=everybody,{groups}
"""


@dataclass
class PrivateSlapd:
    """One running server."""

    port: int
    tls_port: int
    authority: PrivateAuthority
    program: Program
    folder: Path
    _has_ages: bool = False

    @classmethod
    def start(cls, folder: Path, authority: PrivateAuthority, *, security: str = "") -> "PrivateSlapd":
        """Start one with Jane, who is in groups. Raises FileNotFoundError where none is installed. ``security`` is a
        line of its configuration.
        """
        program = shutil.which("slapd", path="/usr/sbin:/usr/bin:/usr/local/libexec")
        if program is None or shutil.which("ldapadd") is None:
            raise FileNotFoundError("no slapd is installed")
        (folder / "db").mkdir(parents=True)
        certificate, key = authority.server(folder, ["127.0.0.1"])
        names = {
            "base": BASE,
            "people": PEOPLE,
            "groups": GROUPS,
            "admin": ADMIN,
            "admin_password": ADMIN_PASSWORD,
            "service": SERVICE,
            "service_password": SERVICE_PASSWORD,
            "password": PASSWORD,
        }
        configuration = folder / "slapd.conf"
        configuration.write_text(
            CONFIGURATION.format(folder=folder, certificate=certificate, key=key, security=security, **names)
        )
        (folder / "tree.ldif").write_text(TREE.format(**names))
        port, tls_port = free_port(), free_port()
        urls = f"ldap://127.0.0.1:{port} ldaps://127.0.0.1:{tls_port}"
        argv = [program, "-h", urls, "-f", configuration, "-d", "0"]
        running = Program.start(argv, log_path=folder / "log", cwd=folder)
        running.wait_until(lambda: accepts(port) and accepts(tls_port), what="accept connections")
        made = cls(port, tls_port, authority, running, folder)
        made.add((folder / "tree.ldif").read_text())
        return made

    def add(self, ldif: str) -> None:
        """Add entries, or change them, as the administrator."""
        self._run(["ldapmodify", "-a"], ldif)

    def person(self, uid: str, **more: str) -> str:
        """Somebody of their own; answers their name."""
        name = f"uid={uid},{PEOPLE}"
        lines = {"cn": uid, "sn": uid, "userPassword": PASSWORD, **more}
        text = "".join(f"{attribute}: {value}\n" for attribute, value in lines.items())
        self.add(f"dn: {name}\nobjectClass: inetOrgPerson\nuid: {uid}\n{text}")
        return name

    def change(self, name: str, attribute: str, value: str | None) -> None:
        """Replace an attribute, or delete it; one whose name ends in a colon has its value as Base64."""
        lines = (
            f"replace: {attribute.rstrip(':')}\n{attribute}: {value}\n"
            if value is not None
            else f"delete: {attribute}\n"
        )
        self.add(f"dn: {name}\nchangetype: modify\n{lines}")

    def expire(self, name: str) -> None:
        """The person's password is older than it may be."""
        policy = f"cn=ages,ou=policies,{BASE}"
        kinds = "objectClass: person\nobjectClass: pwdPolicy\ncn: ages\nsn: ages\n"
        rules = "pwdAttribute: userPassword\npwdMaxAge: 86400\npwdAllowUserChange: TRUE\n"
        if not self._has_ages:
            self.add(f"dn: {policy}\n{kinds}{rules}")
            self._has_ages = True
        self.change(name, "pwdPolicySubentry", policy)
        lines = "replace: pwdChangedTime\npwdChangedTime: 20200101000000Z\n"
        self._run(["ldapmodify", "-e", "relax"], f"dn: {name}\nchangetype: modify\n{lines}")

    def stop(self) -> None:
        """End it."""
        self.program.stop()

    def _run(self, argv: list[str], text: str) -> None:
        bound = [*argv, "-x", "-H", f"ldaps://127.0.0.1:{self.tls_port}", "-D", ADMIN, "-w", ADMIN_PASSWORD]
        trusting = {**os.environ, "LDAPTLS_REQCERT": "never"}
        done = subprocess.run(bound, input=text, capture_output=True, text=True, check=False, timeout=30, env=trusting)
        if done.returncode:
            raise RuntimeError(f"{argv[0]} failed: {done.stderr}\n{text}")
