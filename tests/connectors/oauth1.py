"""A provider of OAuth 1.0a in memory. It checks signatures by arithmetic of its own (RFC 5849 3.4), written from the
specification and not from what the product signs with.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from tests.connectors.provider import Said, form, said

_MEMBER = re.compile(r'\s*([A-Za-z0-9_]+)="([^"]*)"\s*')
VERIFIER = "v3rifier"


def encoded(text: str) -> str:
    """RFC 5849 3.6."""
    return quote(text, safe="~")


def base_string(method: str, url: str, params: Sequence[tuple[str, str]]) -> str:
    """RFC 5849 3.4.1; ``params`` without those of the address."""
    parts = urlsplit(url)
    every = [*parse_qsl(parts.query, keep_blank_values=True), *params]
    listed = sorted(
        (encoded(name), encoded(value)) for name, value in every if name not in {"oauth_signature", "realm"}
    )
    normal = "&".join(f"{name}={value}" for name, value in listed)
    return "&".join(map(encoded, (method, f"{parts.scheme}://{parts.netloc}{parts.path}", normal)))


def hmac_sha1(base: str, secret: str, token_secret: str) -> str:
    """RFC 5849 3.4.2."""
    key = f"{encoded(secret)}&{encoded(token_secret)}".encode()
    return base64.b64encode(hmac.new(key, base.encode(), hashlib.sha1).digest()).decode()


@dataclass
class OAuth1Server:
    """Endpoints of one provider. ``refused`` says what was wrong with what it was asked."""

    client_id: str
    secret: str
    request_url: str
    access_url: str
    token: str = "up-access-token"
    token_secret: str = "up-token-secret"
    told: Mapping[str, str] = field(default_factory=dict)
    """What comes with the token."""
    profiles: Mapping[str, Any] = field(default_factory=dict)
    confirmed: bool = True
    refuse_verifier: bool = False
    callback: str = ""
    refused: list[str] = field(default_factory=list)
    nonces: set[str] = field(default_factory=set)
    public_key: Any = None
    """Of RSA-SHA1."""

    def answer(self, method: str, url: str, sent: Mapping[str, str], headers: Mapping[str, str]) -> Said | None:
        """The answer to a signed request; None where it is for somebody else."""
        place = url.partition("?")[0]
        if place not in {self.request_url, self.access_url, *self.profiles}:
            return None
        given = self._members(headers)
        secrets = {"": "", "temporary": "temporary-secret", self.token: self.token_secret}
        token = given.get("oauth_token", "")
        if token not in secrets or not self._signed(method, url, sent, given, secrets[token]):
            self.refused.append(f"signature of {place}")
            return Said(401, b"oauth_problem=signature_invalid")
        if place in self.profiles:
            return said(self.profiles[place]) if token == self.token else Said(401, b"token")
        return self._temporary(given) if "oauth_callback" in given else self._exchanged(given)

    def agreed(self, url: str) -> dict[str, str]:
        """Somebody agrees on its page: what the browser brings back to the callback."""
        query = dict(parse_qsl(urlsplit(url).query))
        if query.get("oauth_token") != "temporary":
            self.refused.append("oauth_token of the authorization")
        back = dict(parse_qsl(urlsplit(self.callback).query))
        return {**back, "oauth_token": query["oauth_token"], "oauth_verifier": VERIFIER}

    def _temporary(self, given: Mapping[str, str]) -> Said:
        self.callback = given["oauth_callback"]
        credentials = {"oauth_token": "temporary", "oauth_token_secret": "temporary-secret"}
        return form(**credentials, **({"oauth_callback_confirmed": "true"} if self.confirmed else {}))

    def _exchanged(self, given: Mapping[str, str]) -> Said:
        if given.get("oauth_token") != "temporary" or given.get("oauth_verifier") != VERIFIER or self.refuse_verifier:
            return Said(401, b"oauth_problem=token_rejected")
        return form(oauth_token=self.token, oauth_token_secret=self.token_secret, **self.told)

    def _members(self, headers: Mapping[str, str]) -> dict[str, str]:
        scheme, _, rest = headers.get("Authorization", "").partition(" ")
        if scheme != "OAuth":
            self.refused.append("no Authorization of OAuth")
        return {name: unquote(value) for name, value in _MEMBER.findall(rest)}

    def _signed(
        self, method: str, url: str, sent: Mapping[str, str], given: Mapping[str, str], token_secret: str
    ) -> bool:
        fresh = given.get("oauth_nonce", "") not in self.nonces
        self.nonces.add(given.get("oauth_nonce", ""))
        base = base_string(method, url, [*given.items(), *sent.items()])
        signature = given.get("oauth_signature", "")
        match given.get("oauth_signature_method"):
            case "HMAC-SHA1":
                fits = signature == hmac_sha1(base, self.secret, token_secret)
            case "PLAINTEXT":
                fits = signature == f"{encoded(self.secret)}&{encoded(token_secret)}"
            case "RSA-SHA1":
                fits = self._rsa(signature, base)
            case _:
                fits = False
        return fits and fresh and given.get("oauth_consumer_key") == self.client_id and bool(given["oauth_timestamp"])

    def _rsa(self, signature: str, base: str) -> bool:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric import padding
        from cryptography.hazmat.primitives.hashes import SHA1

        try:
            self.public_key.verify(base64.b64decode(signature), base.encode(), padding.PKCS1v15(), SHA1())
        except InvalidSignature:
            return False
        return True


@dataclass
class OAuth1Http:
    """The HTTP client of a connector, whose calls end at that provider."""

    server: OAuth1Server

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Said:
        """See :class:`connectors.contract.HttpClient`."""
        return self._answer("GET", url, {}, headers)

    def post_form(self, url: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None) -> Said:
        """See :class:`connectors.contract.HttpClient`."""
        return self._answer("POST", url, form, headers)

    def _answer(self, method: str, url: str, sent: Mapping[str, str], headers: Mapping[str, str] | None) -> Said:
        return self.server.answer(method, url, sent, headers or {}) or Said(404, b"nothing here")
