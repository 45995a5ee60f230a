"""The token endpoint of a provider: codes and refresh tokens in, tokens out (RFC 6749 4.1.3, 6)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus, urlencode

from connectors.contract import UNAVAILABLE, ConnectorError, HttpAnswer
from connectors.oauth2.documents import MOST_TOKEN, alive, document, garbage
from connectors.oauth2.dpop import BOUND
from connectors.oauth2.paths import look, text
from connectors.oauth2.provider import Fault
from connectors.oauth2.quirks import Call, Quirks

BAD_REQUEST = 400
DENIED = "The identity provider did not sign you in."


def ask(call: Call, quirks: Quirks, url: str, grant: Mapping[str, str]) -> dict[str, Any]:
    """What the token endpoint answers to ``grant``, which holds its parameters beside the client's own.

    :raises ConnectorError: it refuses, answers nonsense, or does not answer.
    """
    provider = call.provider
    answer = _asked(call, quirks, url, grant)
    if quirks.again(url, answer):
        answer = _asked(call, quirks, url, grant)
    said = document(answer, "token endpoint", provider.token_format)
    check(said, provider.faults, answer.status, "token endpoint")
    tokens = look(quirks.token_answer(said), provider.token_at)
    if not isinstance(tokens, dict):
        raise garbage("token endpoint", f"nothing at {provider.token_at}")
    return tokens


def _asked(call: Call, quirks: Quirks, url: str, grant: Mapping[str, str]) -> HttpAnswer:
    provider = call.provider
    form, headers = {**grant, **provider.token_params}, dict(provider.token_headers)
    authenticate(call, quirks.secret(), form, headers)
    quirks.token_request(form, headers)
    quirks.prove("GET" if provider.token_method == "get" else "POST", url, headers)  # noqa: S105 - a word, no secret
    return alive(_sent(call, url, form, headers), "token endpoint")


def authenticate(call: Call, secret: str, form: dict[str, str], headers: dict[str, str]) -> None:
    """Who asks, the way the provider wants it (RFC 6749 2.3.1)."""
    provider = call.provider
    if provider.client_auth == "basic" and secret:
        pair = f"{quote_plus(call.client_id)}:{quote_plus(secret)}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        return
    form[provider.client_id_param] = call.client_id
    if provider.client_auth != "none" and secret:
        form[provider.client_secret_param] = secret


def check(said: Mapping[str, Any], faults: tuple[Fault, ...], status: int, what: str) -> None:
    """What was answered is no error, whatever its status says.

    :raises ConnectorError: it is one.
    """
    if isinstance(said.get("error"), str) or not any(fault.path.startswith("error.") for fault in faults):
        faults = (Fault(path="error"), *faults)  # an object may hold the good news, too: {"error": {"code": "ok"}}
    for fault in faults:
        found = look(said, fault.path)
        if found is not None and found not in fault.fine and found not in ("", {}, []):
            words = next((str(each) for path in fault.message if (each := text(look(said, path)))), "")
            code = text(found) or text(look(found, "code")) or text(look(found, "type")) or "error"
            told = UNAVAILABLE if code == UNAVAILABLE else "access_denied"
            raise ConnectorError(told, DENIED, detail=f"{what}: {code[:200]} {words[:500]}".strip())
    if status >= BAD_REQUEST:
        raise ConnectorError("access_denied", DENIED, detail=f"{what}: status {status}")


def kept(call: Call, answer: Mapping[str, Any]) -> dict[str, str]:
    """The tokens of the answer as an identity keeps them."""
    provider = call.provider
    found = {
        "access_token": text(look(answer, provider.access_token)),
        "refresh_token": text(look(answer, provider.refresh_token)),
        "scope": text(look(answer, "scope")),
        "expires_at": _expires_at(look(answer, provider.expires_in), call.now),
        "token_type": BOUND if str(answer.get("token_type")).lower() == BOUND.lower() else None,
    }
    for name, value in found.items():
        if value is not None and len(value) > MOST_TOKEN:
            raise garbage("token endpoint", f"{name} is longer than {MOST_TOKEN} characters")
    return {name: value for name, value in found.items() if value}


_LONGEST_S = 10 * 365 * 24 * 3600


def _expires_at(seconds: object, now: int) -> str | None:
    said = text(seconds)
    if said is None or not said.isascii() or not said.isdigit() or not 0 < len(said) <= len(str(_LONGEST_S)):
        return None
    return str(now + 1000 * min(int(said), _LONGEST_S))


def _sent(call: Call, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> HttpAnswer:
    method = call.provider.token_method
    if method == "post_json":
        return call.http.post_json(url, dict(form), headers=headers)
    if method == "get":
        return call.http.get(f"{url}{'&' if '?' in url else '?'}{urlencode(form)}", headers=headers)
    return call.http.post_form(url, form, headers=headers)
