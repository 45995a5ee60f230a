"""The feature: the endpoints of OpenID Connect and OAuth 2.0."""

from __future__ import annotations

from idp.foundation.feature import Feature
from idp.foundation.kernel.events import FactorsChanged, SessionEnded, SessionExpired, UserUpdated
from idp.foundation.queue.lanes import CALLS
from idp.foundation.tenancy.reactions import On
from idp.protocol.oauth.log_types import OAuthLog
from idp.protocol.oauth.logout import backchannel
from idp.protocol.oauth.reactions import REACTIONS

FEATURE = Feature(
    name="oauth",
    apis=("idp.protocol.oauth.simulation.api",),
    blueprints=(
        "idp.protocol.oauth.discovery:blueprint",
        "idp.protocol.oauth.entity:blueprint",
        "idp.protocol.oauth.authorize.views:blueprint",
        "idp.protocol.oauth.par:blueprint",
        "idp.protocol.oauth.token:blueprint",
        "idp.protocol.oauth.userinfo:blueprint",
        "idp.protocol.oauth.introspection:blueprint",
        "idp.protocol.oauth.revocation:blueprint",
        "idp.protocol.oauth.protected_resources:blueprint",
        "idp.protocol.oauth.session_management.views:blueprint",
        "idp.protocol.oauth.registration.views:blueprint",
        "idp.protocol.oauth.device.endpoint:blueprint",
        "idp.protocol.oauth.device.views:blueprint",
        "idp.protocol.oauth.ciba.endpoint:blueprint",
        "idp.protocol.oauth.ciba.views:blueprint",
        "idp.protocol.oauth.logout.rp_initiated:blueprint",
        "idp.protocol.oauth.logout.v2:blueprint",
    ),
    routes={
        "authorize": "idp.protocol.oauth.authorize.silent:ROUTES",
        "par": "idp.protocol.oauth.par:ROUTE",
        "token": "idp.protocol.oauth.token:ROUTE",
        "userinfo": "idp.protocol.oauth.userinfo:ROUTE",
        "introspection": "idp.protocol.oauth.introspection:ROUTE",
        "revocation": "idp.protocol.oauth.revocation:ROUTE",
    },
    reactions=(
        On(SessionEnded, backchannel.on_session_ended),
        On(SessionExpired, backchannel.on_session_expired),
        On(FactorsChanged, backchannel.on_factors_changed),
        On(UserUpdated, backchannel.on_user_updated),
        *REACTIONS,
    ),
    tasks={
        "backchannel_logout.send": "idp.protocol.oauth.logout.backchannel:send",
        "ciba.notify": "idp.protocol.oauth.ciba.notification:send",
    },
    lanes={"backchannel_logout.send": CALLS, "ciba.notify": CALLS},
    log_types=(OAuthLog,),
)
