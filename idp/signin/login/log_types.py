"""Types of log entries about signing in, signing up, and the links of mails."""

from __future__ import annotations

from idp.foundation.kernel.log_types import LogType


class LoginLog(LogType):
    """Written by the hosted pages and what stands behind them."""

    SUCCESS = "s", "User signed in."
    FAILED = "f", "Sign-in failed: the user is blocked, refused the application, or the request cannot be answered."
    WRONG_PASSWORD = "fp", "Sign-in failed: wrong password."
    UNKNOWN_USER = "fu", "Sign-in failed: no user has that email address or username."
    SIGNED_UP = "ss", "User signed up."
    SIGN_UP_FAILED = "fs", "Sign-up failed: the email address or username is taken."
    EMAIL_VERIFIED = "sv", "Email address verified with the link of an email."
    EMAIL_VERIFICATION_FAILED = "fv", "Email address not verified: the link was used, or the address has changed."
    PASSWORD_RESET_REQUESTED = "scpr", "Password reset email queued."
    PASSWORD_RESET_REQUEST_FAILED = "fcpr", "Password reset requested, and no account matches."
    PASSWORD_CHANGE_FAILED = "fcp", "Password not changed: the current one was wrong."
