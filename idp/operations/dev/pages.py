"""What the development pages show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from idp.foundation.web.pages import PageView, WayOn
from idp.foundation.web.view_models import DecodedToken, DevAccount, DevMail, DevSources


@dataclass(frozen=True)
class WelcomeView(PageView):
    """What there is to try in development. ``sources`` are the sign-ins at somebody else's that were set up; where none
    are, they are set up at ``sources_url``, which only the tenant with the sample application has.
    """

    template: ClassVar[str] = "dev/welcome.html"
    sample_app_url: str
    accounts: Sequence[DevAccount]
    discovery_url: str
    mailbox_url: str
    account_url: str
    client_id: str
    issuer: str
    sources_url: str | None
    sources: DevSources | None
    dashboard: WayOn


@dataclass(frozen=True)
class MailboxView(PageView):
    """The mails that were sent, newest first."""

    template: ClassVar[str] = "dev/mailbox.html"
    mails: Sequence[DevMail]
    now: datetime


@dataclass(frozen=True)
class SampleAppView(PageView):
    """The sample application's page; ``claims`` and ``logout_url`` are None and ``tokens`` empty when signed out."""

    template: ClassVar[str] = "dev/sample_app.html"
    login_url: str
    signup_url: str
    claims: Mapping[str, object] | None
    tokens: Sequence[DecodedToken]
    logout_url: str | None
