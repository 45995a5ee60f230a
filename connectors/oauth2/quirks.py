"""Where a provider does what data cannot say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.contract import HttpAnswer, HttpClient
from connectors.oauth2.documents import value

if TYPE_CHECKING:
    from connectors.oauth2.provider import Fetch, Provider


@dataclass(frozen=True, kw_only=True)
class Call:
    """What a quirk may use. ``now`` is in milliseconds, ``options`` are the connection's, typed."""

    http: HttpClient
    provider: Provider
    options: Any
    client_id: str
    client_secret: str
    now: int

    def option(self, name: str) -> str:
        """An operator's field, ``""`` where nothing was entered."""
        value = getattr(self.options, name, None)
        if isinstance(value, str) and value:
            return value
        return next((each.default or "" for each in self.provider.fields if each.name == name), "")


class Quirks:
    """The usual behaviour; a provider overrides what it does otherwise. What is passed as a dict may be changed."""

    def __init__(self, call: Call) -> None:
        self.call = call

    def authorize(self, params: dict[str, str]) -> None:
        """Before the browser is sent away."""

    def arrived(self, params: Mapping[str, str]) -> None:
        """With what the browser brought, before the code is redeemed. Raises ConnectorError to refuse it."""

    def secret(self) -> str:
        """The client's secret; some are made for each call."""
        return self.call.client_secret

    def token_request(self, form: dict[str, str], headers: dict[str, str]) -> None:
        """Before the token endpoint is asked."""

    def prove(self, method: str, url: str, headers: dict[str, str], token: str | None = None) -> None:
        """Before a request for tokens, or with the access ``token``, leaves for ``url``."""

    def again(self, url: str, answer: HttpAnswer) -> bool:
        """Whether that request is to be made once more, as the answer to it says."""
        return False

    def content(self, answer: HttpAnswer) -> Any:
        """What an answer about the profile says. Raises ConnectorError."""
        return value(answer, "profile")

    def token_answer(self, answer: dict[str, Any]) -> dict[str, Any]:
        """What the token endpoint said, as others would say it."""
        return answer

    def fetch(
        self,
        fetch: Fetch,
        url: str,
        params: dict[str, str],
        headers: dict[str, str],
        tokens: Mapping[str, Any],
    ) -> str:
        """Before a part of the profile is asked for; answers the URL."""
        return url

    def claims(self, claims: dict[str, Any]) -> dict[str, Any]:
        """The claims of an ID token that was verified."""
        return claims

    def profile(
        self, document: dict[str, Any], tokens: Mapping[str, Any], arrival: Mapping[str, str]
    ) -> dict[str, Any]:
        """All that was said of the person, before attributes are read from it. ``arrival`` are the parameters that
        came back with the browser.
        """
        return document
