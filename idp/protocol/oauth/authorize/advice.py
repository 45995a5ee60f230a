"""What is wrong with an authorization request and with its client's registration, in plain words: for whoever sets up
an application and reads an error that may not say more (``idp rp-check``).

Each rule looks at one thing and says all that is wrong with it; the endpoint itself has the last word
(:func:`refusal`).
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from idp.applications.clients import runtime as clients
from idp.applications.clients.runtime import ClientConfig
from idp.applications.resource_servers import runtime as resource_servers
from idp.directory.connections import runtime as connections
from idp.directory.users.attributes import STANDARD_SCOPES
from idp.foundation.kernel.errors import OAuthError, PageError
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth.authorize import pipeline, pushed
from idp.protocol.oauth.authorize.request import Draft
from idp.protocol.oauth.authorize.steps.request_object import read_request
from idp.protocol.oauth.authorize.steps.response import RESPONSE_TYPES

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
BY_REFERENCE = frozenset({"request", "request_uri"})


@dataclass(frozen=True)
class Asked:
    """A request as its URL says it, and the client where there is one of that id. ``params`` are those that count: of
    the URL (``sent``), or of what was pushed or came along in an object.
    """

    work: Work
    url: str
    sent: Mapping[str, str]
    params: Mapping[str, str]
    repeated: frozenset[str]
    client: ClientConfig | None

    @property
    def words(self) -> list[str]:
        """Of the response type."""
        return (self.params.get("response_type") or "").split()

    @property
    def elsewhere(self) -> bool:
        """Whether the request itself stands where nobody read it: an object that is not the client's, or at an address
        of its own.
        """
        return not BY_REFERENCE.isdisjoint(self.params)


def read(work: Work, url: str) -> Asked:
    """The request of an address."""
    pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    names = [name for name, _ in pairs]
    params = dict(pairs)
    client = clients.find(work, params.get("client_id", "")[: clients.MOST_ID])
    repeated = frozenset(each for each in names if names.count(each) > 1)
    return Asked(work, url, params, _meant(work, client, params), repeated, client)


def _meant(work: Work, client: ClientConfig | None, sent: dict[str, str]) -> Mapping[str, str]:
    """The request that was pushed, or is in the object beside it; as it was sent where none can be read here."""
    fetched = not sent.get("request_uri", pushed.PREFIX).startswith(pushed.PREFIX)
    if client is None or fetched or BY_REFERENCE.isdisjoint(sent):
        return sent
    draft = Draft(work, dict(sent), client=client, looking=True)
    read_request(draft)
    return draft.params if draft.problem is None else sent


def found(asked: Asked) -> list[str]:
    """Everything that the rules have to say."""
    return [text for rule in RULES for text in rule(asked)]


def refusal(asked: Asked) -> str | None:
    """What the endpoint would answer now; None: it would begin to sign somebody in."""
    draft = Draft(asked.work, dict(asked.sent), looking=True)
    try:
        pipeline.prove(draft)
        pipeline.check(draft)
    except PageError as problem:
        return f"{problem.error}: {problem.message}"
    except OAuthError as problem:
        return f"{problem.error}: {problem.description}"
    return None


def _address(asked: Asked) -> Iterator[str]:
    said, ours = urlsplit(asked.url), urlsplit(asked.work.config.url)
    if (said.scheme, said.netloc) != (ours.scheme, ours.netloc):
        yield f"The request goes to {said.scheme}://{said.netloc}, but the tenant is at {asked.work.config.url}."
    if said.path != f"{ours.path}authorize":
        yield f"The path is {said.path}; the authorization endpoint is {ours.path}authorize."
    if said.fragment:
        yield "There is a fragment (#...) in the address, which no server sees."
    for name in sorted(asked.repeated):
        yield f"The parameter {name} stands there twice: such requests are refused."


def _beside(asked: Asked) -> Iterator[str]:
    """RFC 9101 6.3: whoever made the request added nothing to it in the browser."""
    added = {name for name, value in asked.sent.items() if asked.params.get(name) != value}
    added -= {*BY_REFERENCE, "client_id"}
    if added:
        yield f"Parameters beside the request itself are passed over: {' '.join(sorted(added))}"


def _client(asked: Asked) -> Iterator[str]:
    named = asked.params.get("client_id")
    if not named:
        yield "There is no client_id."
    elif asked.client is None:
        yield f"There is no application with the client_id {named[:80]} in this tenant."
        if named != named.strip():
            yield "The client_id has spaces around it."


def _redirect(asked: Asked) -> Iterator[str]:
    client, uri = asked.client, asked.params.get("redirect_uri")
    if client is None or asked.elsewhere:
        return
    if not uri:
        yield "There is no redirect_uri: it is needed even where only one is registered."
        return
    if uri in client.data.callbacks:
        return
    known = next((each for each in client.data.callbacks if _differs(uri, each)), None)
    near = difflib.get_close_matches(uri, client.data.callbacks, 1, 0.75)
    if known is not None:
        yield f"The redirect_uri {uri} is not registered; {known} is: {_differs(uri, known)}."
    elif near:
        yield f"The redirect_uri {uri} is not registered; {near[0]} is. They are compared letter by letter."
    else:
        yield f"The redirect_uri {uri} is none of the application's callbacks ({len(client.data.callbacks)} of them)."


def _differs(uri: str, known: str) -> str:
    """In what one way two addresses differ; empty where in none or several."""
    one, other = urlsplit(uri), urlsplit(known)
    ways = {
        "one ends with a slash": uri.rstrip("/") == known.rstrip("/"),
        "http and https are two addresses": one._replace(scheme="") == other._replace(scheme=""),
        "letters differ in case": uri.lower() == known.lower(),
        "the port differs": (one.hostname, one.path, one.scheme) == (other.hostname, other.path, other.scheme)
        and one.netloc != other.netloc,
        "the query differs": one._replace(query="") == other._replace(query=""),
    }
    return next((way for way, holds in ways.items() if holds), "")


def _response(asked: Asked) -> Iterator[str]:
    client, words = asked.client, asked.words
    if asked.elsewhere:
        return
    if not words:
        yield "There is no response_type; applications that redeem a code send response_type=code."
    elif frozenset(words) not in {frozenset(each.split()) for each in RESPONSE_TYPES}:
        yield f"The response_type {' '.join(words)} does not exist."
    elif client is not None and {"token", "id_token"} & set(words) and not client.allows("implicit"):
        yield "Tokens in the answer need the grant type implicit; better redeem a code (response_type=code)."
    elif client is not None and "code" in words and not client.allows("authorization_code"):
        yield "The application lacks the grant type authorization_code."
    if "id_token" in words and not asked.params.get("nonce"):
        yield "An ID token in the answer needs a nonce."


def _pkce(asked: Asked) -> Iterator[str]:
    client, params = asked.client, asked.params
    if client is None or asked.elsewhere or "code" not in asked.words:
        return
    if not params.get("code_challenge"):
        needed = client.public or client.profile is not None
        yield (
            "PKCE is needed: code_challenge is missing."
            if needed
            else ("Without PKCE (code_challenge, code_challenge_method=S256) a stolen code can be redeemed by others.")
        )
    elif params.get("code_challenge_method", "plain") != "S256":
        yield "code_challenge_method has to be S256; without it plain is meant."


def _scopes(asked: Asked) -> Iterator[str]:
    client, wanted = asked.client, (asked.params.get("scope") or "").split()
    if asked.elsewhere or client is None:
        return
    if "openid" not in wanted:
        yield "The scope openid is missing: there will be no ID token."
    audience = asked.params.get("audience") or asked.params.get("resource")
    api = resource_servers.find(asked.work, audience[:600]) if audience else None
    if audience and api is None:
        yield f"There is no API {audience[:200]} in this tenant: its identifier is compared letter by letter."
    offered = set(api.scope_values()) if api is not None else set()
    unknown = [each for each in wanted if each not in STANDARD_SCOPES and each not in offered]
    if unknown:
        why = "the API has no such" if api else "no API is named"
        yield f"Scopes that will be left out, since {why}: {' '.join(unknown)}"
    if "offline_access" in wanted and not client.allows("refresh_token"):
        yield "offline_access is left out: the application lacks the grant type refresh_token."
    if "offline_access" in wanted and api is not None and not api.data.allow_offline_access:
        yield f"offline_access is left out: the API {api.identifier} does not allow it."
    if "online_access" in wanted and not client.allows("refresh_token"):
        yield "online_access is left out: the application lacks the grant type refresh_token."
    if "online_access" in wanted and api is not None and not api.data.allow_online_access:
        yield f"online_access is left out: the API {api.identifier} does not allow it."
    if "online_access" in wanted and client.public:
        yield "online_access of a public client needs a DPoP proof at the token endpoint."


def _state(asked: Asked) -> Iterator[str]:
    if not asked.elsewhere and not asked.params.get("state"):
        yield "There is no state: nothing ties the answer to the browser that asked (PKCE does, where it is used)."


def _registration(asked: Asked) -> Iterator[str]:
    client = asked.client
    if client is None:
        return
    data = client.data
    for uri in data.callbacks:
        parts = urlsplit(uri)
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            yield f"The callback {uri} takes codes over http, where anybody on the way reads them."
        if "*" in uri:
            yield f"The callback {uri} is a pattern: whoever has one of its hosts gets codes."
    if not data.callbacks:
        yield "The application has no callbacks: nobody can be sent back to it."
    if client.allows("password"):
        yield "The grant type password is on: the application sees passwords, and second factors have no page."
    if client.allows("implicit") and "code" in asked.words and len(asked.words) == 1:
        yield "The grant type implicit is on although the application redeems codes: switch it off."
    if not client.public and not data.allowed_logout_urls:
        yield "No logout URLs are registered: after signing out people stay on our page."
    if data.jwt_configuration.alg == "HS256":
        yield "ID tokens are signed with the application's secret (HS256): most libraries want RS256."


def _connections(asked: Asked) -> Iterator[str]:
    if asked.client is None:
        return
    enabled = connections.for_client(asked.work, asked.client.client_id)
    if not enabled:
        yield "No connection is enabled for the application: nobody can sign in to it."
    named = asked.params.get("connection")
    if named and named not in {each.name for each in enabled}:
        yield f"The connection {named[:100]} is not enabled for the application, or does not exist."


RULES: tuple[Callable[[Asked], Iterator[str]], ...] = (
    _address,
    _beside,
    _client,
    _redirect,
    _response,
    _pkce,
    _scopes,
    _state,
    _registration,
    _connections,
)
