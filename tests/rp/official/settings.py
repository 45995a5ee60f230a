"""The tenant's settings, its mail and pages, jobs, logs and keys."""

from __future__ import annotations

from tests.rp.official.contract import Call, has, nothing

SMTP = {"smtp_host": "localhost", "smtp_port": 2525, "smtp_user": "mailer", "smtp_pass": "hidden-7"}
TEMPLATE = {
    "template": "welcome_email",
    "body": "<p>Hello {{ user.name }}</p>",
    "from": "mailer@example.com",
    "subject": "Welcome",
    "syntax": "liquid",
    "enabled": True,
}
PAGE = "<!DOCTYPE html><html><head>{%- auth0:head -%}</head><body>{%- auth0:widget -%}</body></html>"


def tenant() -> list[Call]:
    """Settings, branding, prompts and mail."""
    colors = {"colors": {"primary": "#0059d6"}}
    return [
        Call(
            "PATCH /tenants/settings",
            "tenants.settings.update",
            members={"friendly_name": "$name", "support_email": "help@example.com"},
            expect={"friendly_name": "$name"},
            four=("tenants.update", ({"friendly_name": "$name", "support_email": "help@example.com"},), {}),
        ),
        Call(
            "GET /tenants/settings",
            "tenants.settings.get",
            expect={"friendly_name": "$name", "support_email": "help@example.com"},
            four=("tenants.get", (), {}),
        ),
        Call("PATCH /branding", "branding.update", members=colors, expect=colors),
        Call("GET /branding", "branding.get", expect=colors),
        Call(
            "PUT /branding/templates/universal-login",
            "branding.templates.update_universal_login",
            members={"template": PAGE},
            four=("branding.update_template_universal_login", (PAGE,), {}),
        ),
        Call(
            "GET /branding/templates/universal-login",
            "branding.templates.get_universal_login",
            expect={"body": PAGE},
            four=("branding.get_template_universal_login", (), {}),
        ),
        Call(
            "DELETE /branding/templates/universal-login",
            "branding.templates.delete_universal_login",
            expect=nothing,
            four=("branding.delete_template_universal_login", (), {}),
        ),
        Call(
            "PATCH /prompts",
            "prompts.update_settings",
            members={"identifier_first": False},
            expect={"identifier_first": False},
            four=("prompts.update", ({"identifier_first": False},), {}),
        ),
        Call(
            "GET /prompts",
            "prompts.get_settings",
            expect={"identifier_first": False},
            four=("prompts.get", (), {}),
        ),
        Call(
            "PUT /prompts/{prompt}/custom-text/{language}",
            "prompts.custom_text.set",
            ("signup", "en"),
            {"signup": {"title": "Join us"}},
            four=("prompts.update_custom_text", ("signup", "en", {"signup": {"title": "Join us"}}), {}),
        ),
        Call(
            "GET /prompts/{prompt}/custom-text/{language}",
            "prompts.custom_text.get",
            ("signup", "en"),
            expect={"signup": {"title": "Join us"}},
            four=("prompts.get_custom_text", ("signup", "en"), {}),
        ),
        Call(
            "POST /emails/provider",
            "emails.provider.create",
            members={"name": "smtp", "credentials": SMTP, "default_from_address": "a@example.com"},
            expect={"name": "smtp"},
            four=(
                "emails.config",
                ({"name": "smtp", "credentials": SMTP, "default_from_address": "a@example.com"},),
                {},
            ),
        ),
        Call(
            "PATCH /emails/provider",
            "emails.provider.update",
            members={"enabled": False},
            expect={"enabled": False},
            four=("emails.update", ({"enabled": False},), {}),
        ),
        Call(
            "GET /emails/provider",
            "emails.provider.get",
            expect={"name": "smtp", "enabled": False},
            four=("emails.get", (), {"fields": ["name", "enabled"]}),
        ),
        Call("DELETE /emails/provider", "emails.provider.delete", expect=nothing, four=("emails.delete", (), {})),
        Call(
            "POST /email-templates",
            "email_templates.create",
            members={**TEMPLATE, "template": "$template"},
            expect={"template": "$template", "subject": "Welcome"},
        ),
        Call(
            "PUT /email-templates/{template_name}",
            "email_templates.set",
            ("welcome_email",),
            TEMPLATE,
            {"subject": "Welcome"},
        ),
        Call(
            "PATCH /email-templates/{template_name}",
            "email_templates.update",
            ("welcome_email",),
            {"subject": "Good day"},
            {"subject": "Good day"},
        ),
        Call(
            "GET /email-templates/{template_name}",
            "email_templates.get",
            ("welcome_email",),
            expect={"subject": "Good day", "syntax": "liquid"},
        ),
        Call("GET /keys/signing", "keys.signing.list", expect=has(current=True), keep={"old_key": "0.kid"}),
    ]


def work() -> list[Call]:
    """Tickets, jobs, logs, statistics and keys."""
    return [
        Call(
            "POST /tickets/email-verification",
            "tickets.verify_email",
            members={"user_id": "$user", "result_url": "https://app.example.com/done"},
            expect=lambda answer: answer["ticket"].startswith("https://"),
            four=(
                "tickets.create_email_verification",
                ({"user_id": "$user", "result_url": "https://app.example.com/done"},),
                {},
            ),
        ),
        Call(
            "POST /tickets/password-change",
            "tickets.change_password",
            members={"user_id": "$user", "ttl_sec": 600},
            expect=lambda answer: answer["ticket"].startswith("https://"),
            four=("tickets.create_pswd_change", ({"user_id": "$user", "ttl_sec": 600},), {}),
        ),
        Call(
            "POST /jobs/verification-email",
            "jobs.verification_email.create",
            members={"user_id": "$user"},
            expect={"type": "verification_email"},
            four=("jobs.send_verification_email", ({"user_id": "$user"},), {}),
        ),
        Call(
            "POST /jobs/users-exports",
            "jobs.users_exports.create",
            members={"format": "json", "limit": 2, "fields": [{"name": "email"}]},
            expect={"type": "users_export", "format": "json"},
            four=("jobs.export_users", ({"format": "json", "limit": 2, "fields": [{"name": "email"}]},), {}),
        ),
        Call(
            "POST /jobs/users-imports",
            "jobs.users_imports.create",
            members={"users": {"$file": "$import"}, "connection_id": "$connection_id", "external_id": "x-1"},
            expect={"type": "users_import", "external_id": "x-1"},
            keep={"job": "id"},
            four=("jobs.import_users", ("$connection_id", {"$file": "$import"}), {"external_id": "x-1"}),
        ),
        Call("GET /jobs/{id}", "jobs.get", ("$job",), expect={"id": "$job", "type": "users_import"}),
        Call(
            "GET /jobs/{id}/errors",
            "jobs.errors.get",
            ("$failed_job",),
            expect=lambda answer: answer[0]["errors"][0]["code"] == "FORMAT",
            four=("jobs.get_failed_job", ("$failed_job",), {}),
        ),
        Call(
            "GET /logs",
            "logs.list",
            members={"per_page": 5, "sort": "date:-1"},
            expect=lambda answer: len(answer) >= 5,
            keep={"log": "0.log_id"},
            four=("logs.search", (), {"per_page": 5, "sort": "date:-1", "include_totals": False}),
        ),
        Call("GET /logs/{id}", "logs.get", ("$log",), expect={"log_id": "$log"}),
        Call(
            "GET /stats/active-users",
            "stats.get_active_users_count",
            expect=lambda answer: answer >= 1,
            four=("stats.active_users", (), {}),
        ),
        Call(
            "GET /stats/daily",
            "stats.get_daily",
            members={"from": "20200101", "to": "21000101"},
            expect=lambda answer: answer[-1]["logins"] >= 1,
            four=("stats.daily_stats", ("20200101", "21000101"), {}),
        ),
        Call("DELETE /users/{id}", "users.delete", ("$user",), expect=nothing),
        Call("GET /keys/signing/{kid}", "keys.signing.get", ("$old_key",), expect={"kid": "$old_key"}),
        Call("POST /keys/signing/rotate", "keys.signing.rotate"),
        # the last of all: the token of the call is signed with the key that goes
        Call("PUT /keys/signing/{kid}/revoke", "keys.signing.revoke", ("$old_key",), expect={"kid": "$old_key"}),
    ]
