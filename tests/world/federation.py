"""A federation on this machine: an anchor, an intermediate and a relying party, at one site with TLS of an authority of
the test. What each says may be changed, and who asked is remembered.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, request

from tests.world.application import Attempt
from tests.world.client_keys import key, public, signed
from tests.world.world import CALLBACK, World

KIND = "entity-statement+jwt"
PARTY = "openid_relying_party"
WELL_KNOWN = "/.well-known/openid-federation"


@dataclass
class Entity:
    """One entity. ``says`` are members of its configuration, ``tells`` of its statements about each of those below it;
    ``head`` changes the headers of what it signs, ``by`` is the key that it signs with in place of its own.
    """

    site: Federation
    name: str
    hints: list[str] = field(default_factory=list)
    says: dict[str, Any] = field(default_factory=dict)
    tells: dict[str, dict[str, Any]] = field(default_factory=dict)
    head: dict[str, Any] = field(default_factory=dict)
    told_head: dict[str, Any] = field(default_factory=dict)
    by: Any = None
    told_by: Any = None
    kind: str = f"application/{KIND}"
    status: int = 200

    @property
    def id(self) -> str:
        """Its address."""
        return f"{self.site.base}/{self.name}"

    @property
    def key(self) -> Any:
        """Its federation key."""
        return key("ES256", self.name)

    def jwks(self) -> dict[str, Any]:
        """The public half."""
        return {"keys": [public("ES256", self.name)]}

    def configuration(self) -> str:
        """What it says of itself."""
        now = int(time.time())
        usual = {"iss": self.id, "sub": self.id, "iat": now, "exp": now + 7_200, "jwks": self.jwks()}
        metadata = {"federation_entity": {"federation_fetch_endpoint": f"{self.id}/fetch"}}
        if self.hints:
            usual["authority_hints"] = self.hints
        return signed({**usual, "metadata": metadata, **self.says}, self.by or self.key, **{"typ": KIND, **self.head})

    def about(self, below: Entity) -> str:
        """What it says of another."""
        now = int(time.time())
        usual = {"iss": self.id, "sub": below.id, "iat": now, "exp": now + 7_200, "jwks": below.jwks()}
        told = {**usual, **self.tells.get(below.name, {})}
        return signed(told, self.told_by or self.key, **{"typ": KIND, **self.told_head})


@dataclass
class Federation:
    """All of them. ``asked`` are the paths that were asked for."""

    base: str = ""
    entities: dict[str, Entity] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    asking: threading.Event = field(default_factory=threading.Event)
    """Set once somebody asked an entity what it says of itself."""
    held: threading.Event = field(default_factory=threading.Event)
    """While it is not set, nobody is answered that."""

    def app(self) -> Flask:
        """The site."""
        made = Flask(__name__)

        @made.route(f"/<name>{WELL_KNOWN}")
        def configuration(name: str) -> Response:
            self.asked.append(request.path)
            self.asking.set()
            self.held.wait(60)
            entity = self.entities.get(name)
            if entity is None:
                return Response(status=404)
            return Response(entity.configuration(), status=entity.status, content_type=entity.kind)

        @made.route("/<name>/fetch")
        def fetch(name: str) -> Response:
            self.asked.append(request.full_path)
            below = next((each for each in self.entities.values() if each.id == request.args["sub"]), None)
            entity = self.entities[name]
            if below is None or below.name not in entity.tells:
                return Response('{"error": "not_found"}', status=404, content_type="application/json")
            return Response(entity.about(below), content_type=f"application/{KIND}")

        @made.route("/<name>/keys")
        def keys(name: str) -> Response:
            entity = self.entities[name]
            said = {"iss": entity.id, "sub": entity.id, "iat": int(time.time()), "keys": [public("ES256", "protocol")]}
            return Response(signed(said, entity.key, typ="jwk-set+jwt"), content_type="application/jwk-set+jwt")

        @made.route("/<name>/plain")
        def plain(name: str) -> dict[str, Any]:
            return {"keys": [public("ES256", "protocol")]} if name in self.entities else {}

        return made

    def furnish(self) -> None:
        """An anchor above an intermediate above a relying party, and nothing else said."""
        self.asked.clear()
        self.asking.clear()
        self.held.set()
        self.entities = {name: Entity(self, name) for name in ("anchor", "middle", "rp")}
        anchor, middle, party = self.entities.values()
        middle.hints, party.hints = [anchor.id], [middle.id]
        anchor.tells, middle.tells = {"middle": {}}, {"rp": {}}
        self.describe(party)

    def add(self, name: str, above: str) -> Entity:
        """Another entity, below that one."""
        made = self.entities[name] = Entity(self, name)
        made.hints, self.entities[above].tells[name] = [self.entities[above].id], {}
        return made

    def describe(self, party: Entity, **members: Any) -> None:
        """What a relying party says of itself as one; None takes a member out."""
        usual: dict[str, Any] = {
            "client_name": f"The {party.name}",
            "redirect_uris": [CALLBACK],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "client_registration_types": ["automatic"],
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": {"keys": [public("ES256", "protocol")]},
        }
        said = {name: value for name, value in {**usual, **members}.items() if value is not None}
        party.says = {**party.says, "metadata": {PARTY: said}}

    def __getitem__(self, name: str) -> Entity:
        return self.entities[name]

    def chain(self) -> list[str]:
        """The whole chain of the relying party."""
        anchor, middle, party = (self.entities[name] for name in ("anchor", "middle", "rp"))
        return [party.configuration(), middle.about(party), anchor.about(middle), anchor.configuration()]


def settings(federation: Federation, **more: Any) -> dict[str, Any]:
    """Settings of a tenant that trusts the anchor."""
    anchor = federation["anchor"]
    trusted = [{"entity_id": anchor.id, "jwks": anchor.jwks()}]
    return {"federation": {"enabled": True, "trust_anchors": trusted, "authority_hints": [anchor.id], **more}}


def request_object(world: World, attempt: Attempt, header: Mapping[str, Any] | None = None, **claims: Any) -> str:
    """The attempt as its relying party signs it; None leaves a claim out."""
    now, entity = int(time.time()), attempt.app.client_id
    usual = {"iss": entity, "aud": world.issuer, "iat": now, "exp": now + 60, "jti": secrets.token_urlsafe(9)}
    by = claims.pop("by", None) or key("ES256", "protocol")
    return signed({**attempt.params, **usual, **claims}, by, **{"typ": "oauth-authz-req+jwt", **(header or {})})
