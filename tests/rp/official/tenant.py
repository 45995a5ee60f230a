"""A tenant with something of everything that auth0-deploy-cli exports, made through the Management API."""

from __future__ import annotations

from typing import Any

from tests.counterparts.management import Management

API = "https://api.roundtrip.example/"
CLIENTS: tuple[dict[str, Any], ...] = (
    {
        "name": "Shop",
        "app_type": "regular_web",
        "description": "Where people buy",
        "logo_uri": "https://shop.example/logo.png",
        "callbacks": ["https://shop.example/callback", "https://shop.example/other"],
        "allowed_logout_urls": ["https://shop.example/bye"],
        "initiate_login_uri": "https://shop.example/login",
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
        "token_endpoint_auth_method": "client_secret_basic",
        "oidc_conformant": True,
        "client_metadata": {"team": "a", "tier": "gold"},
        "jwt_configuration": {"alg": "RS256", "lifetime_in_seconds": 1800},
        "refresh_token": {
            "rotation_type": "rotating",
            "expiration_type": "expiring",
            "leeway": 10,
            "token_lifetime": 86_400,
            "idle_token_lifetime": 3_600,
            "infinite_token_lifetime": False,
            "infinite_idle_token_lifetime": False,
        },
        "oidc_logout": {
            "backchannel_logout_urls": ["https://shop.example/logout"],
            "backchannel_logout_initiators": {"mode": "custom", "selected_initiators": ["rp-logout", "idp-logout"]},
        },
        "cross_origin_authentication": False,
        "is_first_party": True,
        "sso_disabled": False,
    },
    {
        "name": "Counter",
        "app_type": "spa",
        "callbacks": ["https://counter.example"],
        "web_origins": ["https://counter.example"],
        "allowed_origins": ["https://counter.example"],
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", "refresh_token", "implicit"],
        "oidc_conformant": True,
    },
    {
        "name": "Pocket",
        "app_type": "native",
        "callbacks": ["com.example.pocket://callback"],
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", "refresh_token"],
        "mobile": {"ios": {"team_id": "9JA89QQLNQ", "app_bundle_identifier": "com.example.pocket"}},
        "native_social_login": {"apple": {"enabled": True}, "facebook": {"enabled": False}},
        "oidc_conformant": True,
    },
    {
        "name": "Nightly",
        "app_type": "non_interactive",
        "grant_types": ["client_credentials"],
        "token_endpoint_auth_method": "client_secret_post",
    },
)
CONNECTIONS: tuple[dict[str, Any], ...] = (
    {
        "name": "customers",
        "strategy": "auth0",
        "display_name": "Customers",
        "options": {
            "passwordPolicy": "good",
            "password_history": {"enable": True, "size": 5},
            "password_no_personal_info": {"enable": True},
            "password_complexity_options": {"min_length": 12},
            "brute_force_protection": True,
            "disable_signup": True,
            "requires_username": False,
        },
        "realms": ["customers"],
        "metadata": {"kind": "b2c"},
    },
    {
        "name": "google-oauth2",
        "strategy": "google-oauth2",
        "options": {"client_id": "g-1", "client_secret": "hidden-g", "scope": ["email", "profile"], "email": True},
    },
    {
        "name": "acme-oidc",
        "strategy": "oidc",
        "options": {
            "type": "back_channel",
            "client_id": "o-1",
            "client_secret": "hidden-o",
            "issuer": "https://id.acme.example",
            "authorization_endpoint": "https://id.acme.example/authorize",
            "token_endpoint": "https://id.acme.example/token",
            "jwks_uri": "https://id.acme.example/keys",
            "scope": "openid profile email",
        },
        "show_as_button": True,
    },
)
ROLES = ("reader", "writer")
SECRETS = {"CONNECTIONS_GOOGLE_OAUTH2_SECRET": "hidden-g", "CONNECTIONS_OIDC_SECRET": "hidden-o"}
"""What stands for the secrets that are in no export."""
ATTACK: dict[str, dict[str, Any]] = {
    "brute-force-protection": {"enabled": True, "shields": ["block"], "max_attempts": 7, "allowlist": ["192.0.2.1"]},
    "suspicious-ip-throttling": {
        "enabled": True,
        "shields": ["block"],
        "stage": {"pre-login": {"max_attempts": 50, "rate": 432_000}},
    },
    "breached-password-detection": {"enabled": True, "shields": ["block"], "method": "standard"},
    "bot-detection": {"bot_detection_level": "high", "challenge_password_policy": "when_risky"},
}
SETTINGS: dict[str, Any] = {
    "friendly_name": "Round Trip",
    "support_email": "help@roundtrip.example",
    "support_url": "https://roundtrip.example/help",
    "picture_url": "https://roundtrip.example/logo.png",
    "allowed_logout_urls": ["https://roundtrip.example/bye"],
    "session_lifetime": 100,
    "idle_session_lifetime": 50,
    "enabled_locales": ["en", "de"],
    "default_redirection_uri": "https://roundtrip.example/start",
    "flags": {"enable_public_signup_user_exists_error": True},
}
THEME_COLORS = {
    "base_focus_color": "#635dff",
    "base_hover_color": "#000000",
    "body_text": "#1e212a",
    "error": "#d03c38",
    "header": "#1e212a",
    "icons": "#65676e",
    "input_background": "#ffffff",
    "input_border": "#c9cace",
    "input_filled_text": "#000000",
    "input_labels_placeholders": "#65676e",
    "links_focused_components": "#635dff",
    "primary_button": "#0059d6",
    "primary_button_label": "#ffffff",
    "secondary_button_border": "#c9cace",
    "secondary_button_label": "#1e212a",
    "success": "#13a688",
    "widget_background": "#ffffff",
    "widget_border": "#c9cace",
}
TEXT = {"size": 100.0, "bold": False}
THEME: dict[str, Any] = {
    "displayName": "Sea",
    "borders": {
        "button_border_radius": 3.0,
        "button_border_weight": 1.0,
        "buttons_style": "rounded",
        "input_border_radius": 3.0,
        "input_border_weight": 1.0,
        "inputs_style": "rounded",
        "show_widget_shadow": True,
        "widget_border_weight": 0.0,
        "widget_corner_radius": 5.0,
    },
    "colors": THEME_COLORS,
    "fonts": {
        "body_text": {"size": 87.5, "bold": False},
        "buttons_text": TEXT,
        "font_url": "",
        "input_labels": TEXT,
        "links": {"size": 87.5, "bold": True},
        "links_style": "normal",
        "reference_text_size": 16.0,
        "subtitle": {"size": 87.5, "bold": False},
        "title": {"size": 150.0, "bold": False},
    },
    "page_background": {
        "background_color": "#eeeeee",
        "background_image_url": "",
        "page_layout": "center",
    },
    "widget": {
        "header_text_alignment": "center",
        "logo_height": 52.0,
        "logo_position": "center",
        "logo_url": "",
        "social_buttons_layout": "bottom",
    },
}
WORDS = {"signup/custom-text/en": "Join us", "login/custom-text/de": "Hallo"}
PARTIAL, SUBJECT = "<p>Welcome</p>", "About {{ application.name }}"
SENDER = "Round Trip <a@roundtrip.example>"
PAGE = "<!DOCTYPE html><html><head>{%- auth0:head -%}</head><body>{%- auth0:widget -%}</body></html>"

EXPORTED = (
    *(each["name"] for each in (*CLIENTS, *CONNECTIONS)),
    *ROLES,
    *WORDS.values(),
    *(API, PARTIAL, SUBJECT, SETTINGS["friendly_name"], THEME["displayName"], "192.0.2.1", SENDER),
)
"""What each part of it is known by in an export."""


def fill(management: Management) -> None:
    """Make it."""
    scopes = [{"value": "read:things", "description": "Read"}, {"value": "write:things", "description": "Write"}]
    management.post(
        "resource-servers",
        {
            "name": "Round Trip API",
            "identifier": API,
            "scopes": scopes,
            "enforce_policies": True,
            "token_dialect": "access_token_authz",
            "token_lifetime": 7200,
            "allow_offline_access": True,
            "skip_consent_for_verifiable_first_party_clients": True,
        },
    )
    clients = {each["name"]: management.post("clients", each) for each in CLIENTS}
    grant = {"client_id": clients["Nightly"]["client_id"], "audience": API, "scope": ["read:things"]}
    management.post("client-grants", grant)
    for each in CONNECTIONS:
        made = management.post("connections", each)
        enabled = [{"client_id": clients[name]["client_id"], "status": True} for name in ("Shop", "Counter")]
        management.patch(f"connections/{made['id']}/clients", enabled)
    for name in ROLES:
        role = management.post("roles", {"name": name, "description": f"A {name}"})
        permission = f"{'read' if name == 'reader' else 'write'}:things"
        named = [{"resource_server_identifier": API, "permission_name": permission}]
        management.post(f"roles/{role['id']}/permissions", {"permissions": named})
    for part, members in ATTACK.items():
        management.patch(f"attack-protection/{part}", members)
    management.patch("tenants/settings", SETTINGS)
    appearance(management)
    mail(management)


def appearance(management: Management) -> None:
    """Colours, a theme, a template and words of the tenant's own."""
    management.patch(
        "branding",
        {
            "colors": {"primary": "#0059d6", "page_background": "#eeeeee"},
            "logo_url": "https://roundtrip.example/logo.png",
            "favicon_url": "https://roundtrip.example/icon.png",
            "font": {"url": "https://roundtrip.example/font.woff2"},
        },
    )
    management.post("branding/themes", THEME)
    management.call("PUT", "branding/templates/universal-login", {"template": PAGE})
    management.patch("prompts", {"identifier_first": True})
    for where, title in WORDS.items():
        management.call("PUT", f"prompts/{where}", {where.partition("/")[0]: {"title": title}})
    management.call("PUT", "prompts/login/partials", {"login": {"form-content-start": PARTIAL}})


def mail(management: Management) -> None:
    """Who sends mails, and what stands in them."""
    credentials = {"smtp_host": "localhost", "smtp_port": 2525, "smtp_user": "mailer", "smtp_pass": "hidden-m"}
    management.post(
        "emails/provider",
        {"name": "smtp", "default_from_address": SENDER, "credentials": credentials},
    )
    for name in ("verify_email", "welcome_email", "reset_email"):
        management.call(
            "PUT",
            f"email-templates/{name}",
            {
                "template": name,
                "body": "<p>Hello {{ user.name }}</p>",
                "from": "a@roundtrip.example",
                "subject": SUBJECT,
                "resultUrl": "https://roundtrip.example/done",
                "syntax": "liquid",
                "urlLifetimeInSeconds": 4000,
                "enabled": name != "welcome_email",
            },
        )
