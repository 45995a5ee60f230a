"""The table of checks of ``/authorize``. Order is the specification.

Errors of PROOF stay on our page; those of CHECKS go back to the client, since by then the client and its redirect URI
are proven.
"""

from __future__ import annotations

from collections.abc import Callable

from idp.foundation.tenancy.work import Work
from idp.protocol.oauth.authorize.request import AuthorizeRequest, Draft
from idp.protocol.oauth.authorize.steps.client import (
    check_redirect_uri,
    check_requirements,
    check_state,
    load_client,
)
from idp.protocol.oauth.authorize.steps.holder import check_dpop_key
from idp.protocol.oauth.authorize.steps.person import (
    check_connection,
    check_hints,
    check_id_token_hint,
    check_max_age,
    check_prompt,
    refuse_organizations,
)
from idp.protocol.oauth.authorize.steps.pkce import check_pkce
from idp.protocol.oauth.authorize.steps.profile import check_profile
from idp.protocol.oauth.authorize.steps.request_object import read_request, refuse_request
from idp.protocol.oauth.authorize.steps.response import (
    check_id_token_request,
    check_response_mode,
    check_response_type,
)
from idp.protocol.oauth.authorize.steps.scope import check_audience, check_claims, check_details, check_scope

Step = Callable[[Draft], None]

PROOF: tuple[Step, ...] = (load_client, read_request, check_state, check_redirect_uri)
CHECKS: tuple[Step, ...] = (
    check_response_mode,  # before anything may fail: every later error travels in this mode
    refuse_request,
    check_requirements,
    check_profile,
    check_response_type,
    check_pkce,
    check_prompt,
    check_max_age,
    check_audience,
    check_dpop_key,
    check_scope,
    check_details,
    check_claims,
    check_hints,
    check_id_token_request,
    check_id_token_hint,
    check_connection,
    refuse_organizations,
)
AGAIN: tuple[Step, ...] = (*PROOF, check_response_mode, check_requirements, check_pkce, check_audience, check_details)
"""What must still be so when the person comes back from a login page, an hour later perhaps; the rest is the gate's."""


def prove(draft: Draft) -> None:
    """Client and redirect URI. Raises PageError."""
    for step in PROOF:
        step(draft)


def check(draft: Draft) -> AuthorizeRequest:
    """Everything else. Raises OAuthError, to be sent to the redirect URI."""
    for step in CHECKS:
        step(draft)
    return draft.finish()


def check_again(work: Work, request: AuthorizeRequest) -> None:
    """The request as it was checked when it came, under the configuration of this moment.

    :raises PageError: its answer may not go there any more.
    :raises OAuthError: to be sent to the redirect URI.
    """
    no_api = f"{work.config.issuer}userinfo"  # not the default one, which nobody may have asked for when it came
    draft = Draft(work, {"audience": no_api, **request.as_params()}, pushed=request.pushed, signed=request.signed)
    for step in AGAIN:
        step(draft)
