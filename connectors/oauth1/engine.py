"""Signing in through a provider of OAuth 1.0a that is declared as data: one with a ``request_token_endpoint``.

There is no ``state`` in the protocol. It stands in the address that the provider is told to send people back to, which
is part of a signed request; the temporary credentials that come back have to be those of this very departure, and only
the verifier that the browser brought makes them good for anything (RFC 5849 2.2, 4.10).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from connectors.contract import Arrival, ConnectorError, Departure, Identity
from connectors.oauth1 import signed
from connectors.oauth2 import profiles, requests
from connectors.oauth2.declared import Declared, strategy_of
from connectors.oauth2.documents import alive, document, garbage
from connectors.oauth2.exchange import check
from connectors.oauth2.paths import filled, look
from connectors.oauth2.provider import Provider
from connectors.oauth2.quirks import Call
from connectors.strategy import Strategy

_SECRETS = frozenset({"oauth_token", "oauth_token_secret", "oauth_session_handle"})


class OAuth1Connector(Declared):
    """RedirectConnector and Probed for one provider; a subclass names it."""

    def start(self, departure: Departure) -> str:
        """See :class:`connectors.contract.RedirectConnector` (RFC 5849 2.1, 2.2)."""
        call, _ = self._call()
        provider = call.provider
        back = requests.address(self._context.callback_url, {"state": departure.state})
        url = self._filled(call, provider.request_token_endpoint)
        given = signed.exchanged(call, self._method(call), "request token", url, redirect_uri=back)
        if given.get("oauth_callback_confirmed") != "true":  # OAuth 1.0 before it was fixed: session fixation
            raise garbage("request token", "oauth_callback_confirmed is not true")
        departure.keep["token"], departure.keep["secret"] = given["oauth_token"], given["oauth_token_secret"]
        params = {**provider.authorize_params, **call.options.sends(departure.asked)}
        endpoint = self._filled(call, provider.authorization_endpoint)
        return requests.address(endpoint, {**params, "oauth_token": given["oauth_token"]})

    def finish(self, arrival: Arrival) -> Identity:
        """See :class:`connectors.contract.RedirectConnector` (RFC 5849 2.3)."""
        call, _ = self._call()
        verifier = self._verifier(arrival)
        said = {"token": arrival.kept("token"), "token_secret": arrival.kept("secret"), "verifier": verifier}
        url = self._filled(call, call.provider.token_endpoint)
        given = signed.exchanged(call, self._method(call), "token endpoint", url, **said)
        told = {name: value for name, value in given.items() if name not in _SECRETS}
        found = self._userinfo(call, given, told)
        parts: Mapping[str, Mapping[str, Any]] = {"token": told, "userinfo": found, "id_token": {}}
        said_of_them = {name: value for part in call.provider.profile_from for name, value in parts[part].items()}
        tokens = {"access_token": given["oauth_token"], "access_token_secret": given["oauth_token_secret"]}
        return replace(self._identity(call.provider, said_of_them), tokens=tokens)

    def maps(self, said: Mapping[str, Any]) -> Identity:
        """See :class:`connectors.contract.Maps`. What ``said`` holds may come with the token or be asked for."""
        return self._identity(self.declared(), dict(said))

    def _identity(self, provider: Provider, said: Mapping[str, Any]) -> Identity:
        account = profiles.account_id(provider.id, said)
        return Identity(account, self._attributes(provider, said), raw=said)

    def probe(self) -> Mapping[str, str]:
        """See :class:`connectors.contract.Probed`: whether the provider takes a request that we signed."""
        call, _ = self._call()
        url = self._filled(call, call.provider.request_token_endpoint)
        signed.exchanged(call, self._method(call), "request token", url, redirect_uri=self._context.callback_url)
        return {"request_token_endpoint": "takes signed requests"}

    def _verifier(self, arrival: Arrival) -> str:
        """What proves that the browser that agreed is the one that came back. Raises ConnectorError."""
        params = arrival.params
        found = params.get("oauth_verifier", "")
        if not found:  # nobody agreed: providers say so in words of their own, or not at all
            detail = params.get("oauth_problem") or ("denied" if "denied" in params else "no oauth_verifier")
            raise ConnectorError("access_denied", requests.CANCELLED, detail=detail[:200])
        if params.get("oauth_token") != arrival.kept("token"):
            raise ConnectorError("access_denied", requests.FAILED, detail="oauth_token is that of another sign-in")
        if len(found) > requests.MOST_CODE:
            raise ConnectorError("access_denied", requests.FAILED, detail="oauth_verifier is too long")
        return found

    def _userinfo(self, call: Call, given: Mapping[str, str], told: Mapping[str, str]) -> dict[str, Any]:
        """What signed calls bring, one after the other. Raises ConnectorError."""
        found: dict[str, Any] = {}
        for each in call.provider.fetch:
            url = self._filled(call, each.url)
            if each.params:
                params = {name: str(filled(value, told.get)) for name, value in each.params.items()}
                url = f"{url}{'&' if '?' in url else '?'}{urlencode(params)}"
            answer = alive(signed.asked(call, self._method(call), url, given), "profile")
            said = document(answer, "profile")
            check(said, call.provider.faults, answer.status, "profile")
            part = look(said, each.at)
            if not isinstance(part, dict):
                raise garbage("profile", f"no object at {each.at}")
            found |= {each.into: part} if each.into else part
        return found

    def _attributes(self, provider: Provider, said: Mapping[str, Any]) -> dict[str, Any]:
        return profiles.attributes(provider, said)

    def _method(self, call: Call) -> str:
        """How requests are signed."""
        return signed.METHODS[0]


def strategy(provider: Provider) -> Strategy:
    """The strategy of a provider: its options, its connector."""
    return strategy_of(provider, OAuth1Connector)
