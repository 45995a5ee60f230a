"""A private Active Directory domain controller: Samba, on a loopback address of its own, since its port is fixed."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.counterparts.private_ca import PrivateAuthority
from tests.counterparts.program import Program

REALM, DOMAIN = "AD.EXAMPLE.TEST", "ADTEST"
BASE = "DC=ad,DC=example,DC=test"
USERS = f"CN=Users,{BASE}"
ADMIN_PASSWORD = "An Administrator 4 tests"
PASSWORD = "Correct Horse 9 battery"
NORMAL, DISABLED = 512, 514
"""``userAccountControl``."""

SMB_CONF = """\
[global]
    netbios name = DC1
    realm = {realm}
    server role = active directory domain controller
    workgroup = {domain}
    interfaces = {address}/8
    bind interfaces only = yes
    server services = ldap, cldap, kdc
    vfs objects = dfs_samba4 acl_xattr xattr_tdb
    private dir = {folder}/private
    state directory = {folder}/state
    cache directory = {folder}/cache
    lock directory = {folder}/state
    pid directory = {folder}/run
    ncalrpc dir = {folder}/run/ncalrpc
    log file = {folder}/log.samba
    tls enabled = yes
    tls certfile = {certificate}
    tls keyfile = {key}
    tls cafile =
"""


@dataclass
class PrivateDomain:
    """One running controller."""

    address: str
    authority: PrivateAuthority
    program: Program
    folder: Path

    @classmethod
    def start(cls, folder: Path, authority: PrivateAuthority) -> "PrivateDomain":
        """Start one with an empty domain. Raises FileNotFoundError where none can be made."""
        samba, tool = shutil.which("samba", path="/usr/sbin:/usr/bin"), shutil.which("samba-tool")
        if samba is None or tool is None or os.getuid() != 0:
            raise FileNotFoundError("no samba is installed, or this is not root")
        pid = os.getpid()
        address = f"127.{20 + pid % 200}.{1 + pid // 200 % 250}.1"
        domain = folder / "domain"
        made = subprocess.run(
            [
                tool,
                "domain",
                "provision",
                f"--realm={REALM}",
                f"--domain={DOMAIN}",
                "--server-role=dc",
                "--dns-backend=NONE",
                f"--adminpass={ADMIN_PASSWORD}",
                f"--targetdir={domain}",
                "--host-name=dc1",
                f"--host-ip={address}",
                "--option=interfaces=lo",
                "--option=bind interfaces only=yes",
                "--option=vfs objects=dfs_samba4 acl_xattr xattr_tdb",
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=110,
        )
        if made.returncode:
            raise RuntimeError(f"no domain: {made.stderr[-2000:]}")
        (domain / "run" / "ncalrpc").mkdir(parents=True)
        certificate, key = authority.server(folder, [address, "dc1.ad.example.test"])
        configuration = domain / "etc" / "smb.conf"
        configuration.write_text(
            SMB_CONF.format(
                realm=REALM, domain=DOMAIN, address=address, folder=domain, certificate=certificate, key=key
            )
        )
        argv = [samba, "-F", "--no-process-group", "-M", "single", "-s", configuration]
        program = Program.start(argv, log_path=folder / "log", cwd=domain)
        started = cls(address, authority, program, folder)
        program.wait_until(started._answers, seconds=60, what="accept connections")
        return started

    @property
    def administrator(self) -> Any:
        """A bound connection of the library, for what tests prepare."""
        import ssl

        import ldap3

        tls = ldap3.Tls(validate=ssl.CERT_NONE)  # the library compares no addresses
        server = ldap3.Server(self.address, port=636, use_ssl=True, tls=tls, get_info=ldap3.NONE)
        name = f"CN=Administrator,{USERS}"
        return ldap3.Connection(server, name, ADMIN_PASSWORD, auto_bind=True, raise_exceptions=True, check_names=False)

    def person(self, name: str, **more: Any) -> str:
        """Somebody with :data:`PASSWORD`; answers their distinguished name."""
        entry = f"CN={name},{USERS}"
        control = more.pop("userAccountControl", NORMAL)
        attributes = {
            "sAMAccountName": name,
            "userPrincipalName": f"{name}@ad.example.test",
            "unicodePwd": f'"{PASSWORD}"'.encode("utf-16-le"),
            "userAccountControl": control,
            **{attribute: value for attribute, value in more.items() if attribute != "pwdLastSet"},
        }
        connection = self.administrator
        connection.add(entry, ["top", "person", "organizationalPerson", "user"], attributes)
        if "pwdLastSet" in more:
            connection.modify(entry, {"pwdLastSet": [("MODIFY_REPLACE", [more["pwdLastSet"]])]})
        connection.unbind()
        return entry

    def group(self, name: str, *members: str) -> str:
        """A group with these members; answers its distinguished name."""
        entry = f"CN={name},{USERS}"
        connection = self.administrator
        connection.add(entry, ["top", "group"], {"sAMAccountName": name, "member": list(members)})
        connection.unbind()
        return entry

    def change(self, entry: str, **attributes: Any) -> None:
        """Replace attributes."""
        connection = self.administrator
        connection.modify(entry, {name: [("MODIFY_REPLACE", [value])] for name, value in attributes.items()})
        connection.unbind()

    def stop(self) -> None:
        """End it."""
        self.program.stop()

    def _answers(self) -> bool:
        import socket

        try:
            socket.create_connection((self.address, 636), timeout=1).close()
        except OSError:
            return False
        return True
