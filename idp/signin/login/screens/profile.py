"""``/u/custom-form``: the tenant's own form about whoever has signed in some times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from idp.foundation.ephemeral import limits
from idp.foundation.web.i18n import Texts
from idp.foundation.web.pages import PageView
from idp.signin.login import own_fields, profile_form
from idp.signin.login.screen import Form, Result, Resume, Screen, Show
from idp.signin.login.screen_request import ScreenRequest

SKIP = "skip"


@dataclass(frozen=True)
class ProfileFormView(PageView):
    """The form; ``skippable``: nothing in it has to be filled in now."""

    skippable: bool = True

    @classmethod
    def example(cls, texts: Texts) -> Self:
        """One that may be left out."""
        return cls()


class ProfileForm(Screen):
    """Its fields are those of the tenant's pieces."""

    prompt, screen = "custom-form", "custom-form"
    limit = limits.LOGIN_BY_IP

    def view(self, request: ScreenRequest) -> ProfileFormView:
        """The form."""
        return ProfileFormView(not profile_form.required(request.work, request.signed_in.user_id))

    def submit(self, request: ScreenRequest, form: Form) -> Result:
        """Keep what they said, or ask again another time."""
        session = request.signed_in
        if form.action != SKIP or profile_form.required(request.work, session.user_id):
            own = own_fields.taken(request.work, self, form.own)
            if own.problems:
                return Show(own.problems)
            profile_form.keep(request.work, session.user_id, session.connection_id, own.attributes)
        request.transaction.profile = False
        request.save()
        return Resume()
