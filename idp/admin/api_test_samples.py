"""The token request of an application on its own behalf (RFC 6749 4.4) as something to paste: in a shell, in Python and
in JavaScript. Its secret, or the assertion in its place, comes from the environment.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from idp.applications.clients import tls
from idp.foundation.tenancy.work import Work
from idp.protocol.possession import addresses

BASIC, ASSERTED = "client_secret_basic", frozenset({"private_key_jwt", "client_secret_jwt"})
PUBLIC = "none"
BY_CERTIFICATE = frozenset(tls.METHODS)
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


_SAID = frozenset({"client_id", "client_assertion_type"})
"""What says who the application is."""


@dataclass(frozen=True)
class Sample:
    """A program, by the name of its language."""

    name: str
    text: str


@dataclass(frozen=True)
class Ask:
    """A token request: ``method`` is how the application authenticates (RFC 7591 2), ``scope`` may be empty."""

    endpoint: str
    client_id: str
    method: str
    audience: str
    scope: str

    @property
    def given(self) -> Mapping[str, str]:
        """The parameters that everybody may see."""
        named = {} if self.method == BASIC else {"client_id": self.client_id}
        kind = {"client_assertion_type": ASSERTION_TYPE} if self.method in ASSERTED else {}
        scope = {"scope": self.scope} if self.scope else {}
        return {"grant_type": "client_credentials", **named, **kind, "audience": self.audience, **scope}

    @property
    def proof(self) -> tuple[str, str] | None:
        """The parameter that proves it, and the name under which the environment has that."""
        if self.method in ASSERTED:
            return "client_assertion", "CLIENT_ASSERTION"
        if self.method in {BASIC, PUBLIC, *BY_CERTIFICATE}:
            return None
        return "client_secret", "CLIENT_SECRET"


def base(work: Work, method: str) -> str:
    """Below which address an application that authenticates with ``method`` asks: where certificates are asked for,
    if it shows one and the tenant names such an address (RFC 8705 5).
    """
    issuer = work.config.issuer
    return (addresses.alias_of(work) or issuer) if method in BY_CERTIFICATE else issuer


def of(ask: Ask) -> Sequence[Sample]:
    """In every language."""
    return (Sample("curl", curl(ask)), Sample("python", python(ask)), Sample("javascript", javascript(ask)))


def curl(ask: Ask) -> str:
    """For a shell."""
    given = {name: value for name, value in ask.given.items() if name not in _SAID}
    return call(ask.endpoint, ask.client_id, ask.method, given)


def call(endpoint: str, client_id: str, method: str, given: Mapping[str, str]) -> str:
    """A POST of these parameters by an application that authenticates with ``method``, for a shell."""
    proving = Ask(endpoint, client_id, method, "", "")
    said = {**given, **{name: value for name, value in proving.given.items() if name in _SAID}}
    lines = [f"curl --request POST {shlex.quote(endpoint)}"]
    if method == BASIC:
        lines.append(f'--user {shlex.quote(client_id)}:"$CLIENT_SECRET"')
    if method in BY_CERTIFICATE:
        lines.append('--cert "$CLIENT_CERTIFICATE" --key "$CLIENT_KEY"')
    lines += [f"--data-urlencode {shlex.quote(f'{name}={value}')}" for name, value in said.items()]
    if proving.proof is not None:
        name, variable = proving.proof
        lines.append(f'--data-urlencode "{name}=${variable}"')
    return " \\\n  ".join(lines)


def python(ask: Ask) -> str:
    """With requests."""
    members = [f"    {json.dumps(name)}: {json.dumps(value)}," for name, value in ask.given.items()]
    if ask.proof is not None:
        members.append(f'    "{ask.proof[0]}": os.environ["{ask.proof[1]}"],')
    more = ""
    if ask.method == BASIC:
        more = f', auth=({json.dumps(ask.client_id)}, os.environ["CLIENT_SECRET"])'
    if ask.method in BY_CERTIFICATE:
        more = ', cert=(os.environ["CLIENT_CERTIFICATE"], os.environ["CLIENT_KEY"])'
    body = "\n".join(members)
    return (
        f'"""pip install requests"""\nimport os\n\nimport requests\n\nasked = {{\n{body}\n}}\n'
        f"answer = requests.post({json.dumps(ask.endpoint)}, data=asked{more}, timeout=10)\n"
        'print(answer.json()["access_token"])'
    )


def javascript(ask: Ask) -> str:
    """For Node.js; a certificate is the concern of its agent."""
    members = [f"  {name}: {json.dumps(value)}," for name, value in ask.given.items()]
    if ask.proof is not None:
        members.append(f"  {ask.proof[0]}: process.env.{ask.proof[1]},")
    body = "\n".join(members)
    head = ""
    if ask.method == BASIC:
        named = json.dumps(f"{ask.client_id}:")
        head = f'const proof = Buffer.from({named} + process.env.CLIENT_SECRET).toString("base64");\n'
    headers = ", headers: { Authorization: `Basic ${proof}` }" if ask.method == BASIC else ""
    return (
        f"{head}const body = new URLSearchParams({{\n{body}\n}});\n"
        f'const answer = await fetch({json.dumps(ask.endpoint)}, {{ method: "POST", body{headers} }});\n'
        "console.log((await answer.json()).access_token);"
    )
