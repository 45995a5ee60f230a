"""What OpenID providers may want, or do, beyond OAuth 2.0: assertions of clients, proofs of possession, userinfo as a
token.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import msgspec

from connectors.contract import ConnectorContext, HttpAnswer
from connectors.oauth2 import encrypted, id_tokens
from connectors.oauth2.documents import MOST_TOKEN, bounded, garbage
from connectors.oauth2.dpop import BOUND, Prover
from connectors.oauth2.id_tokens import Expected
from connectors.oauth2.provider import Fetch
from connectors.oauth2.quirks import Call, Quirks
from connectors.oidc.options import BY_KEY, OidcOptions

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_S = 60
JWT = "application/jwt"
_TO_ISSUER = "issuer"
_BAD_REQUEST = 400


class Dialect(Quirks):
    """See :class:`connectors.oauth2.quirks.Quirks`; it lives as long as one exchange, and so does its key."""

    def __init__(self, call: Call, context: ConnectorContext, options: OidcOptions) -> None:
        super().__init__(call)
        self._context = context
        self._options = options
        self._prover: Prover | None = None

    def token_request(self, form: dict[str, str], headers: dict[str, str]) -> None:
        """Shows who we are by a signed assertion, where the connection says so (RFC 7523, OIDC Core 9)."""
        options, seconds = self._options, self.call.now // 1000
        if options.token_endpoint_auth_method != BY_KEY:
            return
        if self._context.signing is None:
            raise ValueError("the connector needs keys")
        to_issuer = options.token_endpoint_jwtca_aud_format == _TO_ISSUER
        claims = {
            "iss": self.call.client_id,
            "sub": self.call.client_id,
            "aud": options.issuer if to_issuer else options.token_endpoint,
            "jti": secrets.token_urlsafe(24),
            "iat": seconds,
            "exp": seconds + ASSERTION_S,
        }
        form["client_assertion_type"] = ASSERTION
        form["client_assertion"] = self._context.signing.sign(
            claims, options.token_endpoint_auth_signing_alg or "RS256"
        )

    def prove(self, method: str, url: str, headers: dict[str, str], token: str | None = None) -> None:
        """A proof of possession with every request for tokens, and with those that are bound (RFC 9449)."""
        if not self._options.dpop_signing_alg:
            return
        if self._prover is None:
            self._prover = Prover(self._options.dpop_signing_alg)
        if token is None:
            headers["DPoP"] = self._prover.proof(method, url, self.call.now)
        elif self._prover.bound:
            headers["DPoP"] = self._prover.proof(method, url, self.call.now, token)
            headers["Authorization"] = f"{BOUND} {token}"

    def again(self, url: str, answer: HttpAnswer) -> bool:
        """Once more with the nonce that the provider wants in proofs."""
        return self._prover is not None and self._prover.heard(url, answer)

    def token_answer(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Whether what was given is bound to our key."""
        if self._prover is not None:
            self._prover.bound = str(answer.get("token_type")).lower() == BOUND.lower()
        return answer

    def fetch(
        self,
        fetch: Fetch,
        url: str,
        params: dict[str, str],
        headers: dict[str, str],
        tokens: Mapping[str, Any],
    ) -> str:
        """Userinfo may come as a token."""
        headers["Accept"] = f"application/json, {JWT}"
        return url

    def content(self, answer: HttpAnswer) -> Any:
        """Userinfo, also where it is signed, encrypted, or both (OIDC Core 5.3.2)."""
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != JWT or answer.status >= _BAD_REQUEST:
            return super().content(answer)
        if len(answer.body) > MOST_TOKEN:
            raise garbage("profile", f"the token is longer than {MOST_TOKEN} characters")
        body = answer.body.strip()
        if encrypted.is_encrypted(body.decode("ascii", "replace")):
            pairs = self._context.keys.decrypting() if self._context.keys is not None else ()
            body = encrypted.content(body.decode("ascii", "replace"), pairs).strip()
            if body.startswith(b"{"):  # encrypted and not signed: it came from the provider's own address
                return _object(body)
        return self._signed(body.decode("ascii", "replace"))

    def _signed(self, token: str) -> dict[str, Any]:
        rules = self.call.provider.id_token
        if rules is None:
            raise ValueError("the provider has no keys")
        expected = Expected(
            rules=rules,
            owner=self._context.connection_id,
            client_id=self.call.client_id,
            now=self.call.now,
        )
        claims = id_tokens.signed(self.call.http, token, expected)
        id_tokens.check_parties(claims, expected)
        if "exp" in claims:
            id_tokens.check_expiry(claims, self.call.now)
        found: dict[str, Any] = bounded(claims, "profile")
        return found


def _object(body: bytes) -> Any:
    try:
        return bounded(msgspec.json.decode(body), "profile")
    except (ValueError, RecursionError) as error:
        raise garbage("profile", "what was encrypted is no JSON") from error
