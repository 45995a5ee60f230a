"""``/guardian/factors/...``: providers, messages and settings of single factors. Duo and push notifications are stored,
and nothing is done with them.

Secrets are taken and told to nobody. ``sms`` is the old name of ``phone``: both are one.
"""

from __future__ import annotations

from idp.foundation.apikit import Api, as_view, changes
from idp.foundation.tenancy.work import Work
from idp.signin.factors import settings_service as service
from idp.signin.factors.schemas import (
    ApnsBody,
    ApnsView,
    CodeSettings,
    DuoBody,
    DuoView,
    FactorSettings,
    FcmBody,
    FcmV1Body,
    MessageTypes,
    MessageTypesView,
    NothingView,
    ProviderView,
    SelectedProvider,
    SelectedPushProvider,
    SnsBody,
    SnsView,
    TemplatesBody,
    TemplatesView,
    TwilioBody,
    TwilioView,
    WebauthnBody,
    WebauthnView,
)

api = Api("guardian")
READ, UPDATE = {"read:guardian_factors"}, {"update:guardian_factors"}


@api.get("/guardian/factors/duo/settings", scopes=READ, summary="Get Duo settings")
def get_duo_settings(work: Work) -> DuoView:
    """As it is in force."""
    return as_view(DuoView, service.read(work, "duo/settings"))


@api.patch("/guardian/factors/duo/settings", scopes=UPDATE, summary="Update Duo settings")
def update_duo_settings(work: Work, body: DuoBody) -> DuoView:
    """Change some of it."""
    return as_view(DuoView, service.change(work, "duo/settings", changes(body), whole=False))


@api.put("/guardian/factors/duo/settings", scopes=UPDATE, summary="Set Duo settings")
def set_duo_settings(work: Work, body: DuoBody) -> DuoView:
    """Replace it; a secret that is not sent stays."""
    return as_view(DuoView, service.change(work, "duo/settings", changes(body)))


@api.get("/guardian/factors/email/settings", scopes=READ, summary="Get settings of mailed codes")
def get_email_settings(work: Work) -> FactorSettings:
    """As it is in force."""
    return as_view(FactorSettings, service.read(work, "email/settings"))


@api.put("/guardian/factors/email/settings", scopes=UPDATE, summary="Set settings of mailed codes")
def set_email_settings(work: Work, body: CodeSettings) -> FactorSettings:
    """Replace it; a secret that is not sent stays."""
    return as_view(FactorSettings, service.change(work, "email/settings", changes(body)))


@api.get("/guardian/factors/phone/message-types", scopes=READ, summary="Get how phones are reached")
def get_phone_message_types(work: Work) -> MessageTypesView:
    """As it is in force."""
    return as_view(MessageTypesView, service.read(work, "phone/message-types"))


@api.put("/guardian/factors/phone/message-types", scopes=UPDATE, summary="Set how phones are reached")
def set_phone_message_types(work: Work, body: MessageTypes) -> MessageTypesView:
    """Replace it; a secret that is not sent stays."""
    return as_view(MessageTypesView, service.change(work, "phone/message-types", changes(body)))


@api.get("/guardian/factors/phone/providers/twilio", scopes=READ, summary="Get the Twilio configuration")
def get_phone_twilio(work: Work) -> TwilioView:
    """As it is in force."""
    return as_view(TwilioView, service.read(work, "phone/twilio"))


@api.put("/guardian/factors/phone/providers/twilio", scopes=UPDATE, summary="Set the Twilio configuration")
def set_phone_twilio(work: Work, body: TwilioBody) -> TwilioView:
    """Replace it; a secret that is not sent stays."""
    return as_view(TwilioView, service.change(work, "phone/twilio", changes(body)))


@api.get("/guardian/factors/phone/selected-provider", scopes=READ, summary="Get who sends to phones")
def get_phone_selected_provider(work: Work) -> ProviderView:
    """As it is in force."""
    return as_view(ProviderView, service.read(work, "phone/selected-provider"))


@api.put("/guardian/factors/phone/selected-provider", scopes=UPDATE, summary="Set who sends to phones")
def set_phone_selected_provider(work: Work, body: SelectedProvider) -> ProviderView:
    """Replace it; a secret that is not sent stays."""
    return as_view(ProviderView, service.change(work, "phone/selected-provider", changes(body)))


@api.get("/guardian/factors/phone/settings", scopes=READ, summary="Get settings of codes to phones")
def get_phone_settings(work: Work) -> FactorSettings:
    """As it is in force."""
    return as_view(FactorSettings, service.read(work, "phone/settings"))


@api.put("/guardian/factors/phone/settings", scopes=UPDATE, summary="Set settings of codes to phones")
def set_phone_settings(work: Work, body: CodeSettings) -> FactorSettings:
    """Replace it; a secret that is not sent stays."""
    return as_view(FactorSettings, service.change(work, "phone/settings", changes(body)))


@api.get("/guardian/factors/phone/templates", scopes=READ, summary="Get messages to phones")
def get_phone_templates(work: Work) -> TemplatesView:
    """As it is in force."""
    return as_view(TemplatesView, service.read(work, "phone/templates"))


@api.put("/guardian/factors/phone/templates", scopes=UPDATE, summary="Set messages to phones")
def set_phone_templates(work: Work, body: TemplatesBody) -> TemplatesView:
    """Replace it; a secret that is not sent stays."""
    return as_view(TemplatesView, service.change(work, "phone/templates", changes(body)))


@api.get("/guardian/factors/push-notification/providers/apns", scopes=READ, summary="Get the APNS configuration")
def get_push_notification_apns(work: Work) -> ApnsView:
    """As it is in force."""
    return as_view(ApnsView, service.read(work, "push-notification/apns"))


@api.patch("/guardian/factors/push-notification/providers/apns", scopes=UPDATE, summary="Update the APNS configuration")
def update_push_notification_apns(work: Work, body: ApnsBody) -> ApnsView:
    """Change some of it."""
    return as_view(ApnsView, service.change(work, "push-notification/apns", changes(body), whole=False))


@api.put("/guardian/factors/push-notification/providers/apns", scopes=UPDATE, summary="Set the APNS configuration")
def set_push_notification_apns(work: Work, body: ApnsBody) -> ApnsView:
    """Replace it; a secret that is not sent stays."""
    return as_view(ApnsView, service.change(work, "push-notification/apns", changes(body)))


@api.patch("/guardian/factors/push-notification/providers/fcm", scopes=UPDATE, summary="Update the FCM configuration")
def update_push_notification_fcm(work: Work, body: FcmBody) -> NothingView:
    """Change some of it."""
    return as_view(NothingView, service.change(work, "push-notification/fcm", changes(body), whole=False))


@api.put("/guardian/factors/push-notification/providers/fcm", scopes=UPDATE, summary="Set the FCM configuration")
def set_push_notification_fcm(work: Work, body: FcmBody) -> NothingView:
    """Replace it; a secret that is not sent stays."""
    return as_view(NothingView, service.change(work, "push-notification/fcm", changes(body)))


@api.patch(
    "/guardian/factors/push-notification/providers/fcmv1", scopes=UPDATE, summary="Update the FCM v1 configuration"
)
def update_push_notification_fcmv1(work: Work, body: FcmV1Body) -> NothingView:
    """Change some of it."""
    return as_view(NothingView, service.change(work, "push-notification/fcmv1", changes(body), whole=False))


@api.put("/guardian/factors/push-notification/providers/fcmv1", scopes=UPDATE, summary="Set the FCM v1 configuration")
def set_push_notification_fcmv1(work: Work, body: FcmV1Body) -> NothingView:
    """Replace it; a secret that is not sent stays."""
    return as_view(NothingView, service.change(work, "push-notification/fcmv1", changes(body)))


@api.get("/guardian/factors/push-notification/providers/sns", scopes=READ, summary="Get the SNS configuration")
def get_push_notification_sns(work: Work) -> SnsView:
    """As it is in force."""
    return as_view(SnsView, service.read(work, "push-notification/sns"))


@api.patch("/guardian/factors/push-notification/providers/sns", scopes=UPDATE, summary="Update the SNS configuration")
def update_push_notification_sns(work: Work, body: SnsBody) -> SnsView:
    """Change some of it."""
    return as_view(SnsView, service.change(work, "push-notification/sns", changes(body), whole=False))


@api.put("/guardian/factors/push-notification/providers/sns", scopes=UPDATE, summary="Set the SNS configuration")
def set_push_notification_sns(work: Work, body: SnsBody) -> SnsView:
    """Replace it; a secret that is not sent stays."""
    return as_view(SnsView, service.change(work, "push-notification/sns", changes(body)))


@api.get("/guardian/factors/push-notification/selected-provider", scopes=READ, summary="Get who pushes notifications")
def get_push_notification_selected_provider(work: Work) -> ProviderView:
    """As it is in force."""
    return as_view(ProviderView, service.read(work, "push-notification/selected-provider"))


@api.put("/guardian/factors/push-notification/selected-provider", scopes=UPDATE, summary="Set who pushes notifications")
def set_push_notification_selected_provider(work: Work, body: SelectedPushProvider) -> ProviderView:
    """Replace it; a secret that is not sent stays."""
    return as_view(ProviderView, service.change(work, "push-notification/selected-provider", changes(body)))


@api.get("/guardian/factors/sms/providers/twilio", scopes=READ, summary="Get the Twilio configuration of text messages")
def get_sms_twilio(work: Work) -> TwilioView:
    """As it is in force."""
    return as_view(TwilioView, service.read(work, "phone/twilio"))


@api.put(
    "/guardian/factors/sms/providers/twilio", scopes=UPDATE, summary="Set the Twilio configuration of text messages"
)
def set_sms_twilio(work: Work, body: TwilioBody) -> TwilioView:
    """Replace it; a secret that is not sent stays."""
    return as_view(TwilioView, service.change(work, "phone/twilio", changes(body)))


@api.get("/guardian/factors/sms/selected-provider", scopes=READ, summary="Get who sends text messages")
def get_sms_selected_provider(work: Work) -> ProviderView:
    """As it is in force."""
    return as_view(ProviderView, service.read(work, "phone/selected-provider"))


@api.put("/guardian/factors/sms/selected-provider", scopes=UPDATE, summary="Set who sends text messages")
def set_sms_selected_provider(work: Work, body: SelectedProvider) -> ProviderView:
    """Replace it; a secret that is not sent stays."""
    return as_view(ProviderView, service.change(work, "phone/selected-provider", changes(body)))


@api.get("/guardian/factors/sms/templates", scopes=READ, summary="Get text messages")
def get_sms_templates(work: Work) -> TemplatesView:
    """As it is in force."""
    return as_view(TemplatesView, service.read(work, "phone/templates"))


@api.put("/guardian/factors/sms/templates", scopes=UPDATE, summary="Set text messages")
def set_sms_templates(work: Work, body: TemplatesBody) -> TemplatesView:
    """Replace it; a secret that is not sent stays."""
    return as_view(TemplatesView, service.change(work, "phone/templates", changes(body)))


@api.get("/guardian/factors/webauthn-platform/settings", scopes=READ, summary="Get settings of platform authenticators")
def get_webauthn_platform_settings(work: Work) -> WebauthnView:
    """As it is in force."""
    return as_view(WebauthnView, service.read(work, "webauthn-platform/settings"))


@api.put(
    "/guardian/factors/webauthn-platform/settings", scopes=UPDATE, summary="Set settings of platform authenticators"
)
def set_webauthn_platform_settings(work: Work, body: WebauthnBody) -> WebauthnView:
    """Replace it; a secret that is not sent stays."""
    return as_view(WebauthnView, service.change(work, "webauthn-platform/settings", changes(body)))


@api.get("/guardian/factors/webauthn-roaming/settings", scopes=READ, summary="Get settings of security keys")
def get_webauthn_roaming_settings(work: Work) -> WebauthnView:
    """As it is in force."""
    return as_view(WebauthnView, service.read(work, "webauthn-roaming/settings"))


@api.put("/guardian/factors/webauthn-roaming/settings", scopes=UPDATE, summary="Set settings of security keys")
def set_webauthn_roaming_settings(work: Work, body: WebauthnBody) -> WebauthnView:
    """Replace it; a secret that is not sent stays."""
    return as_view(WebauthnView, service.change(work, "webauthn-roaming/settings", changes(body)))
