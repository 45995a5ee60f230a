"""Every page of the dashboard with a tenant that looks lived in: the screenshots of ``docs/screens`` walk this list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

import requests
from joserfc.jwk import RSAKey

from idp.protocol.signals import types
from tests.counterparts.management import Management
from tests.counterparts.product import Product, idp

APPS, APIS, CONNECTIONS = "/admin/applications/apps", "/admin/applications/apis", "/admin/authentication/connections"
USERS, ROLES, LOGS = "/admin/users", "/admin/users/roles", "/admin/monitoring/logs"
REGISTERED = "/admin/applications/registered"
SIGNALS = "/admin/applications/signals"
PHONE = {"name": "Telephone", "phone_number": "+12025550123", "preferred_authentication_method": "sms"}
PEOPLE = (
    "Maria Keller",
    "Jonas Bergström",
    "علي منصور",
    "Hanako Satō",
    "Wolfeschlegelsteinhausenbergerdorff Hubert",
    "Chiara Conti",
    "Amélie Dubois",
)
APPLICATIONS = (
    ("Orchard Books", "regular_web"),
    ("Orchard Books for phones", "native"),
    ("Tide tables", "spa"),
    ("Donaudampfschifffahrtsgesellschaft Fahrkarten", "regular_web"),
    ("Nightly export", "non_interactive"),
)
REALM = "http://auth0.com/oauth/grant-type/password-realm"
WELCOME = """<html lang="en">
  <body style="font: 16px/1.5 sans-serif; color: #17242a">
    <h1>Hello {{ user.given_name | default: user.email }}</h1>
    <p>It is good to have you at {{ friendly_name }}.</p>
    <p><a href="{{ url }}">Look around</a></p>
  </body>
</html>"""


@dataclass(frozen=True)
class Furnished:
    """What the pages are about."""

    app: str
    api: str
    user: str
    role: str
    social: str
    log: str
    words: str
    registered: str
    stream: str
    database: str
    directory: str
    delivery: str
    job: str
    invitation: str
    domain: str


def furnish(product: Product, management: Management) -> Furnished:
    """Applications, an API, people and roles as a small tenant has them."""
    made = [
        management.call(
            "POST", "clients", {"name": name, "app_type": kind, "callbacks": ["https://shop.example.com/cb"]}
        )
        for name, kind in APPLICATIONS
    ]
    scopes = [
        {"value": "read:orders", "description": "See orders"},
        {"value": "write:orders", "description": "Place and change orders"},
    ]
    api = management.create_api(scopes=scopes, name="Orders")
    nightly = {"client_id": made[4]["client_id"], "audience": api["identifier"], "scope": ["read:orders"]}
    management.call("POST", "client-grants", nightly)
    people = [
        management.create_user(
            connection=product.connection, email=f"person{number}@example.com", name=name, given_name=name.split()[0]
        )
        for number, name in enumerate(PEOPLE)
    ]
    for person in people[:4]:
        management.call("POST", "jobs/verification-email", {"user_id": person["user_id"]})
    first = people[0]["user_id"]
    role = management.call("POST", "roles", {"name": "Reader", "description": "Sees orders"})["id"]
    management.call("POST", f"users/{quote(first, safe='')}/roles", {"roles": [role]})
    management.patch(f"users/{quote(people[3]['user_id'], safe='')}", {"blocked": True})
    management.patch(f"users/{quote(first, safe='')}", {"user_metadata": {"locale": "de", "theme": "dark"}})
    for factor in ({"type": "totp", "totp_secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"}, {"type": "phone", **PHONE}):
        management.call("POST", f"users/{quote(first, safe='')}/authentication-methods", factor)
    management.patch(f"clients/{made[0]['client_id']}", {"description": "The shop, and where readers meet."})
    options = {"client_id": "of-the-gallery", "client_secret": "s"}
    social = management.call(
        "POST", "connections", {"name": "google-oauth2", "strategy": "google-oauth2", "options": options}
    )
    log = management.call("GET", "logs")[0]["log_id"]
    words = _senders(management, str(made[0]["client_id"]))
    _lock_out(product, management, str(people[1]["email"]))
    management.patch("clients/" + str(made[0]["client_id"]), {"addons": {"samlp": {"audience": "urn:orchard"}}})
    own = {"login": {"title": "Come in", "passwordLabel": "Your secret word"}}
    management.call("PUT", "prompts/login/custom-text/en", own)
    pieces = {"login": {"form-content-start": "<p>Books by post since 1974.</p>"}}
    management.call("PUT", "prompts/login/partials", pieces)
    return Furnished(
        str(made[0]["client_id"]),
        str(api["id"]),
        first,
        str(role),
        str(social["id"]),
        str(log),
        words,
        registered(product, management),
        _hears(product, management),
        str(management.connection_id),
        _directory(management),
        *_busy(management, str(made[0]["client_id"]), first),
        _domain(management),
    )


def _busy(management: Management, app: str, user: str) -> tuple[str, str, str]:
    """Work that goes on: an export, an invitation, tokens of others, signing in as somebody; the ids of the delivery of
    a mail, of the export and of the invitation.
    """
    job = management.call("POST", "jobs/users-exports", {"format": "csv", "fields": [{"name": "email"}]})["id"]
    invitee = {"inviter": {"name": "Maria Keller"}, "invitee": {"email": "newcomer@example.com"}}
    invitation = management.call("POST", "invitations", {**invitee, "client_id": app})["id"]
    kind = {"name": "Old sessions", "subject_token_type": "urn:old:session", "type": "custom_authentication"}
    management.call("POST", "token-exchange-profiles", {**kind, "action_id": "act_old_sessions"})
    management.call("POST", "jobs/verification-email", {"user_id": user})
    management.patch("tenants/settings", {"flags": {"disable_impersonation": False}})
    return str(management.call("GET", "deliveries")[0]["id"]), str(job), str(invitation)


def _domain(management: Management) -> str:
    """A domain that is not proven yet; its id."""
    made = management.call("POST", "custom-domains", {"domain": "login.orchard.example", "type": "auth0_managed_certs"})
    return str(made["custom_domain_id"])


def demonstrate(product: Product, management: Management) -> str:
    """Somebody who is only shown the dashboard (the role Demo); their address, with the password of everybody."""
    email = str(management.create_user(connection=product.connection, email="dora@example.com", name="Dora")["email"])
    done = idp("admins", "add", email, "--role", "Demo", cwd=product.folder, env=product.env)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return email


def _directory(management: Management) -> str:
    """A company whose directory makes accounts; the id of its connection."""
    options = {"urls": ["ldaps://127.0.0.1:9"], "base_dn": "dc=acme", "bind_dn": "cn=us,dc=acme", "bind_password": "s"}
    made = management.call("POST", "connections", {"name": "acme", "strategy": "ad", "options": options})
    path = f"connections/{made['id']}/scim-configuration"
    management.call("POST", path, {})
    management.call("POST", f"{path}/tokens", {"scopes": ["get:users", "post:users"]})
    return str(made["id"])


def _hears(product: Product, management: Management) -> str:
    """A service that hears of ended sessions; the id of its stream."""
    audience = f"{product.base_url}/ssf/"
    management.call("POST", "resource-servers", {"identifier": audience})
    made = management.call("POST", "clients", {"name": "Watchtower", "app_type": "non_interactive"})
    granted = {"client_id": made["client_id"], "audience": audience, "scope": ["ssf.manage"]}
    management.call("POST", "client-grants", granted)
    own = {"grant_type": "client_credentials", "audience": audience}
    proof = {name: made[name] for name in ("client_id", "client_secret")}
    token = requests.post(f"{product.base_url}/oauth/token", data={**own, **proof}, timeout=30).json()["access_token"]
    asked = {
        "events_requested": list(types.SUPPORTED),
        "delivery": {"method": types.METHODS[types.PUSH], "endpoint_url": "https://watchtower.example/events"},
        "description": "Ends sessions at the gate",
    }
    headers = {"Authorization": f"Bearer {token}"}
    answer = requests.post(f"{product.base_url}/ssf/streams", json=asked, headers=headers, timeout=30)
    answer.raise_for_status()
    return str(answer.json()["stream_id"])


def _senders(management: Management, app: str) -> str:
    """Who sends mails and text messages, what two of them say, and a key of an application; the id of the text."""
    smtp = {"smtp_host": "smtp.example.com", "smtp_port": 587, "smtp_user": "orchard", "smtp_pass": "of-the-gallery"}
    sender = {"default_from_address": "Orchard Books <hello@orchard.example>"}
    management.call("POST", "emails/provider", {"name": "smtp", "credentials": smtp, **sender})
    welcome = {"template": "welcome_email", "subject": "Welcome to {{ friendly_name }}", "body": WELCOME}
    management.call("POST", "email-templates", {**welcome, "syntax": "liquid", "enabled": True})
    twilio = {"delivery_methods": ["text"], "sid": "AC0123456789", "default_from": "+12025550100"}
    account = {"credentials": {"auth_token": "of-the-gallery"}, "configuration": twilio}
    management.call("POST", "branding/phone/providers", {"name": "twilio", **account})
    said = {"content": {"body": {"text": "{{ code }} opens {{ friendly_name }}."}}}
    words = management.call("POST", "branding/phone/templates", {"type": "otp_verify", **said})
    for name in ("In use since spring", "For the next year"):
        pem = RSAKey.generate_key(2048).as_pem(private=False).decode()
        made = management.call(
            "POST", f"clients/{app}/credentials", {"credential_type": "public_key", "name": name, "pem": pem}
        )
    named = {"private_key_jwt": {"credentials": [{"id": made["id"]}]}}
    management.patch(f"clients/{app}", {"client_authentication_methods": named})
    return str(words["id"])


def _lock_out(product: Product, management: Management, email: str) -> None:
    """Somebody types their password wrong until they are locked out."""
    app = management.create_client(app_type="regular_web", callbacks=[], grant_types=[REALM], name="Old till")
    form = {
        "grant_type": REALM,
        "realm": product.connection,
        "username": email,
        "password": "wrong again",
        "client_id": app["client_id"],
        "client_secret": app["client_secret"],
    }
    for _ in range(11):
        requests.post(f"{product.base_url}/oauth/token", data=form, timeout=30)


def registered(product: Product, management: Management) -> str:
    """An application that registered itself with a token of the administrator's; its id."""
    management.patch("tenants/settings", {"flags": {"enable_dynamic_client_registration": True}})
    token = management.call("POST", "initial-access-tokens", {"name": "Partner X", "uses": 3})["token"]
    said = {
        "client_name": "Weather",
        "redirect_uris": ["https://weather.example/cb"],
        "client_uri": "https://weather.example",
    }
    answer = requests.post(
        f"{product.base_url}/oidc/register", json=said, headers={"Authorization": f"Bearer {token}"}, timeout=30
    )
    answer.raise_for_status()
    return str(answer.json()["client_id"])


def pages(there: Furnished) -> Mapping[str, str]:
    """Every page by its name, as an address."""
    app, api, role = f"{APPS}/{there.app}", f"{APIS}/{there.api}", f"{ROLES}/{there.role}"
    user, social = f"{USERS}/{quote(there.user, safe='')}", f"{CONNECTIONS}/{there.social}"
    tabs = {
        "application": (
            app,
            (
                "",
                "settings",
                "advanced",
                "credentials",
                "connections",
                "apis",
                "login",
                "saml",
                "wsfed",
                "raw",
                "history",
                "duplicate",
                "delete",
            ),
        ),
        "api": (api, ("", "permissions", "m2m", "test", "raw")),
        "connection": (social, ("", "options", "apps", "mapping", "try")),
        "database": (f"{CONNECTIONS}/{there.database}", ("methods", "passwords", "scripts")),
        "directory": (f"{CONNECTIONS}/{there.directory}", ("mapping", "provisioning")),
        "role": (role, ("", "permissions", "users")),
        "user": (
            user,
            (
                "",
                "metadata",
                "authentication",
                "sessions",
                "devices",
                "applications",
                "roles",
                "permissions",
                "impersonation",
                "raw",
                "history",
            ),
        ),
        "look": ("/admin/branding/look", ("", "page")),
        "registered-application": (f"{REGISTERED}/{there.registered}", ("",)),
    }
    found = {
        "overview": "/admin",
        "applications": APPS,
        "applications-nothing-found": f"{APPS}?q=nobody-at-all",
        "application-new": f"{APPS}/new",
        "apis": APIS,
        "connections": CONNECTIONS,
        "api-m2m-review": f"{api}/m2m",
        "connection-new": f"{CONNECTIONS}/new",
        "users": USERS,
        "roles": ROLES,
        "shields": "/admin/security/shields",
        "logs": LOGS,
        "log-entry": f"{LOGS}/{there.log}",
        "simulator": f"/admin/tools/simulator?client_id={there.app}&user_id={quote(there.user, safe='')}",
        "tokens": "/admin/tools/tokens",
        "requests": f"/admin/tools/requests?client_id={there.app}",
        "profile": "/admin/authentication/profile",
        "texts": "/admin/branding/texts?lang=en",
        "texts-of-a-prompt": "/admin/branding/texts/login.en",
        "pieces": "/admin/branding/partials",
        "pieces-of-a-prompt": "/admin/branding/partials/login",
        "registered-applications": REGISTERED,
        "signals": SIGNALS,
        "signal-stream": f"{SIGNALS}/{there.stream}",
        "administrators": "/admin/settings/members",
        "tenant": "/admin/settings/tenant",
        "search": "/admin/search?q=orchard",
        "help": "/admin/help",
        "help-glossary": "/admin/help/glossary",
        "help-passwords": "/admin/help/passwords",
        "help-hosting": "/admin/help/hosting",
        "second-factors": "/admin/security/mfa",
        "signing-keys": "/admin/settings/keys",
        "domains": "/admin/branding/domains",
        "domain": f"/admin/branding/domains/{there.domain}",
        "domain-new": "/admin/branding/domains/new",
        "mail-provider": "/admin/branding/mailer",
        "mail-provider-another": "/admin/branding/mailer?name=ses",
        "mails": "/admin/branding/mails",
        "mail": "/admin/branding/mails/welcome_email",
        "mail-ours": "/admin/branding/mails/verify_email",
        "phone-provider": "/admin/branding/phone",
        "messages": "/admin/branding/messages",
        "message": f"/admin/branding/messages/{there.words}",
        "message-new": "/admin/branding/messages/new?type=otp_enroll",
        "deliveries": "/admin/branding/deliveries",
        "delivery": f"/admin/branding/deliveries/{there.delivery}",
        "live-log": "/admin/monitoring/tail",
        "jobs": "/admin/monitoring/jobs",
        "job": f"/admin/monitoring/jobs/{there.job}",
        "invitations": "/admin/users/invitations",
        "invitation": f"/admin/users/invitations/{there.invitation}",
        "users-import": f"{USERS}/import",
        "users-export": f"{USERS}/export",
        "exchanges": "/admin/applications/exchanges",
        "self-registration": "/admin/applications/registration",
        "access": "/admin/settings/access",
        "installation": "/admin/settings/installation",
        "threats": "/admin/security/threats",
        "blocks": "/admin/security/blocks",
        "blocks-found": "/admin/security/blocks?q=person1%40example.com",
    }
    for name, (address, parts) in tabs.items():
        found |= {f"{name}-{part}" if part else name: f"{address}/{part}" if part else address for part in parts}
    return found


SHOWN = {"demo-overview": "/admin", "demo-users": USERS, "demo-refused": "/admin/tools/tokens"}
"""Pages as somebody sees them who is only shown the dashboard."""
