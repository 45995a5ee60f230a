"""A person's profile at a provider: the calls that bring it, and what of it is whose attribute of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from connectors.contract import ConnectorError, HttpAnswer
from connectors.oauth2.documents import alive, garbage
from connectors.oauth2.exchange import BAD_REQUEST, check
from connectors.oauth2.paths import Source, filled, look, missing, pick, place, text
from connectors.oauth2.provider import Fetch, Provider
from connectors.oauth2.quirks import Call, Quirks

NO_ID = "The identity provider did not say who you are."


def fetched(call: Call, quirks: Quirks, tokens: Mapping[str, Any]) -> dict[str, Any]:
    """What the calls of the provider bring, one after the other.

    :raises ConnectorError: one that is not optional fails.
    """
    found: dict[str, Any] = {}
    for each in call.provider.fetch:
        try:
            part = _part(call, quirks, each, tokens)
        except ConnectorError:
            if not each.optional:
                raise
            continue
        if each.into:
            found[each.into] = part
        elif isinstance(part, dict):
            found |= part
        else:
            raise garbage("profile", f"no object at {each.at}")
    return found


def attributes(provider: Provider, document: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes of ours that the document says something about. An address counts as proven where the provider says
    so in the way that is declared, and nowhere else (security.md N4).
    """
    found = {name: pick(document, source) for name, source in provider.profile.items()}
    found = {name: each for name, each in found.items() if each is not None}
    found.pop("email_verified", None)
    if "email" in found:
        rule = provider.email_verified
        found["email_verified"] = rule if isinstance(rule, bool) else look(document, rule) is True
    return found


_SOMEBODY: Mapping[str, Any] = {
    "email": "jane@example.com",
    "name": "Jane Doe",
    "given_name": "Jane",
    "family_name": "Doe",
    "nickname": "jane",
    "preferred_username": "jane",
    "picture": "https://example.com/jane.png",
    "locale": "en",
}


def example(provider: Provider) -> dict[str, Any]:
    """A profile as the provider may say it: Jane's, at the places that are declared. Where two attributes have one
    place, it holds her address, which has a form of its own.
    """
    found: dict[str, Any] = {}
    for name, source in sorted({**provider.profile, "id": provider.id}.items(), key=lambda each: each[0] != "email"):
        first = source[0] if isinstance(source, tuple) else source
        value = _SOMEBODY.get(name, "248289761001" if name == "id" else None)
        if value is not None and isinstance(first, str) and first:
            place(found, first, value)
    if "email" in provider.profile and isinstance(provider.email_verified, str):
        place(found, provider.email_verified, value=True)
    return found


def naming(provider: Provider, document: Mapping[str, Any], account: str) -> dict[str, Any]:
    """The document, with the id of its account where it says none: attributes that are never stored were left out."""
    found = dict(document)
    first = provider.id[0] if isinstance(provider.id, tuple) else provider.id
    if text(pick(found, provider.id)) is None and isinstance(first, str):
        found[first] = account
    return found


def account_id(source: Source, document: Mapping[str, Any]) -> str:
    """The id of the account. Raises ConnectorError where the provider gave none."""
    found = text(pick(document, source))
    if found is None:
        raise ConnectorError("access_denied", NO_ID, detail=f"no id at {source}")
    return found


def _part(call: Call, quirks: Quirks, fetch: Fetch, tokens: Mapping[str, Any]) -> Any:
    answer = alive(_asked(call, quirks, fetch, tokens), "profile")
    found = quirks.content(answer)
    if isinstance(found, dict):
        check(found, call.provider.faults, answer.status, "profile")
    elif answer.status >= BAD_REQUEST:
        raise garbage("profile", f"status {answer.status}")
    part = look(found, fetch.at)
    if part is None:
        raise garbage("profile", f"nothing at {fetch.at}")
    return part


def _asked(call: Call, quirks: Quirks, fetch: Fetch, tokens: Mapping[str, Any]) -> HttpAnswer:
    def said(name: str) -> str | None:
        if name == "access_token":
            return text(look(tokens, call.provider.access_token))
        ours = {"client_id": call.client_id, "client_secret": quirks.secret()}
        return ours.get(name) or text(look(tokens, name)) or call.option(name) or None

    templates = (fetch.url, *fetch.headers.values(), *fetch.params.values())
    unknown = [name for template in templates for name in missing(template, said)]
    if unknown:
        raise garbage("profile", f"the token answer has no {', '.join(unknown)}")
    params = {name: str(filled(each, said)) for name, each in fetch.params.items()}
    headers = {
        "Accept": "application/json",
        **{name: str(filled(each, said)) for name, each in fetch.headers.items()},
    }
    entered = {each.name for each in call.provider.fields}  # checked by their patterns, and some are whole addresses
    url = str(filled(fetch.url, lambda name: said(name) if name in entered else quote(said(name) or "", safe="")))
    url = quirks.fetch(fetch, url, params, headers, tokens)
    answer = _sent(call, quirks, fetch, url, params, headers, said("access_token"))
    return (
        _sent(call, quirks, fetch, url, params, headers, said("access_token")) if quirks.again(url, answer) else answer
    )


def _sent(
    call: Call,
    quirks: Quirks,
    fetch: Fetch,
    url: str,
    params: Mapping[str, str],
    headers: dict[str, str],
    token: str | None,
) -> HttpAnswer:
    quirks.prove("GET" if fetch.method == "get" else "POST", url, headers, token)
    if fetch.method == "post_json":
        return call.http.post_json(url, fetch.body or params, headers=headers)
    if fetch.method == "post_form":
        return call.http.post_form(url, params, headers=headers)
    query = f"{'&' if '?' in url else '?'}{urlencode(params)}" if params else ""
    return call.http.get(f"{url}{query}", headers=headers)
