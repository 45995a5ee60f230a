"""``/u/customized-consent``: the tenant's terms, for whoever has not accepted these very words (spec/privacy.md,
"Consent"). What is to be accepted stands in the pieces of this page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from idp.directory.users import service as users
from idp.foundation.ephemeral import limits
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import PageView
from idp.signin.login import own_fields
from idp.signin.login.screen import Form, Result, Resume, Screen, Show
from idp.signin.login.screen_request import ScreenRequest


@dataclass(frozen=True)
class CustomizedConsentView(PageView):
    """The tenant's own words, and the box by which they are accepted, are pieces of the page."""

    show_cancel: bool = True

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """A page without pieces."""
        return cls()


class CustomizedConsent(Screen):
    """Accept, or go back without signing in."""

    prompt = screen = "customized-consent"
    cancellable = True
    limit = limits.LOGIN_BY_IP

    def view(self, request: ScreenRequest) -> CustomizedConsentView:
        """The words."""
        return CustomizedConsentView()

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """Keep the yes with its date and words."""
        user_id, own = request.signed_in.user_id, own_fields.taken(request.work, self, form.own)
        if own.problems:
            return Show(own.problems)
        metadata: dict[str, Any] = own.attributes.get("user_metadata", {})
        if "consent" in metadata:
            with request.work.transaction():
                users.update(request.work, user_id, {"user_metadata": {"consent": metadata["consent"]}})
        return Resume()
