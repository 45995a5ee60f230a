"""A provider in memory: what connectors ask over HTTP, the tests answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import msgspec
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, RSAKey

from connectors.contract import Arrival, ConnectorContext, ConnectorError, Departure, Identity
from connectors.strategy import Strategy

NOW = 1_800_000_000_000
CALLBACK = "https://id.example.test/login/callback"
ISSUER = "https://op.example.test"
AUTHORIZE, TOKEN, USERINFO, JWKS = (f"{ISSUER}/{name}" for name in ("authorize", "token", "userinfo", "jwks"))
KEY = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})
OTHER = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})
Key = RSAKey | ECKey | OctKey


@dataclass(frozen=True)
class Said:
    """An answer."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "application/json"})

    def json(self) -> object:
        """The body as JSON."""
        try:
            return msgspec.json.decode(self.body)
        except RecursionError as error:
            raise ValueError("too deep") from error


def said(document: Any, status: int = 200) -> Said:
    """A JSON answer."""
    return Said(status, msgspec.json.encode(document))


def form(**members: str) -> Said:
    """A form as an answer."""
    return Said(200, urlencode(members).encode(), {"content-type": "application/x-www-form-urlencoded"})


@dataclass
class Asked:
    """One call that was made."""

    method: str
    url: str
    sent: Mapping[str, Any]
    headers: Mapping[str, str]


@dataclass
class FakeHttp:
    """An HTTP client whose answers stand in ``routes``, by address without query. A callable gets what was asked."""

    routes: dict[str, Said | Callable[[Asked], Said]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Said:
        """See :class:`connectors.contract.HttpClient`."""
        return self._answer(Asked("GET", url, dict(parse_qsl(urlsplit(url).query)), headers or {}))

    def post_form(self, url: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None) -> Said:
        """See :class:`connectors.contract.HttpClient`."""
        return self._answer(Asked("POST", url, dict(form), headers or {}))

    def post_json(self, url: str, document: object, *, headers: Mapping[str, str] | None = None) -> Said:
        """See :class:`connectors.contract.HttpClient`."""
        sent = msgspec.to_builtins(document)
        return self._answer(Asked("POST JSON", url, sent if isinstance(sent, dict) else {}, headers or {}))

    def count(self, url: str) -> int:
        """How often that address was asked."""
        return sum(each.url.partition("?")[0] == url for each in self.asked)

    def _answer(self, asked: Asked) -> Said:
        self.asked.append(asked)
        found = self.routes.get(asked.url.partition("?")[0])
        if found is None:
            raise ConnectorError("temporarily_unavailable", "The identity provider does not answer.", detail="no route")
        return found(asked) if callable(found) else found


@dataclass
class Attempt:
    """Somebody who was sent away by a connector."""

    connector: Any
    url: str
    keep: dict[str, str]

    @property
    def params(self) -> dict[str, str]:
        """What the authorization endpoint was sent."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.url).query).items()}

    def back(self, **params: str) -> Identity:
        """They come back."""
        identity: Identity = self.connector.finish(Arrival(params={"code": "c0de", **params}, keep=self.keep))
        return identity


class Clock:
    """A clock that stands."""

    def __init__(self, now: int = NOW) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


def opened(strategy: Strategy, http: FakeHttp, clock: Clock | None = None, **options: Any) -> Any:
    """The connector of a connection with these options."""
    read = strategy.read({**strategy.defaults, **options})
    kind = strategy.connector(read)
    assert kind is not None
    return kind(
        ConnectorContext(
            connection_id="con_1",
            connection_name="acme",
            options=read,
            strategy=strategy,
            callback_url=CALLBACK,
            http=http,
            clock=clock or Clock(),
        )
    )


def away(connector: Any, **departure: Any) -> Attempt:
    """Somebody leaves for the provider."""
    leaving = Departure(**{"state": "st4te", **departure})
    url = connector.start(leaving)
    return Attempt(connector, url, leaving.keep)


def signed(claims: Mapping[str, Any], key: Key = KEY, alg: str = "RS256", **header: Any) -> str:
    """A token."""
    members = {"alg": alg, "kid": "k1", **header}
    payload = msgspec.json.encode(claims)
    return jws.serialize_compact({n: v for n, v in members.items() if v is not None}, payload, key, algorithms=[alg])


def key_set(*keys: Key) -> Said:
    """The public keys."""
    return said({"keys": [key.as_dict(private=False) for key in keys or (KEY,)]})
