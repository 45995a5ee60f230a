"""Strategy ``google-apps``: a Google Workspace, whose people alone sign in."""

from __future__ import annotations

from typing import Any

from connectors.contract import ConnectorError
from connectors.oauth2.engine import strategy
from connectors.oauth2.provider import Field, IdToken, Provider, Setup
from connectors.oauth2.quirks import Quirks


class _OneWorkspace(Quirks):
    """Google signs in whoever chooses another account; the claim ``hd`` says whose it is."""

    def authorize(self, params: dict[str, str]) -> None:
        """See :class:`connectors.oauth2.quirks.Quirks`."""
        params["hd"] = self._domains()[0]

    def claims(self, claims: dict[str, Any]) -> dict[str, Any]:
        """See :class:`connectors.oauth2.quirks.Quirks`."""
        if str(claims.get("hd", "")).lower() not in self._domains():
            raise ConnectorError(
                "access_denied",
                "Your account belongs to another organization.",
                detail=f"hd is {str(claims.get('hd'))[:100]!r}",
            )
        return claims

    def _domains(self) -> list[str]:
        aliases = getattr(self.call.options, "domain_aliases", None) or []
        return [domain.lower() for domain in (self.call.option("domain"), *aliases)]


WORKSPACE = Provider(
    name="google-apps",
    display_name="Google Workspace",
    authorization_endpoint="https://accounts.google.com/o/oauth2/v2/auth",
    token_endpoint="https://oauth2.googleapis.com/token",  # noqa: S106 - an address
    id_token=IdToken(
        issuer="https://accounts.google.com",
        jwks_uri="https://www.googleapis.com/oauth2/v3/certs",
        also=("accounts.google.com",),
    ),
    id="sub",
    profile={
        "email": "email",
        "name": "name",
        "given_name": "given_name",
        "family_name": "family_name",
        "picture": "picture",
        "locale": "locale",
    },
    profile_from=("id_token",),
    email_verified="email_verified",
    scopes=("openid", "profile", "email"),
    login_hint=True,
    fields=(
        Field(name="domain", label="Domain of the Workspace", help="Accounts of other domains are refused."),
        Field(
            name="tenant_domain",
            label="Domain of the Workspace, as older configurations call it",
            required=False,
        ),
    ),
    setup=Setup(
        console="https://console.cloud.google.com/apis/credentials",
        documentation="https://developers.google.com/identity/openid-connect/openid-connect",
        callback="Authorized redirect URIs",
        steps=("Create an OAuth client ID of the type Web application.",),
    ),
    kind="enterprise",
    ids_by_connection=True,
    quirks=_OneWorkspace,
)
GOOGLE_APPS = strategy(WORKSPACE)
