"""A form that was sent after the session had ended: nothing is saved, and nothing that was typed is lost.

It waits sealed for ten minutes under a key that its browser alone has; whoever signs in there again as the same person
finds the form filled in, without secrets, and sends it themselves.
"""

from __future__ import annotations

from flask import Response

from idp.admin import signed_in
from idp.foundation.tenancy import http
from idp.foundation.tenancy.work import Work


def sign_in_again(work: Work) -> Response:
    """Sign in, and go on at the page the form is on."""
    form = http.form()
    http.check_form(work, form.get("csrf"))
    return signed_in.begin(work, signed_in.here())
