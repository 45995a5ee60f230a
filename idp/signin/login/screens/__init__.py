"""The screens, one file each; a new one is a file and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from idp.signin.login.screen import Screen
from idp.signin.login.screens.consent import Consent
from idp.signin.login.screens.login import Login
from idp.signin.login.screens.login_id import LoginId
from idp.signin.login.screens.login_password import LoginPassword
from idp.signin.login.screens.reset_password import EmailSent, ResetRequest
from idp.signin.login.screens.signup import SignUp

SCREENS: Mapping[str, Screen] = {
    screen.path: screen
    for screen in (Login(), LoginId(), LoginPassword(), SignUp(), Consent(), ResetRequest(), EmailSent())
}
