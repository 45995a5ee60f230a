"""Strategy ``waad``: Microsoft Entra ID, as an OpenID provider."""

from __future__ import annotations

from typing import Any

from connectors.contract import ConnectorError
from connectors.oauth2.engine import strategy
from connectors.oauth2.paths import text
from connectors.oauth2.provider import Field, IdToken, Provider, Setup
from connectors.oauth2.quirks import Quirks

_LOGIN = "https://login.microsoftonline.com"
_DOMAIN = r"^[A-Za-z0-9][A-Za-z0-9.-]{0,252}\Z"


class _Entra(Quirks):
    """Who comes from another tenant than the configured one is refused; ``oid`` names somebody where the operator
    chose so.
    """

    def claims(self, claims: dict[str, Any]) -> dict[str, Any]:
        """See :class:`connectors.oauth2.quirks.Quirks`."""
        tenant = self.call.option("tenantId")
        if tenant and claims.get("tid") != tenant:
            raise ConnectorError(
                "access_denied",
                "Your account belongs to another organization.",
                detail=f"tid is {str(claims.get('tid'))[:100]!r}, options.tenantId another",
            )
        if self.call.option("userid_attribute") == "oid":
            return {**claims, "chosen_id": text(claims.get("oid"))}
        return claims


ENTRA = Provider(
    name="waad",
    display_name="Microsoft Entra ID",
    authorization_endpoint=f"{_LOGIN}/{{tenant_domain}}/oauth2/v2.0/authorize",
    token_endpoint=f"{_LOGIN}/{{tenant_domain}}/oauth2/v2.0/token",
    id_token=IdToken(
        issuer=f"{_LOGIN}/{{tid}}/v2.0",
        jwks_uri="https://login.microsoftonline.com/{tenant_domain}/discovery/v2.0/keys",
        issuer_claims=("tid",),
    ),
    id=("chosen_id", "sub"),
    profile={
        "email": "email",
        "name": "name",
        "given_name": "given_name",
        "family_name": "family_name",
        "nickname": "preferred_username",
    },
    profile_from=("id_token",),
    email_verified="xms_edov",
    scopes=("openid", "profile", "email"),
    login_hint=True,
    end_session_endpoint=f"{_LOGIN}/{{tenant_domain}}/oauth2/v2.0/logout",
    fields=(
        Field(
            name="tenant_domain",
            label="Directory (tenant) ID or domain",
            help="Only accounts of this directory sign in; with `organizations` or `common` also enter tenantId.",
            pattern=_DOMAIN,
        ),
        Field(
            name="tenantId",
            label="Directory (tenant) ID",
            help="Refuses whoever comes from another directory.",
            required=False,
            pattern=r"^[0-9A-Fa-f-]{36}\Z",
        ),
        Field(
            name="userid_attribute",
            label="Which claim names somebody",
            help="`sub` (another for each application) or `oid` (the same for all of the directory).",
            required=False,
            default="sub",
            pattern=r"^(sub|oid)\Z",
        ),
    ),
    setup=Setup(
        console="https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps",
        documentation="https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc",
        client_id="Application (client) ID",
        client_secret="Client secret value",  # noqa: S106 - what Microsoft calls it
        steps=(
            "Register an application, platform Web, with the callback address as its redirect URI.",
            "Make a client secret and copy its value, not its id.",
            "Add the optional claims email and xms_edov to the ID token.",
        ),
        notes=("Without the claim xms_edov no address counts as proven: administrators can write any into it.",),
    ),
    kind="enterprise",
    ids_by_connection=True,
    quirks=_Entra,
)
WAAD = strategy(ENTRA)
