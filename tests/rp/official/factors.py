"""Second factors: what a tenant says of them, and what one user has."""

from __future__ import annotations

from tests.rp.official.contract import Call, has, nothing

TIMEOUTS = {
    "display_remember_me_checkbox": True,
    "remember_me_default_value": False,
    "mfa_session_inactivity_timeout": 604_800,
    "mfa_session_overall_timeout": 2_592_000,
}
PHONE = {"type": "phone", "phone_number": "+491711234567", "name": "Work"}
APP = {"type": "totp", "totp_secret": "JBSWY3DPEHPK3PXP", "name": "App"}


def guardian() -> list[Call]:
    """The switches, the policy and the timeouts."""
    return [
        Call(
            "PUT /guardian/factors/{name}",
            "guardian.factors.set",
            ("otp",),
            {"enabled": True},
            {"enabled": True},
            four=("guardian.update_factor", ("otp", {"enabled": True}), {}),
        ),
        Call(
            "GET /guardian/factors",
            "guardian.factors.list",
            expect=has(name="otp", enabled=True),
            four=("guardian.all_factors", (), {}),
        ),
        Call(
            "PUT /guardian/policies", "guardian.policies.set", members=["confidence-score"], expect=["confidence-score"]
        ),
        Call("GET /guardian/policies", "guardian.policies.list", expect=["confidence-score"]),
        Call("PUT /guardian/settings", "guardian.set", members=TIMEOUTS, expect=TIMEOUTS),
        Call("GET /guardian/settings", "guardian.get", expect=TIMEOUTS),
    ]


def of_user() -> list[Call]:
    """Methods, enrolments and recovery codes."""
    return [
        Call(
            "POST /guardian/enrollments/ticket",
            "guardian.enrollments.create_ticket",
            members={"user_id": "$user"},
            expect=lambda answer: answer["ticket_id"] in answer["ticket_url"],
            four=("guardian.create_enrollment_ticket", ({"user_id": "$user"},), {}),
        ),
        Call(
            "POST /users/{id}/authentication-methods",
            "users.authentication_methods.create",
            ("$user",),
            PHONE,
            PHONE,
            {"phone": "id"},
            four=("users.create_authentication_method", ("$user", PHONE), {}),
        ),
        Call(
            "GET /users/{id}/authentication-methods",
            "users.authentication_methods.list",
            ("$user",),
            four=("users.get_authentication_methods", ("$user",), {}),
        ),
        Call(
            "GET /users/{id}/authentication-methods/{authentication_method_id}",
            "users.authentication_methods.get",
            ("$user", "$phone"),
            expect={"id": "$phone", "confirmed": True},
            four=("users.get_authentication_method_by_id", ("$user", "$phone"), {}),
        ),
        Call(
            "PATCH /users/{id}/authentication-methods/{authentication_method_id}",
            "users.authentication_methods.update",
            ("$user", "$phone"),
            {"name": "Home"},
            {"name": "Home"},
            four=("users.update_authentication_method_by_id", ("$user", "$phone", {"name": "Home"}), {}),
        ),
        Call(
            "GET /guardian/enrollments/{id}",
            "guardian.enrollments.get",
            ("$phone",),
            expect={"id": "$phone", "status": "confirmed"},
            four=("guardian.get_enrollment", ("$phone",), {}),
        ),
        Call(
            "DELETE /guardian/enrollments/{id}",
            "guardian.enrollments.delete",
            ("$phone",),
            expect=nothing,
            four=("guardian.delete_enrollment", ("$phone",), {}),
        ),
        Call(
            "PUT /users/{id}/authentication-methods",
            "users.authentication_methods.set",
            ("$user",),
            [APP],
            lambda answer: [each["type"] for each in answer] == ["totp"],
            {"app_method": "0.id"},
            four=("users.update_authentication_methods", ("$user", [APP]), {}),
        ),
        Call(
            "GET /users/{id}/enrollments",
            "users.enrollments.get",
            ("$user",),
            expect=has(auth_method="authenticator"),
            four=("users.get_guardian_enrollments", ("$user",), {}),
        ),
        Call(
            "POST /users/{id}/recovery-code-regeneration",
            "users.regenerate_recovery_code",
            ("$user",),
            expect=lambda answer: len(answer["recovery_code"]) == 24,
            four=("users.regenerate_recovery_code", ("$user",), {}),
        ),
        Call(
            "POST /users/{id}/multifactor/actions/invalidate-remember-browser",
            "users.multifactor.invalidate_remember_browser",
            ("$user",),
            expect=nothing,
            four=("users.invalidate_remembered_browsers", ("$user",), {}),
        ),
        Call(
            "DELETE /users/{id}/authentication-methods/{authentication_method_id}",
            "users.authentication_methods.delete",
            ("$user", "$app_method"),
            expect=nothing,
            four=("users.delete_authentication_method_by_id", ("$user", "$app_method"), {}),
        ),
        Call(
            "DELETE /users/{id}/multifactor/{provider}",
            "users.multifactor.delete_provider",
            ("$user", "google-authenticator"),
            expect=nothing,
            four=("users.delete_multifactor", ("$user", "google-authenticator"), {}),
        ),
        Call(
            "DELETE /users/{id}/authenticators",
            "users.authenticators.delete_all",
            ("$user",),
            expect=nothing,
            four=("users.delete_authenticators", ("$user",), {}),
        ),
        Call(
            "DELETE /users/{id}/authentication-methods",
            "users.authentication_methods.delete_all",
            ("$user",),
            expect=nothing,
            four=("users.delete_authentication_methods", ("$user",), {}),
        ),
    ]
