"""Settings of the tenant (``/admin/settings/tenant``)."""

from __future__ import annotations

from idp.admin.desk.history import tab as history
from idp.admin.desk.raw import tab as raw
from idp.admin.desk.resource import Field, Resource, Section, Tab
from idp.foundation.web.i18n import LANGUAGES, autonym
from idp.tenant.settings import api as tenant
from idp.tenant.settings.schemas import Compatibility

GENERAL = (
    Section(
        "basic",
        (
            Field("friendly_name"),
            Field("picture_url"),
            Field("support_email"),
            Field("support_url"),
            Field("time_zone", hint=True),
        ),
    ),
    Section(
        "defaults",
        (
            Field("default_redirection_uri", hint=True),
            Field("default_audience", hint=True),
            Field("default_directory", hint=True),
            Field("error_page.url", hint=True),
        ),
    ),
)
SESSIONS = (
    Section(
        "sessions",
        (
            Field("session_lifetime", hint=True, careful=True),
            Field("idle_session_lifetime", hint=True, careful=True),
            Field("session_cookie.mode"),
        ),
    ),
    Section(
        "logout",
        (
            Field("allowed_logout_urls", hint=True),
            Field("sessions.oidc_logout_prompt_enabled"),
            Field("session_management", hint=True),
        ),
    ),
)
ADVANCED = (
    Section(
        "people",
        (
            Field("gravatar"),
            Field("extended_user_search"),
            Field("suggest_account_linking"),
            Field("account_deletion_days", hint=True, careful=True),
            Field("refused_email_domains", hint=True),
            Field("profile_form_logins", hint=True),
            Field("flags.disable_impersonation", hint=True, careful=True),
        ),
    ),
    Section("logs", (Field("log_retention_days", hint=True, careful=True), Field("deleted_users_in_logs"))),
    Section(
        "protocols",
        (
            Field("pushed_authorization_requests_supported"),
            Field("require_pushed_authorization_requests", hint=True, careful=True),
            Field("resource_parameter_profile", hint=True),
            Field("require_dpop_nonce", careful=True),
            Field("dpop_strict_refresh_token_binding", careful=True),
            Field("mtls.enable_endpoint_aliases"),
            Field("flags.enable_client_connections"),
            Field("flags.use_scope_descriptions_for_consent"),
        ),
    ),
    Section(
        "devices",
        (
            Field("device_flow.enabled"),
            Field("device_flow.lifetime_in_seconds", hint=True),
            Field("device_flow.charset"),
            Field("device_flow.mask", hint=True),
        ),
    ),
    Section(
        "registration",
        (
            Field("flags.enable_dynamic_client_registration", hint=True, careful=True),
            Field("client_registration.open", hint=True, careful=True),
            Field("client_id_metadata_document_supported", hint=True, careful=True),
            Field("client_id_metadata_document_dynamic_registration_supported", hint=True, careful=True),
            Field("client_registration.redirect_hosts", hint=True),
            Field("client_registration.document_hosts", hint=True),
            Field("client_registration.grant_types", hint=True, careful=True),
            Field("client_registration.max_clients"),
            Field("client_registration.unused_days", hint=True),
            Field("client_registration.idle_days", hint=True),
            Field("client_registration.require_software_statement"),
        ),
    ),
    Section(
        "federation",
        (
            Field("federation.enabled", hint=True, careful=True),
            Field("federation.authority_hints", hint=True),
            Field("federation.trust_anchors", "json", hint=True, careful=True),
            Field("federation.required_trust_marks", hint=True, careful=True),
        ),
    ),
)
LANGUAGES_IN_ORDER = Field("enabled_locales", "order", LANGUAGES, hint=True, called=autonym)
COMPATIBILITY = tuple(
    Field(f"compatibility.{name}", careful=True, hint=True) for name in Compatibility.__struct_fields__
)

RESOURCES = (
    Resource(
        group="settings",
        name="tenant",
        read=tenant.get_settings,
        update=tenant.update_settings,
        single=True,
        title=lambda _document: "",
        tabs=(
            Tab("general", GENERAL),
            Tab("sessions", SESSIONS),
            Tab("languages", (Section("languages", (LANGUAGES_IN_ORDER,)),)),
            Tab("advanced", ADVANCED),
            Tab("compatibility", (Section("compatibility", COMPATIBILITY),)),
            raw(),
            history(),
        ),
        whole=("error_page", "session_cookie", "sessions", "mtls"),
        aliases=("Tenant Settings", "flags", "compatibility", "OpenID Federation", "trust anchors"),
        api="tenants.settings",
        deploy="tenant",
    ),
)
