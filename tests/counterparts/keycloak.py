"""A private Keycloak: the identity provider that many companies run, for OpenID Connect and SAML."""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.counterparts.program import ROOT, Program, free_port

INSTALLED = ROOT / ".tools" / "keycloak"
PASSWORD = "a password of keycloak"
REALM = "source"
PERSON = {
    "username": "jane",
    "enabled": True,
    "email": "jane@source.example",
    "emailVerified": True,
    "firstName": "Jane",
    "lastName": "Source",
    "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}],
}


def is_installed() -> bool:
    """Whether it was built beside this checkout, and Java is there."""
    return (INSTALLED / "bin" / "kc.sh").exists() and shutil.which("java") is not None


@dataclass
class PrivateKeycloak:
    """A running server with one realm, in memory."""

    base_url: str
    program: Program

    @classmethod
    def start(
        cls, folder: Path, clients: Sequence[Mapping[str, Any]], providers: Sequence[Mapping[str, Any]] = ()
    ) -> "PrivateKeycloak":
        """Start one whose realm knows these clients and identity providers, as its own export writes them."""
        home = folder / "keycloak"
        (home / "bin").mkdir(parents=True)
        program_file = shutil.copy(INSTALLED / "bin" / "kc.sh", home / "bin")
        for part in ("conf", "lib", "providers", "themes"):
            (home / part).symlink_to(INSTALLED / part)
        imported = home / "data" / "import"
        imported.mkdir(parents=True)
        realm = {
            "realm": REALM,
            "enabled": True,
            "sslRequired": "none",
            "users": [PERSON],
            "clients": list(clients),
            "identityProviders": list(providers),
        }
        (imported / "realm.json").write_text(json.dumps(realm), encoding="utf-8")
        port = free_port()
        env = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG", "JAVA_HOME") if name in os.environ},
            "KC_HOSTNAME": f"http://localhost:{port}",
            "JAVA_OPTS_APPEND": "-Xms96m -Xmx384m -XX:TieredStopAtLevel=1 -Djava.net.preferIPv4Stack=true",
        }
        argv = [
            program_file,
            "start",
            "--optimized",
            "--cache=local",
            "--import-realm",
            f"--http-port={port}",
            "--http-host=127.0.0.1",
            "--http-enabled=true",
        ]
        program = Program.start(argv, log_path=folder / "keycloak.log", env=env, cwd=home)
        started = cls(f"http://localhost:{port}", program)
        program.wait_until(started.answers, seconds=240, what="answer for its realm")
        return started

    @property
    def realm_url(self) -> str:
        """The realm's address, which is its issuer."""
        return f"{self.base_url}/realms/{REALM}"

    @property
    def metadata_url(self) -> str:
        """Where it describes itself as an identity provider of SAML."""
        return f"{self.realm_url}/protocol/saml/descriptor"

    def stop(self) -> None:
        """End it."""
        self.program.stop()

    def answers(self) -> bool:
        """Whether its realm is there."""
        try:
            return requests.get(self.realm_url, timeout=5).status_code == 200
        except requests.RequestException:
            return False
