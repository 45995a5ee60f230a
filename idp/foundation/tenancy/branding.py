"""A tenant's looks, for pages and mails."""

from __future__ import annotations

from idp.foundation.tenancy.work import Work
from idp.foundation.web.i18n import shown
from idp.foundation.web.pages import Branding


def branding(work: Work) -> Branding:
    """The tenant as its users see it."""
    settings, chosen = work.config.settings, work.config.branding
    return Branding(
        name=shown(work.config.friendly_name),
        logo_url=chosen.logo_url or settings.picture_url,
        accent=chosen.colors.primary,
        favicon_url=chosen.favicon_url,
        support_url=settings.support_url or (f"mailto:{settings.support_email}" if settings.support_email else None),
    )
