"""Tokens by which an API acts for the person whose token it was sent: on-behalf-of (RFC 8693 1.1, 4.1)."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from idp.applications.clients import runtime as clients
from idp.applications.clients.runtime import ClientConfig
from idp.applications.resource_servers import runtime as resource_servers
from idp.applications.resource_servers.runtime import ResourceServerConfig
from idp.directory.roles import runtime as roles
from idp.directory.users.attributes import STANDARD_SCOPES
from idp.foundation.kernel import clock, scopes
from idp.foundation.kernel.errors import OAuthError, invalid_grant
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens import audiences, beginnings, codes, multi, requirements, store
from idp.protocol.tokens.codes import NewAuthorization
from idp.protocol.tokens.found import revoked_alone
from idp.protocol.tokens.proofs import DelegationProof, UserProof
from idp.protocol.tokens.store import AuthorizationRequest, Granted

ACCESS: Final = "urn:ietf:params:oauth:token-type:access_token"
DEEPEST: Final = 5
"""APIs that act for each other; one more is refused."""


def acting(actor: str, before: dict[str, Any] | None, *, iss: str | None = None) -> dict[str, Any]:
    """Who acts, with those who acted before inside; ``iss`` is who names them so. Raises OAuthError ``invalid_request``
    for a chain that is too long (a loop of calls ends there).
    """
    by = {"iss": iss} if iss else {}
    found: dict[str, Any] = {"sub": actor, **by, **({"act": before} if before else {})}
    depth, inner = 0, found
    while inner:
        depth, inner = depth + 1, inner.get("act") or {}
    if depth > DEEPEST:
        raise OAuthError("invalid_request", f"More than {DEEPEST} would act for the person")
    return found


def begun(work: Work, client: ClientConfig, proof: DelegationProof, *, stands: bool) -> UserProof:
    """The authorization of whoever acts, which is stored with the token that it gives; ``stands``: the subject token is
    good now. Raises OAuthError.
    """
    if not stands:
        raise invalid_grant("The subject token is not valid")
    api = audiences.of_authorization(work, proof.audience[: audiences.MAX_AUDIENCE], None)
    if api is None:
        raise OAuthError("invalid_target", "Service not found: the audience names no registered API")
    check_api(api)
    new = _authorization(work, client, api, proof)
    granted = codes.granted(client, codes.new_id(), new, proof.subject.granted.user)
    spend = partial(beginnings.of_another, work, client, granted, new)
    return UserProof(authorization=granted, spend=spend, told={"issued_token_type": ACCESS})


def check_api(api: ResourceServerConfig | None, *, acts: bool = True) -> None:
    """What somebody may change of their own account, or of the tenant, wants themselves, and nobody who ``acts`` for
    them. Raises OAuthError ``invalid_target``.
    """
    if acts and api is not None and (api.is_system or api.id == resource_servers.MFA):
        raise OAuthError("invalid_target", "APIs of this tenant itself are not called on somebody's behalf")


def _authorization(
    work: Work, client: ClientConfig, api: ResourceServerConfig, proof: DelegationProof
) -> NewAuthorization:
    """What the client may do at ``api`` for the person: scopes of that API alone, no identity and nothing that outlives
    the token that was exchanged. Raises OAuthError where the API does not serve people through it.
    """
    subject = proof.subject
    if not scopes.is_valid(proof.scope or ""):
        raise OAuthError("invalid_scope", "The scope parameter is malformed")
    wanted = [each for each in scopes.parse(proof.scope) if each not in STANDARD_SCOPES]
    allowed = requirements.scopes_of_user(work, client, api, wanted)
    allowed = requirements.permitted(allowed, roles.enforced(work, subject.granted.user_id, api))
    before = subject.granted.request
    ends_ms = subject.expires_at or clock.now_ms()
    return NewAuthorization(
        user_id=subject.granted.user_id,
        connection_id=subject.granted.connection_id,
        session_id=subject.granted.session_id,
        scope=scopes.join(allowed),
        audience=api.identifier,
        offline=False,
        request=AuthorizationRequest(
            auth_time=before.auth_time,
            acr=before.acr,
            amr=before.amr,
            api_id=api.id,
            act=proof.act,
            origin=subject.granted.id,
            origin_token=None if subject.stored else subject.key,
            origin_beside=before.beside,
            ends_at=ends_ms // 1000,
        ),
    )


def check_origin(work: Work, granted: Granted) -> None:
    """What came of another authorization is good for as long as that one stands, the token that it was exchanged for
    was not revoked by itself, and the policy that gave that one is still there. Raises OAuthError.
    """
    origin, token = granted.request.origin, granted.request.origin_token
    if origin is None:
        return
    first = store.by_id(work, origin)
    if first is None or first.revoked_at is not None or first.user.blocked:
        raise invalid_grant("The authorization that this one came of has ended")
    if token is not None and revoked_alone(first, token):
        raise invalid_grant("The authorization that this one came of has ended")
    beside = granted.request.origin_beside
    if beside is not None:
        client = clients.find(work, first.client_id)
        if client is None or multi.policy(work, client, beside) is None:
            raise invalid_grant("The policy that the exchanged token stood on has ended")
    check_origin(work, first)
