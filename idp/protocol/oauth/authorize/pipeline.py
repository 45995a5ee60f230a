"""The table of checks of ``/authorize``. Order is the specification.

Errors of PROOF stay on our page; those of CHECKS go back to the client, since by then the client and its redirect URI
are proven.
"""

from __future__ import annotations

from collections.abc import Callable

from idp.protocol.oauth.authorize.request import AuthorizeRequest, Draft
from idp.protocol.oauth.authorize.steps.client import (
    check_redirect_uri,
    check_requirements,
    check_sizes,
    load_client,
)
from idp.protocol.oauth.authorize.steps.person import (
    check_connection,
    check_hints,
    check_id_token_hint,
    check_max_age,
    check_prompt,
    refuse_organizations,
)
from idp.protocol.oauth.authorize.steps.pkce import check_pkce
from idp.protocol.oauth.authorize.steps.response import check_response_mode, check_response_type, refuse_request_objects
from idp.protocol.oauth.authorize.steps.scope import check_audience, check_claims, check_scope

Step = Callable[[Draft], None]

PROOF: tuple[Step, ...] = (load_client, check_sizes, check_redirect_uri)
CHECKS: tuple[Step, ...] = (
    check_response_mode,  # first: every later error travels in this mode
    refuse_request_objects,
    check_requirements,
    check_response_type,
    check_pkce,
    check_prompt,
    check_max_age,
    check_audience,
    check_scope,
    check_claims,
    check_hints,
    check_id_token_hint,
    check_connection,
    refuse_organizations,
)


def prove(draft: Draft) -> None:
    """Client and redirect URI. Raises PageError."""
    for step in PROOF:
        step(draft)


def check(draft: Draft) -> AuthorizeRequest:
    """Everything else. Raises OAuthError, to be sent to the redirect URI."""
    for step in CHECKS:
        step(draft)
    return draft.finish()
