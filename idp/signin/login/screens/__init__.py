"""The screens, one file each; a new one is a file and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from idp.signin.login.screen import Screen, TicketScreen
from idp.signin.login.screens.account_linking import AccountLinking
from idp.signin.login.screens.address_code import (
    EmailIdentifierChallenge,
    EmailOtpChallenge,
    LoginEmailVerification,
    PhoneIdentifierChallenge,
)
from idp.signin.login.screens.connection_choice import ConnectionChoice
from idp.signin.login.screens.consent import Consent
from idp.signin.login.screens.customized_consent import CustomizedConsent
from idp.signin.login.screens.email_verification import EmailVerification
from idp.signin.login.screens.invitation import AcceptInvitation
from idp.signin.login.screens.login import Login
from idp.signin.login.screens.login_device import LoginDevice
from idp.signin.login.screens.login_id import LoginId
from idp.signin.login.screens.login_password import LoginPassword
from idp.signin.login.screens.mfa import EnrolOptions, EnrolResult, LoginOptions
from idp.signin.login.screens.mfa_challenges import EmailChallenge, OtpChallenge, RecoveryChallenge, SmsChallenge
from idp.signin.login.screens.mfa_devices import KeyNickname, PlatformOffer
from idp.signin.login.screens.mfa_enrolments import (
    OtpEnrolmentCode,
    OtpEnrolmentQr,
    RecoveryEnrolment,
    RecoveryNewCode,
    SmsEnrolment,
)
from idp.signin.login.screens.mfa_webauthn import (
    KeyChallenge,
    KeyEnrolment,
    PlatformChallenge,
    PlatformEnrolment,
    ResetKey,
    ResetPlatform,
)
from idp.signin.login.screens.passkeys import LocalPasskeyEnrollment, PasskeyEnrollment
from idp.signin.login.screens.passwordless import EmailCode, EmailLink, SmsCode
from idp.signin.login.screens.profile import ProfileForm
from idp.signin.login.screens.reset_change import ResetChange
from idp.signin.login.screens.reset_email_sent import EmailSent
from idp.signin.login.screens.reset_expired import ResetExpired
from idp.signin.login.screens.reset_factors import ResetOtp, ResetRecoveryCode, ResetSms
from idp.signin.login.screens.reset_request import ResetRequest
from idp.signin.login.screens.self_service import KeepAccount, KeepAccountLink, NewAddress, OldAddress
from idp.signin.login.screens.signup import SignUp
from idp.signin.login.screens.unblock import Unblock

AnyScreen: TypeAlias = Screen | TicketScreen
ALL: tuple[AnyScreen, ...] = (
    Login(),
    LoginId(),
    LoginPassword(),
    LoginDevice(),
    ConnectionChoice(),
    EmailCode(),
    EmailLink(),
    SmsCode(),
    LoginOptions(),
    EnrolOptions(),
    EnrolResult(),
    OtpChallenge(),
    OtpEnrolmentQr(),
    OtpEnrolmentCode(),
    SmsChallenge(),
    SmsEnrolment(),
    EmailChallenge(),
    RecoveryChallenge(),
    RecoveryEnrolment(),
    RecoveryNewCode(),
    KeyChallenge(),
    KeyEnrolment(),
    PlatformChallenge(),
    PlatformEnrolment(),
    KeyNickname(),
    PlatformOffer(),
    ResetKey(),
    ResetPlatform(),
    PasskeyEnrollment(),
    LocalPasskeyEnrollment(),
    CustomizedConsent(),
    SignUp(),
    ProfileForm(),
    EmailOtpChallenge(),
    PhoneIdentifierChallenge(),
    EmailIdentifierChallenge(),
    LoginEmailVerification(),
    Consent(),
    AccountLinking(),
    KeepAccount(),
    ResetRequest(),
    EmailSent(),
    ResetChange(),
    ResetOtp(),
    ResetSms(),
    ResetRecoveryCode(),
    ResetExpired(),
    EmailVerification(),
    AcceptInvitation(),
    Unblock(),
    OldAddress(),
    NewAddress(),
    KeepAccountLink(),
)
SCREENS: Mapping[str, AnyScreen] = {screen.path: screen for screen in ALL}
"""By path below ``/u/``."""
