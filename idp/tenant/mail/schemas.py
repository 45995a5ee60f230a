"""What the Management API takes and shows of e-mail (spec/management-types.tsv, ``EmailProvider...``,
``EmailTemplate...``).
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType, field

from idp.foundation.apikit import Body, View
from idp.foundation.kernel.formats import Email, whole
from idp.foundation.kernel.secret import HARMLESS, HarmlessDocument, Secret
from idp.foundation.web.liquid import MAX_SOURCE

ProviderName = Literal[
    "mailgun", "mandrill", "sendgrid", "resend", "ses", "sparkpost", "smtp", "azure_cs", "ms365", "custom"
]
TemplateName = Literal[
    "verify_email",
    "verify_email_by_code",
    "auth_email_by_code",
    "reset_email",
    "reset_email_by_code",
    "welcome_email",
    "blocked_account",
    "stolen_credentials",
    "enrollment_email",
    "mfa_oob_code",
    "user_invitation",
    "change_password",
    "password_reset",
    "async_approval",
]
Key = Annotated[Secret, Meta(max_length=4096)]
Name = Annotated[str, Meta(max_length=255)]
Line = Annotated[str, HARMLESS, whole("[^\r\n]*", max_length=500)]


class ProviderCredentials(Body):
    """``credentials``: which members there are, the provider's name says."""

    api_user: Name | UnsetType | None = UNSET
    api_key: Key | UnsetType = UNSET
    domain: Name | UnsetType | None = UNSET
    region: Annotated[str, Meta(max_length=40)] | UnsetType | None = UNSET
    accessKeyId: Key | UnsetType = UNSET  # noqa: N815 - Auth0's names
    secretAccessKey: Key | UnsetType = UNSET  # noqa: N815
    smtp_host: Annotated[str, whole("[A-Za-z0-9._-]+", max_length=253)] | UnsetType = UNSET
    smtp_port: Annotated[int, Meta(ge=1, le=65_535)] | UnsetType = UNSET
    smtp_user: Annotated[str, Meta(max_length=1024)] | UnsetType | None = UNSET
    smtp_pass: Key | UnsetType = UNSET
    connectionString: Key | UnsetType = UNSET  # noqa: N815
    tenantId: Key | UnsetType = UNSET  # noqa: N815
    clientId: Key | UnsetType = UNSET  # noqa: N815
    clientSecret: Key | UnsetType = UNSET  # noqa: N815


class ProviderUpdate(Body):
    """PATCH /emails/provider."""

    name: ProviderName | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    default_from_address: Line | UnsetType | None = UNSET
    credentials: ProviderCredentials | UnsetType = UNSET
    settings: HarmlessDocument | UnsetType | None = UNSET


class ProviderCreate(Body, kw_only=True):
    """POST /emails/provider."""

    name: ProviderName
    enabled: bool = True
    default_from_address: Line | UnsetType | None = UNSET
    credentials: ProviderCredentials
    settings: HarmlessDocument | UnsetType | None = UNSET


class ShownCredentials(View):
    """What is told of the credentials."""

    api_user: str | UnsetType = UNSET
    domain: str | UnsetType = UNSET
    region: str | UnsetType = UNSET
    smtp_host: str | UnsetType = UNSET
    smtp_port: int | UnsetType = UNSET
    smtp_user: str | UnsetType = UNSET


class Trial(Body, kw_only=True):
    """POST of a trial: who is sent the mail, and in which language (the tenant's default without it)."""

    to: Email
    language: Annotated[str, Meta(max_length=35)] | UnsetType = UNSET


class TrialView(View):
    """What was sent, and by whom."""

    subject: str
    sender: str
    to: str
    sent_by: str


class ProviderView(View):
    """The provider, without what is secret."""

    name: str
    enabled: bool
    credentials: ShownCredentials
    default_from_address: str | UnsetType = UNSET
    settings: HarmlessDocument | UnsetType = UNSET


Source = Annotated[str, Meta(max_length=MAX_SOURCE)]
Url = Annotated[str, Meta(max_length=2048)]
Seconds = Annotated[float, Meta(ge=0, le=31_536_000)]


class TemplateUpdate(Body):
    """PATCH /email-templates/{templateName}."""

    template: TemplateName | UnsetType = UNSET
    body: Source | UnsetType | None = UNSET
    sender: Line | UnsetType | None = field(default=UNSET, name="from")
    resultUrl: Url | UnsetType | None = UNSET  # noqa: N815 - Auth0's names
    subject: Line | UnsetType | None = UNSET
    syntax: Literal["liquid"] | UnsetType | None = UNSET
    urlLifetimeInSeconds: Seconds | UnsetType | None = UNSET  # noqa: N815
    includeEmailInRedirect: bool | UnsetType = UNSET  # noqa: N815
    enabled: bool | UnsetType | None = UNSET


class TemplateSet(TemplateUpdate, kw_only=True):
    """POST /email-templates and PUT /email-templates/{templateName}."""

    template: TemplateName


class TemplateView(View):
    """The template as it was set."""

    template: str
    body: str | UnsetType | None = UNSET
    sender: str | UnsetType | None = field(default=UNSET, name="from")
    resultUrl: str | UnsetType | None = UNSET  # noqa: N815 - Auth0's names
    subject: str | UnsetType | None = UNSET
    syntax: str | UnsetType | None = UNSET
    urlLifetimeInSeconds: int | float | UnsetType | None = UNSET  # noqa: N815
    includeEmailInRedirect: bool | UnsetType = UNSET  # noqa: N815
    enabled: bool | UnsetType | None = UNSET
