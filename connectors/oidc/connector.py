"""Strategies ``oidc``, ``okta`` and ``auth0-oidc``: any OpenID provider, in the back channel (a code) or the front
channel (an ID token that the browser posts).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, cast

from connectors.contract import Arrival, ConnectorContext, ConnectorError, Departure, Identity, LoggedOut
from connectors.oauth2 import encrypted, exchange, id_tokens, profiles, requests
from connectors.oauth2.declared import NOT_SET_UP
from connectors.oauth2.documents import alive, document, garbage
from connectors.oauth2.engine import OAuth2Connector
from connectors.oauth2.generic import STANDARD
from connectors.oauth2.provider import Fetch, IdToken, Provider, Setup
from connectors.oidc import discovery, logout_tokens, mapping
from connectors.oidc.dialect import Dialect
from connectors.oidc.options import DomainOptions, OidcOptions
from connectors.strategy import Strategy, entries

_SCOPES = ("openid", "profile", "email")
_FRONT_SCOPES = ("openid", "profile")
_NAMES_ITSELF = "authorization_response_iss_parameter_supported"
_SETUP = Setup(console="", documentation="https://openid.net/specs/openid-connect-core-1_0.html")


class OidcConnector(OAuth2Connector):
    """See :mod:`connectors.contract`: redirects, refreshes, logs out at the source, hears of logouts, settles."""

    def __init__(self, context: ConnectorContext) -> None:
        super().__init__(context)
        if not isinstance(context.options, OidcOptions):
            raise TypeError("options of another strategy")
        self._options: OidcOptions = context.options

    def issuer(self) -> str | None:
        """See :class:`connectors.contract.RedirectConnector`."""
        return self._options.issuer or None

    def declared(self) -> Provider:
        """See :class:`connectors.oauth2.engine.OAuth2Connector`."""
        options = self._options
        wanted = options.attribute_map.userinfo_scope if options.attribute_map else None
        own = options.scopes() or list(_FRONT_SCOPES if options.front_channel else _SCOPES)
        settings = options.connection_settings
        pkce = (settings.pkce if settings else None) or "auto"
        userinfo = options.userinfo_endpoint if not options.front_channel else None
        method = options.token_endpoint_auth_method or "client_secret_post"
        return Provider(
            name=self._context.strategy.name,
            display_name=self._context.connection_name,
            authorization_endpoint=options.authorization_endpoint or "",
            token_endpoint=options.token_endpoint or "",
            setup=_SETUP,
            id="sub",
            profile=STANDARD,
            id_token=IdToken(
                issuer=options.issuer or "",
                jwks_uri=options.jwks_uri or "",
                algorithms=tuple(options.id_token_signed_response_algs or ("RS256",)),
            ),
            fetch=(Fetch(url=userinfo),) if userinfo else (),
            email_verified="email_verified",
            scopes=tuple(dict.fromkeys(("openid", *own, *(wanted or "").split()))),
            client_auth=cast(Literal["basic", "post", "none"], _AUTH[method]),
            pkce=False if options.front_channel or pkce == "disabled" else "plain" if pkce == "plain" else True,
            login_hint=True,
            token_format="json",  # noqa: S106 - a word, no secret
            issuer=options.issuer or None,
            end_session_endpoint=options.signs_out_at(),
            quirks=lambda call: Dialect(call, self._context, self._options),
        )

    def start(self, departure: Departure) -> str:
        """See :class:`connectors.contract.RedirectConnector`."""
        options = self._options
        if options.front_channel:
            call, _ = self._call()
            params = self._params(call, departure) | {"response_type": "id_token", "response_mode": "form_post"}
            return requests.address(self._filled(call, call.provider.authorization_endpoint), params)
        required = options.metadata.get("require_pushed_authorization_requests") is True
        if options.enable_pushed_authorization_requests or required:
            return self._pushed(departure)
        return super().start(departure)

    def finish(self, arrival: Arrival) -> Identity:
        """See :class:`connectors.contract.RedirectConnector`."""
        if not self._options.front_channel:
            self._check_issuer(arrival.params.get("iss"))
            return super().finish(arrival)
        requests.fail(arrival.params)
        call, quirks = self._call()
        token = self._opened(arrival.params.get("id_token"))
        claims = self._claims(call, quirks, {"id_token": token}, arrival.kept("nonce"))
        return Identity(
            profiles.account_id(call.provider.id, claims),
            mapping.mapped(self._options.attribute_map or None, claims, {}),
            raw=claims,
            session=requests.session_of(claims, token),
        )

    def _check_issuer(self, said: str | None) -> None:
        """A provider that says it names itself has to (RFC 9207 2.4). An ID token in the answer does so already."""
        if self._options.metadata.get(_NAMES_ITSELF) is True and said != self.issuer():
            raise ConnectorError("access_denied", requests.FAILED, detail="iss of the answer is missing or another")

    def settle(self) -> Mapping[str, Any]:
        """See :class:`connectors.contract.Settles`."""
        if self._context.http is None:
            raise ValueError("the connector needs an HTTP client")
        return discovery.pinned(self._context.http, self._options)

    def logged_out(self, message: str) -> LoggedOut:
        """See :class:`connectors.contract.HearsOfLogouts`."""
        call, _ = self._call()
        return logout_tokens.read(call.http, str(self._opened(message)), self._expected(call, None))

    def probe(self) -> Mapping[str, str]:
        """See :class:`connectors.contract.Probed`."""
        call, _ = self._call()
        found: dict[str, str] = {}
        url = self._options.discovered_at()
        if url is not None and (self._options.discovery_url or self._options.metadata):
            said = document(alive(call.http.get(url, headers={"Accept": "application/json"}), "discovery"), "discovery")
            found["issuer"] = str(said.get("issuer"))[:300]
            if said.get("issuer") != self.issuer():
                raise garbage("discovery", f"the issuer is {found['issuer']}, not {self.issuer()}")
        keys = document(alive(call.http.get(self._options.jwks_uri or ""), "keys"), "keys").get("keys")
        found["jwks"] = f"{len(keys) if isinstance(keys, list) else 0} keys"
        if not keys:
            raise garbage("keys", "there are none")
        return found

    def _pushed(self, departure: Departure) -> str:
        """The request goes to the provider directly, and the browser carries a name of it (RFC 9126)."""
        call, quirks = self._call()
        endpoint = self._options.pushed_authorization_request_endpoint
        if not endpoint:
            raise ConnectorError("access_denied", NOT_SET_UP, detail="options lack the endpoint of pushed requests")
        form, headers = self._params(call, departure), dict(call.provider.token_headers)
        exchange.authenticate(call, quirks.secret(), form, headers)
        quirks.token_request(form, headers)
        answer = alive(call.http.post_form(endpoint, form, headers=headers), "pushed request")
        said = document(answer, "pushed request")
        exchange.check(said, (), answer.status, "pushed request")
        name = said.get("request_uri")
        if not isinstance(name, str) or not 0 < len(name) <= requests.MOST_CODE:
            raise garbage("pushed request", "no request_uri")
        found = {"client_id": call.client_id, "request_uri": name}
        return requests.address(call.provider.authorization_endpoint, found)

    def _readable(self, answer: dict[str, Any]) -> dict[str, Any]:
        return {**answer, "id_token": self._opened(answer["id_token"])} if "id_token" in answer else answer

    def _opened(self, token: Any) -> Any:
        """A token that was encrypted to the connection's own key as it was before; any other one as it is."""
        if not isinstance(token, str) or not encrypted.is_encrypted(token):
            return token
        pairs = self._context.keys.decrypting() if self._context.keys is not None else ()
        return encrypted.content(token, pairs).decode("ascii", "replace")

    def _same_person(self, claims: Mapping[str, Any], userinfo: Mapping[str, Any]) -> None:
        if "sub" not in userinfo:
            raise id_tokens.refused("userinfo does not say whom it is about")
        super()._same_person(claims, userinfo)

    def example(self) -> Mapping[str, Any]:
        """See :class:`connectors.contract.Maps`: claims of OpenID Connect Core 5.1."""
        return mapping.EXAMPLE

    def configured(self) -> Mapping[str, str]:
        """See :class:`connectors.contract.Maps`."""
        chosen = self._options.attribute_map
        return {name: str(each) for name, each in (chosen.attributes or {}).items()} if chosen else {}

    def _attributes(
        self, provider: Provider, document: Mapping[str, Any], parts: Mapping[str, Mapping[str, Any]]
    ) -> dict[str, Any]:
        return mapping.mapped(self._options.attribute_map or None, parts["id_token"], parts["userinfo"])


_AUTH: Mapping[str, str] = {
    "client_secret_post": "post",
    "client_secret_basic": "basic",
    "private_key_jwt": "none",
    "none": "none",
}
KEY_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "ES256", "ES384")
_CREDENTIALS = {"client_id": "Client ID", "client_secret": "Client secret"}
_BY_DOMAIN = entries({"domain": ("Domain", "acme.example.com, without https://"), **_CREDENTIALS})
OIDC = Strategy(
    name="oidc",
    called="OpenID Connect",
    asks=entries(
        {
            "discovery_url": (
                "Discovery URL",
                "https://…/.well-known/openid-configuration; the endpoints follow from it.",
            ),
            **_CREDENTIALS,
            "scope": ("Scopes", "openid, profile and email unless you say otherwise."),
        }
    ),
    kind="enterprise",
    amr="fed",
    options=OidcOptions,
    open=OidcConnector,
    ids_by_connection=True,
    page="openid-connect.md",
    key_algorithms=KEY_ALGORITHMS,
)
OKTA = Strategy(
    name="okta",
    kind="enterprise",
    amr="fed",
    options=DomainOptions,
    open=OidcConnector,
    display_name="Okta",
    asks=_BY_DOMAIN,
    ids_by_connection=True,
    page="openid-connect.md",
    key_algorithms=KEY_ALGORITHMS,
)
AUTH0 = Strategy(
    name="auth0-oidc",
    kind="enterprise",
    amr="fed",
    options=DomainOptions,
    open=OidcConnector,
    display_name="Auth0",
    asks=_BY_DOMAIN,
    ids_by_connection=True,
    page="openid-connect.md",
    key_algorithms=KEY_ALGORITHMS,
)
"""A tenant of Auth0, or of ours, as the source: an OpenID provider below a domain."""
