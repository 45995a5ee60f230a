"""Types of log entries about second factors; Auth0's names begin with the one of its service, Guardian."""

from __future__ import annotations

from idp.foundation.kernel.log_types import LogType


class FactorLog(LogType):
    """Written when a factor is asked for, proven or not, enrolled, changed and taken away."""

    REQUIRED = "mfar", "A second factor is required."
    SUCCEEDED = "gd_auth_succeed", "Second factor proven."
    FAILED = "gd_auth_failed", "Second factor not proven: a wrong, used or expired code."
    LIMITED = "gd_otp_rate_limit_exceed", "Too many wrong codes of a second factor."
    ENROLMENT_BEGUN = "gd_start_enroll", "Enrolment of a second factor begun."
    ENROLLED = "gd_enrollment_complete", "Second factor enrolled."
    UNENROLLED = "gd_unenroll", "Second factor removed."
    UPDATED = "gd_update_device_account", "Second factor changed."
    SMS_SENT = "gd_send_sms", "Code of a second factor sent by text message."
    SMS_NOT_SENT = "gd_send_sms_failure", "Code of a second factor not sent by text message."
    VOICE_SENT = "gd_send_voice", "Code of a second factor said by telephone."
    VOICE_NOT_SENT = "gd_send_voice_failure", "Code of a second factor not said by telephone."
    EMAIL_SENT = "gd_send_email", "Code of a second factor mailed."
    EMAIL_NOT_SENT = "gd_send_email_failure", "Code of a second factor not mailed."
    RECOVERED = "gd_recovery_succeed", "Recovery code accepted."
    NOT_RECOVERED = "gd_recovery_failed", "Recovery code refused."
    RECOVERY_LIMITED = "gd_recovery_rate_limit_exceed", "Too many wrong recovery codes."
    WEBAUTHN_FAILED = "gd_webauthn_challenge_failed", "Answer of a security key or device refused."
    SETTINGS_CHANGED = "gd_tenant_update", "Settings of second factors changed."
