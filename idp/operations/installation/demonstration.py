"""A second tenant of this machine that plays other people's identity provider, so that whoever tries the product sees a
social and an enterprise login without leaving it (docs/decisions/0188).

Made when somebody asks for it on the welcome page, never at a start; one that is there follows the default tenant when
that moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sqlalchemy import select

from idp.applications.clients import service as clients
from idp.applications.clients import stored
from idp.applications.clients.models import Client
from idp.directory.connections import service as connections
from idp.foundation.tenancy.models import Tenant
from idp.foundation.tenancy.work import Platform, Work
from idp.operations.installation import administrators, samples
from idp.operations.installation.kept import Kept, made_up_password
from idp.operations.installation.tenant import Provisioned, installing, provision, provisioned
from idp.tenant.keys import store
from idp.tenant.settings import service as tenants

TENANT = "example-company"
NAME = "Example Company"
SOCIAL, COMPANY = "example-social", "example-company"
"""The connections: one signs in with OpenID Connect, the other with SAML."""
SOCIAL_NAME, COMPANY_NAME = "Example Social", "Example Company"
EMAIL, PERSON = "sam@example-company.test", "Sam Sample"
FILE = "example-company-user.json"
_OIDC, _SAML = "demonstration-oidc", "demonstration-saml"


@dataclass(frozen=True)
class Demonstration:
    """What there is to try: whom to sign in as there, with a password unless somebody changed it."""

    email: str
    password: str | None
    social: str = SOCIAL_NAME
    company: str = COMPANY_NAME


def there(work: Work) -> bool:
    """Whether it was set up."""
    return connections.by_name(work, SOCIAL) is not None or connections.by_name(work, COMPANY) is not None


def shown(platform: Platform) -> Demonstration:
    """It, for the welcome page."""
    return Demonstration(EMAIL, Kept(platform.settings.var, FILE).password(EMAIL))


def follow(platform: Platform, default: Provisioned) -> None:
    """Bring one that was set up to where the default tenant is now. One small read where there is none."""
    with platform.work(default.tenant_id, orm=True) as work:
        made = tenants.find(work.rows, TENANT)
    if made is not None and made.url != _url(default):
        ensure(platform, default)


def ensure(platform: Platform, default: Provisioned) -> None:
    """Make what is missing of it, and lead the rest to the addresses of this moment.

    :raises ValueError: another tenant has its name or its address.
    """
    other = provision(platform, TENANT, _url(default))
    with platform.work(default.tenant_id, orm=True) as work:
        called = work.config.friendly_name  # what people there go on to
    kept = Kept(platform.settings.var, FILE)
    with kept.alone():
        if administrators.find(platform, other, EMAIL) is None:
            password = kept.password(EMAIL) or made_up_password()
            kept.keep(EMAIL, password)
            administrators.create(platform, other, EMAIL, password, name=PERSON)
    with installing(platform, other.tenant_id, other.url) as work:
        work.rows.lock_one(Tenant, other.tenant_id)
        if not work.config.settings.friendly_name:
            tenants.update_settings(work, {"friendly_name": NAME})
        options = {SOCIAL: _openid(work, default, called), COMPANY: _saml(work, default, called)}
    with installing(platform, default.tenant_id, default.url) as work:
        sample = samples.find_application(work)
        names = {SOCIAL: ("oidc", SOCIAL_NAME), COMPANY: ("samlp", COMPANY_NAME)}
        for name, (strategy, shown_as) in names.items():
            _connect(work, sample, name, strategy, shown_as, options[name])


def ensure_here(platform: Platform, tenant_id: str) -> None:
    """:func:`ensure` for the tenant of that id. Raises LookupError: installation did not make it."""
    ensure(platform, provisioned(platform, tenant_id))


def _url(default: Provisioned) -> str:
    return f"{default.url}{TENANT}/"


def _openid(work: Work, default: Provisioned, called: str) -> dict[str, Any]:
    """The client that the default tenant is there, and the options of the connection that goes with it."""
    callback = f"{default.url}login/callback"
    client = _client(
        work,
        _OIDC,
        {"name": called, "callbacks": [callback], "allowed_logout_urls": [f"{default.url}logout"]},
    )
    url = work.config.url
    endpoints = {
        "issuer": url,
        "authorization_endpoint": f"{url}authorize",
        "token_endpoint": f"{url}oauth/token",
        "userinfo_endpoint": f"{url}userinfo",
        "jwks_uri": f"{url}.well-known/jwks.json",
    }
    return {
        **endpoints,
        "oidc_metadata": {**endpoints, "end_session_endpoint": f"{url}oidc/logout"},
        "type": "back_channel",
        "client_id": client.client_id,
        "client_secret": stored.secret(work, client.client_id, client.secret_sealed),
        "token_endpoint_auth_method": "client_secret_post",  # what the client is set to
        "id_token_signed_response_algs": ["RS256"],
        "scope": "openid profile email offline_access",
    }


def _saml(work: Work, default: Provisioned, called: str) -> dict[str, Any]:
    """The same for SAML."""
    name = quote(COMPANY, safe="")
    consumer = f"{default.url}login/callback?connection={name}"
    addon = {
        "audience": f"{default.url}samlp/metadata?connection={name}",
        "nameIdentifierFormat": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
        "logout": {"callback": f"{default.url}logout?connection={name}"},
    }
    client = _client(work, _SAML, {"name": called, "callbacks": [consumer], "addons": {"samlp": addon}})
    address = f"{work.config.url}samlp/{client.client_id}"
    return {
        "signInEndpoint": address,
        "signOutEndpoint": f"{address}/logout",
        "signingCert": store.rsa_keys(work)[0].certificate,
    }


def _client(work: Work, mark: str, members: dict[str, Any]) -> Client:
    """The client with that mark, whatever it is called by now, with these members."""
    rows = work.rows.scalars(select(Client).where(Client.tenant_id == work.tenant_id).order_by(Client.created_at))
    marked = {samples.MARK: mark}
    found = next((row for row in rows if (row.data.get("client_metadata") or {}).get(samples.MARK) == mark), None)
    if found is None:
        found = clients.create(work, {"app_type": "regular_web", "client_metadata": marked, **members})
    else:
        clients.update(work, found, {name: value for name, value in members.items() if name != "name"})
    samples.enable_default_connection(work, found.client_id)
    return found


def _connect(
    work: Work, sample: Client | None, name: str, strategy: str, shown_as: str, options: dict[str, Any]
) -> None:
    """The connection called ``name``, usable by the sample application, with these options."""
    found = connections.by_name(work, name)
    if found is None:
        members = {"name": name, "strategy": strategy, "display_name": shown_as, "show_as_button": True}
        found = connections.create(work, {**members, "options": options})
    elif found.strategy == strategy:
        connections.update(work, found, {"options": options})
    if sample is not None:
        connections.switch_clients(work, found, [(sample.client_id, True)])
