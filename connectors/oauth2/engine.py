"""Signing in through a provider that is declared as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote

from connectors.contract import Arrival, ConnectorError, Departure, Identity, NativeArrival
from connectors.oauth2 import exchange, id_tokens, native, profiles, requests
from connectors.oauth2.declared import Declared, strategy_of
from connectors.oauth2.documents import alive, garbage
from connectors.oauth2.paths import filled
from connectors.oauth2.provider import IdToken, Provider
from connectors.oauth2.quirks import Call, Quirks
from connectors.strategy import Strategy


class OAuth2Connector(Declared):
    """RedirectConnector for one provider; a subclass names it."""

    def start(self, departure: Departure) -> str:
        """See :class:`connectors.contract.RedirectConnector`."""
        call, quirks = self._call()
        params = self._params(call, departure)
        quirks.authorize(params)
        endpoint = self._filled(call, call.provider.authorization_endpoint)
        return requests.address(endpoint, params) + call.provider.authorize_fragment

    def _params(self, call: Call, departure: Departure) -> dict[str, str]:
        """The authorization request; what protects it is kept with the departure."""
        provider, options = call.provider, call.options
        params = {
            **provider.authorize_params,
            **options.sends(departure.asked),
            provider.client_id_param: call.client_id,
            "response_type": "code",
            "redirect_uri": self._context.callback_url,
            "state": departure.state,
        }
        asked = (departure.connection_scope or "").replace(",", " ").split()
        wanted = list(dict.fromkeys([*requests.scopes(provider, options), *asked]))
        if wanted and provider.scope_param not in params:
            params[provider.scope_param] = provider.scope_separator.join(wanted)
        if provider.response_mode != "query":
            params["response_mode"] = provider.response_mode
        if provider.login_hint and departure.login_hint:
            params["login_hint"] = departure.login_hint
        nonce = provider.id_token is not None and provider.id_token.nonce
        requests.protect(params, departure.keep, pkce=provider.pkce, nonce=nonce)
        return params

    def finish(self, arrival: Arrival) -> Identity:
        """See :class:`connectors.contract.RedirectConnector`."""
        call, quirks = self._call()
        provider = call.provider
        code = requests.code(arrival)
        quirks.arrived(arrival.params)
        grant = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._context.callback_url,
        }
        if provider.pkce:
            grant["code_verifier"] = arrival.kept("verifier")
        answer = self._readable(exchange.ask(call, quirks, self._filled(call, provider.token_endpoint), grant))
        kept = exchange.kept(call, answer)
        if "access_token" not in kept and provider.fetch:
            raise garbage("token endpoint", "no access token")
        claims = self._claims(call, quirks, answer, arrival.keep.get("nonce"))
        userinfo = self._userinfo(call, quirks, answer)
        if provider.id_token is not None and provider.fetch:
            self._same_person(claims, userinfo)
        parts = {
            "token": {name: value for name, value in answer.items() if name not in _TOKENS},
            "id_token": claims,
            "userinfo": userinfo,
        }
        document: dict[str, Any] = {}
        for name in provider.profile_from:
            document |= parts[name]
        document = quirks.profile(document, answer, arrival.params)
        return Identity(
            profiles.account_id(provider.id, document),
            self._attributes(provider, document, parts),
            raw=document,
            tokens=kept,
            session=requests.session_of(claims, answer.get("id_token")),
            told_once=provider.told_once,
        )

    def maps(self, said: Mapping[str, Any]) -> Identity:
        """See :class:`connectors.contract.Maps`. What ``said`` holds may stand in the ID token or at userinfo."""
        call, quirks = self._unchecked()
        document = quirks.profile(dict(said), {}, {})
        parts = dict.fromkeys(("token", "id_token", "userinfo"), document)
        account = profiles.account_id(call.provider.id, document)
        return Identity(account, self._attributes(call.provider, document, parts), raw=document)

    def native(self, arrival: NativeArrival) -> Identity:
        """See :class:`connectors.contract.TakesNativeTokens`."""
        call, quirks = self._call()
        takes = call.provider.native
        if takes is None:
            raise ConnectorError("access_denied", "Nothing is exchanged for what this source gives.")
        if takes.kind == "code":
            endpoint = self._filled(call, call.provider.token_endpoint)
            return native.by_code(call, self._expected(call, None), endpoint, arrival)
        if takes.kind == "id_token":
            return native.by_id_token(call, quirks, self._expected(call, None), arrival)
        return native.by_access_token(call, takes, arrival)

    def _userinfo(self, call: Call, quirks: Quirks, answer: dict[str, Any]) -> dict[str, Any]:
        """What is asked for with the tokens, beside what came with them. Raises ConnectorError."""
        return profiles.fetched(call, quirks, answer) if call.provider.fetch else {}

    def _readable(self, answer: dict[str, Any]) -> dict[str, Any]:
        """The answer of the token endpoint, what was encrypted to us in it opened."""
        return answer

    def _same_person(self, claims: Mapping[str, Any], userinfo: Mapping[str, Any]) -> None:
        requests.same_subject(claims, userinfo)

    def _attributes(
        self, provider: Provider, document: Mapping[str, Any], parts: Mapping[str, Mapping[str, Any]]
    ) -> dict[str, Any]:
        return profiles.attributes(provider, document)

    def refresh(self, account_id: str, tokens: Mapping[str, str]) -> dict[str, str]:
        """See :class:`connectors.contract.RefreshesTokens`."""
        call, quirks = self._call()
        if not call.provider.refreshes or "refresh_token" not in tokens:
            raise ConnectorError("access_denied", "There is nothing to refresh with.")
        grant = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        answer = self._readable(exchange.ask(call, quirks, self._filled(call, call.provider.token_endpoint), grant))
        found = exchange.kept(call, answer)
        if "access_token" not in found:
            raise garbage("token endpoint", "no access token")
        if call.provider.id_token is not None and "id_token" in answer:  # OIDC Core 12.2
            claims = self._claims(call, quirks, answer, None)
            if profiles.account_id(call.provider.id, claims) != account_id:
                raise id_tokens.refused("the refreshed ID token is about somebody else: another sub")
        return {**{name: value for name, value in tokens.items() if name != "expires_at"}, **found}

    def logout_url(self, session: Mapping[str, str], return_to: str) -> str | None:
        """See :class:`connectors.contract.LogsOutAtSource`."""
        endpoint = self.declared().end_session_endpoint
        if endpoint is None:
            return None
        call, _ = self._call()
        back, _, query = return_to.partition("?")  # sources compare the address; what is ours goes beside it
        values = {"client_id": call.client_id, "post_logout_redirect_uri": back, **dict(parse_qsl(query))}
        if "{post_logout_redirect_uri}" in endpoint or "{client_id}" in endpoint:
            return filled(endpoint, lambda name: quote(values.get(name, call.option(name)), safe=""))
        hint = {"id_token_hint": session["hint"]} if session.get("hint") else {}
        return requests.address(self._filled(call, endpoint), {**values, **hint})

    def probe(self) -> Mapping[str, str]:
        """See :class:`connectors.contract.Probed`."""
        call, _ = self._call()
        endpoint = self._filled(call, call.provider.token_endpoint)
        return {"token_endpoint": f"status {alive(call.http.get(endpoint), 'token endpoint').status}"}

    def _claims(self, call: Call, quirks: Quirks, answer: Mapping[str, Any], nonce: str | None) -> dict[str, Any]:
        if call.provider.id_token is None:
            return {}
        token = answer.get("id_token")
        claims = id_tokens.verified(call.http, token, self._expected(call, nonce))
        if "access_token" in answer:
            id_tokens.check_hash(claims, "at_hash", str(answer["access_token"]), str(token))
        return quirks.claims(claims)

    def _expected(self, call: Call, nonce: str | None) -> id_tokens.Expected:
        if call.provider.id_token is None:
            raise ValueError("the provider has no ID tokens")
        return id_tokens.Expected(
            rules=self._rules(call, call.provider.id_token),
            owner=self._context.connection_id,
            client_id=call.client_id,
            now=call.now,
            nonce=nonce,
            secret=call.client_secret,
        )

    def _rules(self, call: Call, rules: IdToken) -> IdToken:
        """With the operator's fields filled in; names of claims stay for the token to fill."""
        issuer = rules.issuer
        for each in call.provider.fields:
            issuer = issuer.replace(f"{{{each.name}}}", call.option(each.name))
        return IdToken(
            issuer=issuer,
            jwks_uri=self._filled(call, rules.jwks_uri),
            algorithms=rules.algorithms,
            issuer_claims=rules.issuer_claims,
            also=rules.also,
            nonce=rules.nonce,
        )


_TOKENS = frozenset({"access_token", "refresh_token", "id_token"})


def strategy(provider: Provider) -> Strategy:
    """The strategy of a provider: its options, its connector."""
    return strategy_of(provider, OAuth2Connector)
