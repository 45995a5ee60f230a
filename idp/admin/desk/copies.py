"""An object as something to paste: a call of the Management API in a shell and in Python, an entry of the deploy tool's
file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from idp.admin.desk.resource import Resource
from idp.foundation.kernel.redaction import HIDDEN

READ_ONLY = frozenset(
    {"client_id", "id", "tenant", "global", "signing_keys", "is_system", "callback_url_template", "cross_origin_auth"}
)
"""Members that an object has and no file says."""
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


@dataclass(frozen=True)
class Copy:
    """Something to paste, of a kind: curl, python, yaml."""

    kind: str
    text: str


def of(
    url: str, path: str, resource: Resource, parameters: Mapping[str, str], document: Mapping[str, Any]
) -> Sequence[Copy]:
    """What can be pasted of an object."""
    here = urlsplit(url)
    found = [Copy("curl", curl(f"{here.scheme}://{here.netloc}{here.path.rstrip('/')}{path}"))]
    if resource.api:
        found.append(Copy("python", python(here.netloc, resource.api, parameters)))
    if resource.deploy:
        found.append(Copy("yaml", yaml(resource.deploy, document)))
    return found


def curl(address: str) -> str:
    """The GET of an address; its token is in the environment."""
    return f"curl --globoff '{address}' \\\n  --header \"Authorization: Bearer $TOKEN\""


def python(domain: str, api: str, parameters: Mapping[str, str]) -> str:
    """The same with the official client."""
    given = ", ".join(json.dumps(value) for value in parameters.values())
    return (
        "import os\n\nfrom auth0.management import ManagementClient\n\n"
        f'client = ManagementClient(domain={json.dumps(domain)}, token=os.environ["TOKEN"])\n'
        f"print(client.{api}.get({given}))"
    )


def yaml(kind: str, document: Mapping[str, Any]) -> str:
    """An entry of the deploy tool's file; secrets are none of it."""
    kept = {name: value for name, value in document.items() if name not in READ_ONLY and value != HIDDEN}
    lines = list(_block(kept, "    "))
    return f"{kind}:\n  - {lines[0].strip()}\n" + "\n".join(lines[1:]) if lines else f"{kind}: []"


def _block(value: Mapping[str, Any], indent: str) -> Iterator[str]:
    """YAML 1.2 of which every scalar is JSON."""
    for name, member in value.items():
        key = name if _PLAIN.match(name) else json.dumps(name)
        if isinstance(member, dict) and member:
            yield f"{indent}{key}:"
            yield from _block(member, f"{indent}  ")
        elif isinstance(member, list) and member:
            yield f"{indent}{key}:"
            yield from (f"{indent}  - {json.dumps(each, ensure_ascii=False)}" for each in member)
        else:
            yield f"{indent}{key}: {json.dumps(member, ensure_ascii=False)}"
