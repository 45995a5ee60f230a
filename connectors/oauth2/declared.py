"""What every connector of a declared provider has: the provider, what was entered for it, the strategy made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from connectors.contract import ConnectorContext, ConnectorError, HttpClient, Identity
from connectors.oauth2 import profiles
from connectors.oauth2.guides import guide
from connectors.oauth2.options import OAuthOptions, misfit, options_of
from connectors.oauth2.paths import filled, missing
from connectors.oauth2.provider import Provider
from connectors.oauth2.quirks import Call, Quirks
from connectors.strategy import Mark, Strategy

NOT_SET_UP = "This way to sign in is not set up yet."


class Declared:
    """A connector for one provider; a subclass names it."""

    provider: ClassVar[Provider]

    def __init__(self, context: ConnectorContext) -> None:
        self._context = context

    def issuer(self) -> str | None:
        """See :class:`connectors.contract.RedirectConnector`."""
        return self.declared().issuer

    def declared(self) -> Provider:
        """The provider of this connection."""
        return self.provider

    def example(self) -> Mapping[str, Any]:
        """See :class:`connectors.contract.Maps`."""
        return profiles.example(self.declared())

    def configured(self) -> Mapping[str, str]:
        """See :class:`connectors.contract.Maps`: what a declared provider says is whose attribute, nobody changes."""
        return {}

    def recalled(self, known: Identity) -> Mapping[str, Any]:
        """See :class:`connectors.contract.Maps`: all that was said stands together, the account's id in it."""
        return profiles.naming(self.declared(), known.raw, known.user_id) if known.raw else {}

    def _filled(self, call: Call, url: str) -> str:
        found = filled(url, lambda name: call.option(name) or None)
        if not found:
            names = missing(url, lambda name: call.option(name) or None) or ["an endpoint"]
            raise ConnectorError("access_denied", NOT_SET_UP, detail=f"options lack {', '.join(names)}")
        return found

    def _call(self) -> tuple[Call, Quirks]:
        call, quirks = self._unchecked()
        provider, options = call.provider, call.options
        lacking = [each.label for each in provider.fields if each.required and not self._entered(options, each.name)]
        if not call.client_id:
            lacking.append("client_id")
        if lacking:
            raise ConnectorError("access_denied", NOT_SET_UP, detail=f"options lack {', '.join(lacking)}")
        wrong = misfit(options, provider)  # stored, perhaps, before anybody looked at them
        if wrong:
            raise ConnectorError("access_denied", NOT_SET_UP, detail=wrong)
        return call, quirks

    def _unchecked(self) -> tuple[Call, Quirks]:
        """The same, whether or not everything was entered that a call of the provider needs."""
        context, provider = self._context, self.declared()
        options = context.options
        if context.http is None or context.clock is None or not isinstance(options, OAuthOptions):
            raise ValueError("a connector of OAuth 2.0 needs an HTTP client, a clock and its own options")
        http: HttpClient = context.http
        call = Call(
            http=http,
            provider=provider,
            options=options,
            client_id=options.client_id or "",
            client_secret=options.client_secret or "",
            now=context.clock(),
        )
        return call, provider.quirks(call)

    def _entered(self, options: OAuthOptions, name: str) -> bool:
        return bool(getattr(options, name, None)) or any(
            each.name == name and each.default for each in self.declared().fields
        )


def strategy_of(provider: Provider, kind: type[Declared]) -> Strategy:
    """The strategy of a provider that is spoken to by connectors of that kind: its options, its connector."""
    name = f"{provider.name.title().replace('-', '')}Connector"
    connector: type[Any] = type(
        name, (kind,), {"provider": provider, "__doc__": f"Signs in with {provider.display_name}."}
    )
    return Strategy(
        name=provider.name,
        kind=provider.kind,
        amr="fed",
        options=options_of(provider),
        open=connector,
        choose=_choice(provider, connector),
        display_name=provider.display_name,
        ids_by_connection=provider.ids_by_connection,
        guide=guide(provider),
        native=provider.native,
        mark=Mark(provider.mark or provider.display_name[0].upper(), provider.color) if provider.color else None,
    )


def _choice(provider: Provider, usual: type[Any]) -> Callable[[Any], type[Any]] | None:
    """Another class for connections whose options ask for one."""
    asks = provider.choose
    return None if asks is None else lambda options: asks(options) or usual
