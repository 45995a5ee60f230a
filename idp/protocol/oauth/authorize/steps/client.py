"""Who asks, and where may the answer go: proven before anything may redirect (security.md A1-A3)."""

from __future__ import annotations

from idp.applications.clients.runtime import MOST_ID
from idp.applications.federation import entities
from idp.foundation.kernel import redirects, sizes
from idp.foundation.kernel.errors import OAuthError, PageError, invalid_request
from idp.protocol.oauth.authorize.request import Draft
from idp.protocol.tokens import requirements


def load_client(draft: Draft) -> None:
    """RFC 6749 3.1.2.4: an unknown client is told to the person, never to a redirect URI."""
    client_id = draft.params.get("client_id")
    if not client_id:
        raise PageError("invalid_request", "Missing required parameter: client_id")
    try:
        shown = None if draft.looking else draft.params.get("request")
        draft.client = entities.client(draft.work, client_id[:MOST_ID], shown=shown)
    except OAuthError as problem:
        raise PageError(problem.error, f"{problem.description}.", detail=problem.detail) from problem
    if draft.client is None:
        raise PageError("invalid_request", "Unknown client: the application that sent you here is not registered.")


def check_state(draft: Draft) -> None:
    """A ``state`` too long to be kept is told to the person: the application's answer would have to carry it."""
    sizes.refuse_long(draft.params, "state")


def check_redirect_uri(draft: Draft) -> None:
    """Exact match with the registered callbacks (contract.md section 7); absent is an error too (OIDC Core 3.1.2.1)."""
    client, uri = draft.known_client, draft.params.get("redirect_uri")
    if not uri and draft.problem is not None:
        raise PageError(draft.problem.error, f"{draft.problem.description}.", detail=draft.problem.detail)
    if not uri:
        raise PageError("invalid_request", "Missing required parameter: redirect_uri")
    callbacks = client.data.callbacks
    fits = redirects.matches(uri, callbacks, native=client.native) or (
        client.compatibility.callback_wildcards and redirects.matches_wildcard(uri, callbacks)
    )
    if not fits:
        raise PageError(
            "invalid_request",
            "Callback URL mismatch. The provided redirect_uri is not in the list of allowed callback URLs.",
            detail=f"redirect_uri {uri[:200]!r} of client {client.client_id}",
        )
    draft.checked["redirect_uri"] = uri
    draft.checked["state"] = draft.params.get("state")


def check_requirements(draft: Draft) -> None:
    """A client whose requirements are not supported is told so, instead of being served with less; one that has to push
    or to sign its requests did so (RFC 9126 5, RFC 9101 10.5).
    """
    client = draft.known_client
    requirements.check_client(draft.work, client)
    pushed = draft.pushing or draft.pushed is not None
    of_all = draft.work.config.settings.require_pushed_authorization_requests
    if not pushed and (of_all or client.data.require_pushed_authorization_requests):
        raise invalid_request("Requests have to be pushed: a request_uri of /oauth/par is missing")
    if client.federated and not draft.signed and not pushed:
        raise invalid_request("A client of a federation signs its requests, or pushes them")
    if not draft.signed and (client.data.signed_request_object or {}).get("required"):
        raise invalid_request("The client has to sign its requests: a request object is missing")
