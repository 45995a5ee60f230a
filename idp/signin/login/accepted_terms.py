"""Terms that everybody has to accept before they go on, and again when their words change (spec/privacy.md, "Consent";
docs/users.md). The words are those of the pieces of a page of their own.
"""

from __future__ import annotations

from idp.directory.users import service as users
from idp.foundation.tenancy.work import Work
from idp.signin.login import own_fields

PAGE = "customized-consent"
"""The prompt and the screen."""


def changed(work: Work, user_id: str) -> bool:
    """Whether there are terms that this person has not accepted in these words. Nobody is looked up where there are
    none.
    """
    words = own_fields.terms(work, PAGE, PAGE)
    if words is None:
        return False
    said = (users.get(work, user_id).user_metadata or {}).get("consent")
    return not isinstance(said, dict) or said.get("given") is not True or said.get("text_details") != words
