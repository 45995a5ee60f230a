"""The feature: second factors."""

from __future__ import annotations

from idp.foundation.db.personal import Personal, by_user_id
from idp.foundation.db.purge import BEFORE, Purge
from idp.foundation.feature import Feature
from idp.foundation.queue.lanes import CALLS, MAIL
from idp.signin.factors.log_types import FactorLog
from idp.signin.factors.models import AuthenticationMethod, RememberedBrowser
from idp.signin.factors.reactions import REACTIONS

FEATURE = Feature(
    name="factors",
    apis=(
        "idp.signin.factors.factors_api",
        "idp.signin.factors.api",
        "idp.signin.factors.users_api",
        "idp.signin.factors.risk_api",
    ),
    purges=(
        Purge(AuthenticationMethod, AuthenticationMethod.pending_until < BEFORE),
        Purge(RememberedBrowser, RememberedBrowser.ends_at < BEFORE),
    ),
    reactions=REACTIONS,
    tasks={
        "factors.send": "idp.signin.factors.messages:send",
        "factors.text": "idp.signin.factors.messages:send_text",
    },
    lanes={"factors.send": MAIL, "factors.text": CALLS},
    log_types=(FactorLog,),
    personal=(
        Personal(
            model=AuthenticationMethod,
            of=by_user_id(AuthenticationMethod),
            hidden=frozenset({"code_hash", "credential_hash", "last_step"}),
        ),
        Personal(model=RememberedBrowser, of=by_user_id(RememberedBrowser), hidden=frozenset({"secret_hash"})),
    ),
)
