"""npm ``oidc-provider``: an OpenID provider of somebody else, which signs in whoever types a name."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.counterparts.node import NODE_FOLDER
from tests.counterparts.program import Program, accepts, free_port


@dataclass
class OidcProvider:
    """A running provider."""

    issuer: str
    program: Program

    @classmethod
    def start(
        cls, node: str, folder: Path, clients: Sequence[Mapping[str, Any]], *, env: Mapping[str, str] | None = None
    ) -> "OidcProvider":
        """Start one that knows these clients; ``env`` says what else it is told."""
        port = free_port()
        argv = [node, NODE_FOLDER / "oidc_provider.mjs", str(port), json.dumps(list(clients))]
        program = Program.start(
            argv, log_path=folder / "oidc-provider.log", env={**os.environ, **(env or {})}, cwd=NODE_FOLDER
        )
        program.wait_until(lambda: accepts(port), what="accept connections")
        return cls(f"http://localhost:{port}", program)
