"""Strategy ``oauth1``: any provider that speaks OAuth 1.0a, declared by its options under Auth0's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import UNSET, UnsetType

from connectors.oauth1 import signed
from connectors.oauth1.engine import OAuth1Connector
from connectors.oauth2 import profiles, scripted
from connectors.oauth2.generic import IDS, STANDARD, FetchScript
from connectors.oauth2.options import Line, OAuthOptions
from connectors.oauth2.provider import Fetch, Provider, Setup
from connectors.oauth2.quirks import Call
from connectors.strategy import Strategy, entries
from connectors.web_addresses import is_address

ADDRESSES = ("requestTokenURL", "userAuthorizationURL", "accessTokenURL", "userinfo_endpoint")
_SETUP = Setup(console="", documentation="https://www.rfc-editor.org/rfc/rfc5849")


class OAuth1Options(OAuthOptions, frozen=True, kw_only=True):
    """Options of a connection to any provider of OAuth 1.0a.

    With ``RSA-SHA1``, ``client_secret`` is the private key (PEM) whose public part the provider was given.
    ``userinfo_endpoint`` is ours: a JSON document about the person, asked for by a signed GET; a script comes before
    it.
    """

    requestTokenURL: Line | UnsetType | None = UNSET  # noqa: N815 - Auth0's name
    accessTokenURL: Line | UnsetType | None = UNSET  # noqa: N815
    userAuthorizationURL: Line | UnsetType | None = UNSET  # noqa: N815
    userinfo_endpoint: Line | UnsetType | None = UNSET
    signatureMethod: Literal["HMAC-SHA1", "RSA-SHA1", "PLAINTEXT"] | UnsetType | None = UNSET  # noqa: N815
    scripts: FetchScript | UnsetType | None = UNSET

    @property
    def script(self) -> str | None:
        """The source of ``fetchUserProfile``, where there is one."""
        return (self.scripts.fetchUserProfile if self.scripts else None) or None

    def contradiction(self) -> str | None:
        """See :class:`connectors.strategy.Options`. ``PLAINTEXT`` shows the secret to whoever listens."""
        for name in ADDRESSES:
            value = getattr(self, name)
            if value and not is_address(value):
                return f"options.{name} is not the address of a web page"
            if value and self.signatureMethod == "PLAINTEXT" and not value.startswith("https://"):
                return f"options.{name} has to be under TLS where options.signatureMethod is PLAINTEXT"
        return super().contradiction()


class GenericOAuth1Connector(OAuth1Connector):
    """The provider that the options describe."""

    def declared(self) -> Provider:
        """See :class:`connectors.oauth2.declared.Declared`."""
        options = self._options
        userinfo = None if options.script else options.userinfo_endpoint or None
        return Provider(
            name=self._context.strategy.name,
            display_name=self._context.connection_name,
            request_token_endpoint=options.requestTokenURL or "",
            authorization_endpoint=options.userAuthorizationURL or "",
            token_endpoint=options.accessTokenURL or "",
            setup=_SETUP,
            id=scripted.IDS if options.script else IDS,
            profile=STANDARD,
            profile_from=("userinfo",) if userinfo or options.script else ("token",),
            fetch=(Fetch(url=userinfo),) if userinfo else (),
            email_verified="email_verified",
        )

    def _userinfo(self, call: Call, given: Mapping[str, str], told: Mapping[str, str]) -> dict[str, Any]:
        options = self._options
        if not options.script:
            return super()._userinfo(call, given, told)
        about = {name: getattr(options, name) or None for name in ADDRESSES[:3]}
        ctx = {**told, **about, "client_id": call.client_id, "client_secret": call.client_secret}
        args = [given["oauth_token"], given["oauth_token_secret"], ctx]
        return scripted.profile(self._context, options.script, args)

    def _attributes(self, provider: Provider, said: Mapping[str, Any]) -> dict[str, Any]:
        found = profiles.attributes(provider, said)
        return {**scripted.others(said), **found} if self._options.script else found

    def _method(self, call: Call) -> str:
        return self._options.signatureMethod or signed.METHODS[0]

    @property
    def _options(self) -> OAuth1Options:
        options = self._context.options
        if not isinstance(options, OAuth1Options):
            raise TypeError("options of another strategy")
        return options


OAUTH1 = Strategy(
    name="oauth1",
    called="OAuth 1.0a",
    asks=entries(
        {
            "requestTokenURL": "Request token URL",
            "userAuthorizationURL": "Authorization URL",
            "accessTokenURL": "Access token URL",
            "client_id": "Consumer key",
            "client_secret": "Consumer secret",
            "userinfo_endpoint": ("Profile URL", "It is asked for the profile by a signed request, and answers JSON."),
        }
    ),
    kind="social",
    amr="fed",
    options=OAuth1Options,
    open=GenericOAuth1Connector,
    ids_by_connection=True,
    page="oauth1.md",
)
