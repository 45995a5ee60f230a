"""A tenant's looks, for pages and mails."""

from __future__ import annotations

from idp.foundation.tenancy import appearance
from idp.foundation.tenancy.work import Work
from idp.foundation.web.i18n import shown
from idp.foundation.web.pages import Branding


def branding(work: Work) -> Branding:
    """The tenant as its users see it; worked out once for each version of its configuration."""
    return work.config.remember("branding", "", lambda: _branding(work))


def _branding(work: Work) -> Branding:
    settings, chosen = work.config.settings, work.config.branding
    look = appearance.look(work)
    theme, frame = look.theme, look.frame
    logo = chosen.logo_url or settings.picture_url
    return Branding(
        name=shown(work.config.friendly_name),
        logo_url=(theme.widget.logo_url if theme else None) or logo,
        accent=None if theme else chosen.colors.primary,
        favicon_url=chosen.favicon_url,
        support_url=settings.support_url or (f"mailto:{settings.support_email}" if settings.support_email else None),
        sheet=look.path,
        social_first=bool(theme and theme.widget.social_buttons_layout == "top"),
        code_autocomplete=look.code_autocomplete,
        captcha_theme=look.captcha_theme,
        origins=look.picture_origins,
        font_origin=look.font_origin,
        template=frame,
        template_values=appearance.values(work, logo),
        partials=look.partials,
    )
