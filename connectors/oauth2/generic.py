"""Strategy ``oauth2``: any provider that speaks OAuth 2.0 ("custom social connection"), declared by its options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from connectors.contract import Arrival, Identity
from connectors.oauth2 import scripted
from connectors.oauth2.documents import garbage
from connectors.oauth2.engine import OAuth2Connector
from connectors.oauth2.options import OURS, Line, OAuthOptions
from connectors.oauth2.paths import Source
from connectors.oauth2.provider import BEARER, Fetch, Provider, Setup
from connectors.oauth2.quirks import Call, Quirks
from connectors.strategy import ScriptSource, SecretTexts, Strategy, entries
from connectors.web_addresses import is_address

Parameters = Annotated[dict[Annotated[str, Meta(min_length=1, max_length=128)], Line], Meta(max_length=50)]
STANDARD: Mapping[str, Source] = {
    "email": "email",
    "name": "name",
    "given_name": "given_name",
    "family_name": "family_name",
    "nickname": ("nickname", "preferred_username"),
    "picture": "picture",
    "locale": "locale",
    "zoneinfo": "zoneinfo",
    "phone_number": "phone_number",
    "middle_name": "middle_name",
    "profile": "profile",
    "website": "website",
    "gender": "gender",
    "birthdate": "birthdate",
    "preferred_username": "preferred_username",
    "address": "address",
}
"""Where the standard claims stand (OIDC Core 5.1)."""
IDS: Source = ("sub", "id", "user_id")


class FetchScript(msgspec.Struct, frozen=True, kw_only=True):
    """``scripts``: they may hold secrets."""

    fetchUserProfile: ScriptSource | None = None  # noqa: N815 - Auth0's name


class ProfileScripts(FetchScript, frozen=True, kw_only=True):
    """``scripts`` of OAuth 2.0."""

    getLogoutUrl: ScriptSource | None = None  # noqa: N815 - Auth0's name


class GenericOptions(OAuthOptions, frozen=True, kw_only=True):
    """Options of a connection to any OAuth 2.0 provider.

    ``scripts.fetchUserProfile`` brings the profile. Where there is none, ``userinfo_endpoint``, which is ours, says
    where it is asked for with the access token. ``fieldsMap`` says which of our attributes (and ``user_id``) is found
    where in it.
    """

    authorizationURL: Line | UnsetType | None = UNSET  # noqa: N815 - Auth0's name
    tokenURL: Line | UnsetType | None = UNSET  # noqa: N815 - Auth0's name
    userinfo_endpoint: Line | UnsetType | None = UNSET
    logoutUrl: Line | UnsetType | None = UNSET  # noqa: N815 - Auth0's name
    token_endpoint_auth_method: Literal["client_secret_post", "client_secret_basic", "none"] | UnsetType | None = UNSET
    pkce_enabled: bool | UnsetType | None = UNSET
    useOauthSpecScope: bool | UnsetType | None = UNSET  # noqa: N815 - Auth0's name
    authParams: Parameters | UnsetType | None = UNSET  # noqa: N815 - Auth0's name
    authParamsMap: Parameters | UnsetType | None = UNSET  # noqa: N815 - Auth0's name
    customHeaders: SecretTexts | UnsetType | None = UNSET  # noqa: N815 - Auth0's name
    fieldsMap: Parameters | UnsetType | None = UNSET  # noqa: N815 - Auth0's name
    scripts: ProfileScripts | UnsetType | None = UNSET

    def script(self, name: str) -> str | None:
        """The source of one of the scripts, where there is one."""
        return (getattr(self.scripts, name) if self.scripts else None) or None

    def contradiction(self) -> str | None:
        """See :class:`connectors.strategy.Options`."""
        for name in ("authorizationURL", "tokenURL", "userinfo_endpoint", "logoutUrl"):
            value = getattr(self, name)
            if value and not is_address(value):
                return f"options.{name} is not the address of a web page"
        taken = sorted({*(self.authParams or {}), *(self.authParamsMap or {})} & OURS)
        if taken:
            return f"options.authParams cannot set {', '.join(taken)}"
        return super().contradiction()

    def sends(self, asked: Mapping[str, str]) -> dict[str, str]:
        """See :class:`connectors.oauth2.options.OAuthOptions`."""
        mapped = {name: asked[wanted] for name, wanted in (self.authParamsMap or {}).items() if wanted in asked}
        return {**(self.authParams or {}), **mapped, **super().sends(asked)}


class GenericConnector(OAuth2Connector):
    """The provider that the options describe."""

    def declared(self) -> Provider:
        """See :class:`connectors.oauth2.engine.OAuth2Connector`."""
        options = self._options
        mapped: dict[str, Any] = dict(options.fieldsMap or {})
        own_id = mapped.pop("user_id", None)
        headers = {str(name): str(value) for name, value in (options.customHeaders or {}).items()}
        script = options.script(scripted.FETCH)
        userinfo = None if script else options.userinfo_endpoint or None
        return Provider(
            name="oauth2",
            display_name=self._context.connection_name,
            authorization_endpoint=options.authorizationURL or "",
            token_endpoint=options.tokenURL or "",
            setup=SETUP,
            id=own_id or (scripted.IDS if script else IDS),
            profile={**STANDARD, **mapped},
            profile_from=("userinfo",) if userinfo or script else ("token",),
            fetch=(Fetch(url=userinfo, headers={**BEARER, **headers}),) if userinfo else (),
            email_verified="email_verified",
            client_auth=_AUTH[options.token_endpoint_auth_method or "client_secret_post"],
            pkce=options.pkce_enabled is not False,
            login_hint=True,
            token_headers={"Accept": "application/json", **headers},
            end_session_endpoint=options.logoutUrl or None,
        )

    def finish(self, arrival: Arrival) -> Identity:
        """See :class:`connectors.contract.RedirectConnector`. A session that can be ended at the provider is known."""
        found = super().finish(arrival)
        ends = self._options.logoutUrl or self._options.script(scripted.LOGOUT)
        return replace(found, session={"sub": found.user_id}) if ends and not found.session else found

    def logout_url(self, session: Mapping[str, str], return_to: str) -> str | None:
        """See :class:`connectors.contract.LogsOutAtSource`. A script says it where no option does."""
        script = self._options.script(scripted.LOGOUT)
        if self._options.logoutUrl or not script:
            return super().logout_url(session, return_to)
        said = scripted.logout_url(
            self._context, script, {"client_id": self._options.client_id or "", "returnTo": return_to}
        )
        if said is not None and not is_address(said):
            raise garbage(scripted.LOGOUT, "the script gave no address of a web page")
        return said

    def _userinfo(self, call: Call, quirks: Quirks, answer: dict[str, Any]) -> dict[str, Any]:
        """What a script brings, else what the provider is asked for (spec/misc.md, "oauth2 with a fetchUserProfile
        script").
        """
        script = self._options.script(scripted.FETCH)
        if not script:
            return super()._userinfo(call, quirks, answer)
        token = answer.get("access_token")
        if not isinstance(token, str):
            raise garbage("token endpoint", "no access token")
        return scripted.profile(self._context, script, [token, answer])

    def configured(self) -> Mapping[str, str]:
        """See :class:`connectors.contract.Maps`."""
        return dict(self._options.fieldsMap or {})

    def _attributes(
        self, provider: Provider, document: Mapping[str, Any], parts: Mapping[str, Mapping[str, Any]]
    ) -> dict[str, Any]:
        found = super()._attributes(provider, document, parts)
        return {**scripted.others(document), **found} if self._options.script(scripted.FETCH) else found

    @property
    def _options(self) -> GenericOptions:
        options = self._context.options
        if not isinstance(options, GenericOptions):
            raise TypeError("options of another strategy")
        return options


_AUTH: dict[str, Literal["basic", "post", "none"]] = {
    "client_secret_basic": "basic",
    "client_secret_post": "post",
    "none": "none",
}
SETUP = Setup(
    console="",
    documentation="",
    steps=("Register an application at the provider and enter the callback address of this deployment there.",),
)
OAUTH2 = Strategy(
    name="oauth2",
    called="OAuth 2.0",
    asks=entries(
        {
            "authorizationURL": "Authorization URL",
            "tokenURL": "Token URL",
            "client_id": "Client ID",
            "client_secret": "Client secret",
            "scope": "Scopes",
            "userinfo_endpoint": (
                "Profile URL",
                "It is asked for the profile with the access token, and answers JSON.",
            ),
        }
    ),
    kind="social",
    amr="fed",
    options=GenericOptions,
    open=GenericConnector,
    ids_by_connection=True,
    page="openid-connect.md",
)
