"""Which members of the stored settings are secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from idp.foundation.kernel.secret import Secret


class Twilio(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``phone/providers/twilio``."""

    sid: str | None = None
    from_: str | None = msgspec.field(default=None, name="from")
    messaging_service_sid: str | None = None
    auth_token: Secret | None = None


class Duo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``duo/settings``."""

    ikey: str | None = None
    host: str | None = None
    skey: Secret | None = None


class Apns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``push-notification/providers/apns``."""

    sandbox: bool | None = None
    bundle_id: str | None = None
    p12: Secret | None = None


class Fcm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``push-notification/providers/fcm``."""

    server_key: Secret | None = None


class FcmV1(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``push-notification/providers/fcmv1``."""

    server_credentials: Secret | None = None


class Sns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``push-notification/providers/sns``."""

    aws_access_key_id: str | None = None
    aws_region: str | None = None
    sns_apns_platform_application_arn: str | None = None
    sns_gcm_platform_application_arn: str | None = None
    aws_secret_access_key: Secret | None = None


SHAPES: Final[Mapping[str, type[msgspec.Struct]]] = {
    "phone/twilio": Twilio,
    "duo/settings": Duo,
    "push-notification/apns": Apns,
    "push-notification/fcm": Fcm,
    "push-notification/fcmv1": FcmV1,
    "push-notification/sns": Sns,
}
"""By the name of the document; the others hold none."""
