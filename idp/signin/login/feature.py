"""The feature: the hosted pages."""

from __future__ import annotations

from idp.foundation.feature import Feature
from idp.signin.login.log_types import LoginLog

FEATURE = Feature(
    name="login",
    apis=("idp.signin.login.api",),
    blueprints=(
        "idp.signin.login.views:blueprint",
        "idp.signin.login.callback:blueprint",
        "idp.signin.login.link_pages:blueprint",
        "idp.signin.login.passkey_options:blueprint",
        "idp.signin.login.trial_pages:blueprint",
        "idp.signin.login.connecting_pages:blueprint",
    ),
    tasks={"password_reset.request": "idp.signin.login.reset:send_link"},
    log_types=(LoginLog,),
)
