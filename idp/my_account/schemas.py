"""Bodies and answers of the My Account API (spec/my-account.md, "Authentication method objects", "Enrol → verify")."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from idp.foundation.apikit import Body, Query, View
from idp.foundation.kernel.formats import whole

MethodType = Literal["password", "passkey", "totp", "push-notification", "recovery-code", "email", "phone"]
Usage = Literal["primary", "secondary"]
Session = Annotated[str, Meta(min_length=1, max_length=200)]
Short = Annotated[str, Meta(min_length=1, max_length=128)]


class FactorView(View):
    """A factor that can be enrolled here."""

    type: str
    usage: list[Usage]


class FactorsView(View):
    """``GET /factors``."""

    factors: list[FactorView]


class MethodList(Query):
    """``GET /authentication-methods``."""

    type: str | None = None


class MethodView(View):
    """One method; which members it has hangs on its type."""

    id: str
    type: str
    created_at: str
    usage: list[Usage]
    confirmed: bool | UnsetType = UNSET
    name: str | UnsetType = UNSET
    last_auth_at: str | UnsetType = UNSET
    identity_user_id: str | UnsetType = UNSET
    last_password_reset: str | UnsetType = UNSET
    credential_backed_up: bool | UnsetType = UNSET
    credential_device_type: Literal["single_device", "multi_device"] | UnsetType = UNSET
    key_id: str | UnsetType = UNSET
    public_key: str | UnsetType = UNSET
    transports: list[str] | UnsetType = UNSET
    user_agent: str | UnsetType = UNSET
    user_handle: str | UnsetType = UNSET
    aaguid: str | UnsetType = UNSET
    relying_party_id: str | UnsetType = UNSET
    phone_number: str | UnsetType = UNSET
    preferred_authentication_method: Literal["sms", "voice"] | UnsetType = UNSET
    email: str | UnsetType = UNSET


class MethodsView(View):
    """``GET /authentication-methods``."""

    authentication_methods: list[MethodView]


class NewMethod(Body):
    """``POST /authentication-methods``; which members may come along hangs on the type."""

    type: MethodType
    connection: Short | UnsetType = UNSET
    identity_user_id: Annotated[str, Meta(min_length=1, max_length=255)] | UnsetType = UNSET
    use_exclude_credentials: bool | UnsetType = UNSET
    email: Annotated[str, Meta(min_length=3, max_length=254)] | UnsetType = UNSET
    phone_number: Annotated[str, Meta(min_length=2, max_length=30)] | UnsetType = UNSET
    preferred_authentication_method: Literal["sms", "voice"] | UnsetType = UNSET


class ComplexityView(View):
    """What letters a password has to have."""

    min_length: int
    character_types: list[Literal["lowercase", "uppercase", "number", "special"]]
    character_type_rule: Literal["all", "three_of_four"]
    identical_characters: Literal["allow", "block"]
    sequential_characters: Literal["allow", "block"]
    max_length_exceeded: Literal["truncate", "error"]


class ActiveView(View):
    """A rule that is on or off."""

    active: bool


class HistoryView(ActiveView):
    """How many earlier passwords are refused."""

    size: int = 0


class PolicyView(View):
    """What is asked of a new password."""

    complexity: ComplexityView
    profile_data: ActiveView
    history: HistoryView
    dictionary: ActiveView


class EnrolmentView(View):
    """An enrolment that began. ``auth_session`` goes along with what proves it."""

    auth_session: str
    id: str | UnsetType = UNSET
    barcode_uri: str | UnsetType = UNSET
    manual_input_code: str | UnsetType = UNSET
    recovery_code: str | UnsetType = UNSET
    authn_params_public_key: dict[str, Any] | UnsetType = UNSET
    policy: PolicyView | UnsetType = UNSET


class AttestationBody(Body):
    """``response`` of a new passkey."""

    attestationObject: Annotated[str, Meta(max_length=12_000)]  # noqa: N815 - WebAuthn's name
    clientDataJSON: Annotated[str, Meta(max_length=4_000)]  # noqa: N815
    transports: list[str] | UnsetType = UNSET
    authenticatorData: str | UnsetType = UNSET  # noqa: N815
    publicKey: str | UnsetType | None = UNSET  # noqa: N815
    publicKeyAlgorithm: int | UnsetType = UNSET  # noqa: N815


class CredentialBody(Body):
    """``authn_response``: the JSON of a ``PublicKeyCredential``."""

    id: Annotated[str, Meta(max_length=1_364)]
    response: AttestationBody
    rawId: Annotated[str, Meta(max_length=1_364)] | UnsetType = UNSET  # noqa: N815
    type: Literal["public-key"] | UnsetType = UNSET
    authenticatorAttachment: str | UnsetType | None = UNSET  # noqa: N815
    clientExtensionResults: dict[str, Any] | UnsetType = UNSET  # noqa: N815


class Verification(Body):
    """``POST /authentication-methods/{id}/verify``; which proof it takes hangs on the type."""

    auth_session: Session
    otp_code: Annotated[str, Meta(min_length=1, max_length=32)] | UnsetType = UNSET
    new_password: Annotated[str, Meta(min_length=1, max_length=256)] | UnsetType = UNSET
    authn_response: CredentialBody | UnsetType = UNSET


class MethodChange(Body):
    """``PATCH /authentication-methods/{id}``."""

    name: Annotated[str, Meta(min_length=1, max_length=64)] | UnsetType = UNSET
    preferred_authentication_method: Literal["sms", "voice"] | UnsetType = UNSET


class AccountView(View):
    """An account at a source that applications may ask in the person's name."""

    id: str
    connection: str
    access_type: Literal["offline"]
    scopes: list[str]
    created_at: str
    expires_at: str | UnsetType = UNSET


class SourceParams(Body):
    """``authorization_params``: of what Auth0 takes, those that a connection is asked with here; the others are read
    and say nothing.
    """

    login_hint: Annotated[str, Meta(max_length=320)] | UnsetType = UNSET
    ui_locales: Annotated[str, Meta(max_length=200)] | UnsetType = UNSET
    acr_values: Annotated[str, Meta(max_length=500)] | UnsetType = UNSET
    audience: Annotated[str, Meta(max_length=600)] | UnsetType = UNSET
    resource: Annotated[str, Meta(max_length=600)] | UnsetType = UNSET
    display: Annotated[str, Meta(max_length=50)] | UnsetType = UNSET
    id_token_hint: Annotated[str, Meta(max_length=8192)] | UnsetType = UNSET
    max_age: int | UnsetType = UNSET
    prompt: Annotated[str, Meta(max_length=100)] | UnsetType = UNSET


class NewAccount(Body):
    """``POST /connected-accounts/connect``."""

    connection: Short
    redirect_uri: Annotated[str, Meta(min_length=1, max_length=2048)]
    state: Annotated[str, Meta(max_length=2048)] | UnsetType = UNSET
    code_challenge: Annotated[str, whole(r"[A-Za-z0-9_-]{43}")] | UnsetType = UNSET
    code_challenge_method: Literal["S256"] | UnsetType = UNSET
    scopes: (
        Annotated[
            list[Annotated[str, whole(r"[\x21\x23-\x5b\x5d-\x7e]+", max_length=300)]],
            Meta(min_length=1, max_length=100),
        ]
        | UnsetType
    ) = UNSET
    authorization_params: SourceParams | UnsetType = UNSET


class ConnectParams(View):
    """What ``connect_uri`` is opened with."""

    ticket: str


class ConnectingView(View):
    """An account is being connected; ``expires_in`` is in seconds."""

    auth_session: str
    connect_uri: str
    connect_params: ConnectParams
    expires_in: int


class Connected(Body):
    """``POST /connected-accounts/complete``."""

    auth_session: Session
    connect_code: Session
    redirect_uri: Annotated[str, Meta(min_length=1, max_length=2048)]
    code_verifier: Annotated[str, Meta(max_length=128)] | UnsetType = UNSET


class AccountList(Query):
    """``GET /connected-accounts/accounts``."""

    connection: str | None = None


class ConnectionView(View):
    """A source that accounts can be connected of."""

    name: str
    strategy: str
    scopes: list[str]


class DetailsView(View):
    """What was asked for."""

    binding_message: str
    audience: str
    scope: list[str]


class ConsentView(View):
    """Something that the person agreed to."""

    id: str
    client_id: str
    requested_details: DetailsView
    created_at: str
    expires_at: str


class ConsentsView(View):
    """``GET /consents``."""

    consents: list[ConsentView]


class OrganizationView(View):
    """An organization of the person."""

    id: str
    name: str
    display_name: str
