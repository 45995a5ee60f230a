"""The use case: one sign-in, foreseen. What is written of it is a log entry that says who looked."""

from __future__ import annotations

import base64
from hashlib import sha256

from sqlalchemy import select

from idp.applications.clients import runtime as clients
from idp.applications.clients.runtime import ClientConfig
from idp.directory.connections import runtime as connections
from idp.directory.connections.runtime import ConnectionConfig
from idp.directory.users import provision
from idp.directory.users import service as users
from idp.directory.users.models import Identity, User
from idp.directory.users.provision import FoundUser
from idp.foundation.kernel.errors import NotFound, OAuthError, PageError
from idp.foundation.kernel.faults import BODY, fault
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth.authorize import answer, pipeline, respond
from idp.protocol.oauth.authorize.request import AuthorizeRequest, Draft
from idp.protocol.oauth.log_types import OAuthLog
from idp.protocol.oauth.simulation.outcome import Scenario, Simulation, Step
from idp.protocol.oauth.simulation.provenance import Asked, Provenance
from idp.protocol.oauth.simulation.walk import Walk
from idp.protocol.tokens import foresight, gate
from idp.signin.user_grants import consent
from idp.tenant.audit import log

_VERIFIER = base64.urlsafe_b64encode(sha256(b"simulation").digest()).rstrip(b"=").decode()


def simulate(work: Work, scenario: Scenario) -> Simulation:
    """What would happen, in the caller's transaction: nothing but the log entry is written in it.

    :raises NotFound: there is no such user or application.
    :raises BadRequest: the user has no account at that connection.
    """
    user = users.get(work, scenario.user_id)
    client = clients.find(work, scenario.client_id)
    if client is None or not work.actor.is_for(client.client_id):
        raise NotFound("The client does not exist.", "inexistent_client")
    person, connection = _person(work, scenario, user)
    found = _simulated(work, scenario, user, client, person, connection)
    log.write(
        work,
        OAuthLog.SIMULATED,
        client_id=client.client_id,
        client_name=client.name,
        user_id=user.user_id,
        user_name=user.email or user.name,
        connection=connection.name,
        audience=scenario.audience,
        scope=scenario.scope,
        details={"by": work.actor.user_id, "refused_by": found.refused_by},
    )
    return found


def _simulated(
    work: Work,
    scenario: Scenario,
    user: User,
    client: ClientConfig,
    person: FoundUser,
    connection: ConnectionConfig,
) -> Simulation:
    steps: list[Step] = []
    asked = _asked(work, scenario, client, steps)
    if asked is None:
        return Simulation(steps)
    walk = Walk(work, scenario, answer.wanted(client, asked), person, connection, steps=steps)
    done = walk.go()
    if done is None:
        return Simulation(steps)
    try:
        new = respond.authorization(work, client, asked, done.session, challenged=done.challenged)
        allowed = gate.authorized(work, client, new, asked.words, blocked=done.session.blocked).authorization
        foreseen = foresight.foreseen(work, client, allowed, consented=walk.consented)
    except OAuthError as problem:
        steps.append(Step("gate", "authorization", "refused", error=problem.error, detail=problem.description or ""))
        return Simulation(steps)
    steps.append(Step("gate", "authorization", "passed"))
    claims = consent.claim_names(asked.id_token_claims, asked.userinfo_claims)
    sources = Provenance(work, user, foreseen, Asked(scenario.scope, claims))
    return Simulation(
        steps,
        told=sources.told(),
        scopes=foreseen.scopes,
        removed=sources.removed(asked.scopes),
        access_token="opaque" if foreseen.access_token is None else "jwt",
        expires_in=foreseen.lifetime,
        refresh_token=foreseen.offline or "online_access" in foreseen.scopes,
    )


def _asked(work: Work, scenario: Scenario, client: ClientConfig, steps: list[Step]) -> AuthorizeRequest | None:
    """The request as ``/authorize`` checks it, rule by rule; None where one refuses it."""
    said = {
        "client_id": client.client_id,
        "redirect_uri": next(iter(client.data.callbacks or ()), ""),
        "response_type": "code",
        "state": "simulation",
        "code_challenge": _VERIFIER,
        "code_challenge_method": "S256",
        "scope": scenario.scope,
        "audience": scenario.audience,
        "acr_values": scenario.acr_values,
        "prompt": scenario.prompt,
        "max_age": None if scenario.max_age is None else str(scenario.max_age),
        "connection": scenario.connection,
        "claims": scenario.claims,
        "screen_hint": scenario.screen_hint,
    }
    draft = Draft(work, {name: value for name, value in said.items() if value})
    for check in (*pipeline.PROOF, *pipeline.CHECKS):
        rule = check.__name__
        try:
            check(draft)
        except (OAuthError, PageError) as problem:
            words = problem.description if isinstance(problem, OAuthError) else problem.message
            steps.append(Step("request", rule, "refused", error=problem.error, detail=words or ""))
            return None
        steps.append(Step("request", rule, "passed"))
    return draft.finish()


def _person(work: Work, scenario: Scenario, user: User) -> tuple[FoundUser, ConnectionConfig]:
    """Whose account it is that they sign in with: that of the connection which is asked for, else their first."""
    mine = select(Identity).where(Identity.user_id == user.user_id).order_by(Identity.position)
    rows = list(work.rows.scalars(mine))
    row = next((each for each in rows if scenario.connection in (None, each.connection)), None)
    connection = connections.find(work, row.connection_id) if row is not None else None
    person = provision.by_identity(work, row.connection_id, row.identity_user_id) if row is not None else None
    if connection is None or person is None:
        raise fault(BODY, "The user has no account at this connection", "connection")
    return person, connection
