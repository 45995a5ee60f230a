"""Who acts for the person that a subject token is about (RFC 8693 2.1, 4.1, 4.4): the ``actor_token`` of an exchange by
a profile, checked like a subject token, and what the subject token itself says of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from idp.applications.clients.runtime import ClientConfig
from idp.applications.exchange_profiles import runtime as profiles
from idp.applications.exchange_profiles.runtime import Profile
from idp.foundation.kernel.errors import OAuthError, invalid_request
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth import bearer, trusted
from idp.protocol.oauth.trusted import NotTrusted
from idp.protocol.tokens import delegation, gate

CLIENTS: Final = "@clients"
"""How the subject of a client's own token ends."""
MOST_AHEAD_S: Final = 86_400
"""How far ahead the end of an actor's token may lie: they are not made to last."""
NOT_THEIRS: Final = "the actor token is bound to a key, or somebody acts in it"
"""No proof comes with an actor token, and whoever is acted for does not act."""
LONGEST: Final = 255
"""Characters of what names an actor that acted before."""


def check_parameters(params: Mapping[str, str]) -> None:
    """Token and type come together (RFC 8693 2.1). Raises OAuthError ``invalid_request``."""
    if bool(params.get("actor_token")) != bool(params.get("actor_token_type")):
        raise invalid_request("actor_token and actor_token_type come together")


def acting(
    work: Work, client: ClientConfig, profile: Profile, params: Mapping[str, str], said: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The claim ``act`` of what is issued, None where nobody acts but the person; ``said`` are the claims of the
    subject token, which is good. Reads; no transaction is open.

    :raises OAuthError: the profile takes no such token of an actor, or it is somebody else whom the person let act.
    :raises NotTrusted: the actor's token is not good.
    """
    kind = params.get("actor_token_type")
    actor = None if not kind else _actor(work, client, profile, kind, params["actor_token"])
    if "may_act" in said and not _named(said["may_act"], actor or _itself(work, client)):
        raise OAuthError("invalid_grant", "The subject token names somebody else who may act (may_act)")
    before = _before(said.get("act"))
    if actor is None:
        if before is not None:
            raise NotTrusted("somebody acts already: an actor token has to say who goes on")
        return None
    return delegation.acting(actor["sub"], before, iss=actor["iss"])


def check_nobody(work: Work, client: ClientConfig, said: Mapping[str, Any]) -> None:
    """Refuse what says that somebody acts, or that another one may, where no actor shows a token: what is issued would
    say that the person is there. Raises NotTrusted.
    """
    if "act" in said:
        raise NotTrusted("somebody acts in it")
    if "may_act" in said and not _named(said["may_act"], _itself(work, client)):
        raise NotTrusted("it names somebody else who may act (may_act)")


def _actor(work: Work, client: ClientConfig, profile: Profile, kind: str, raw: str) -> dict[str, str]:
    """Who it is: as their issuer names them, by a profile of the tenant, or the client by its own access token."""
    if kind not in profile.actor_token_types:
        raise invalid_request("The token exchange profile takes no actor_token of that type")
    if kind == delegation.ACCESS:
        return _by_own_token(work, client, raw)
    other = profiles.find(work, kind)
    if other is None or other.trusted is None:
        raise invalid_request("No token exchange profile checks an actor_token of that type")
    said = trusted.claims(work, client, other.trusted, raw, most_s=MOST_AHEAD_S, once=False)
    if "act" in said:
        raise NotTrusted(NOT_THEIRS)
    return {"sub": str(said[other.trusted.claim]), "iss": other.trusted.issuer}


def _by_own_token(work: Work, client: ClientConfig, raw: str) -> dict[str, str]:
    """The client's own access token, or that of a person who signed in to it."""
    found, said = bearer.find(work, raw)
    theirs = found is None or (found.bound is None and not found.granted.request.by_somebody_else)
    if not theirs or (said and "cnf" in said):
        raise NotTrusted(NOT_THEIRS)
    if found is not None:
        if found.kind == "access" and found.client_id == client.client_id and gate.presented(work, found) is not None:
            return {"sub": found.granted.user_id, "iss": work.config.issuer}
    elif said is not None and said.get("gty") == "client-credentials" and said.get("azp") == client.known_as:
        return {"sub": f"{client.known_as}{CLIENTS}", "iss": work.config.issuer}
    raise NotTrusted("the actor token is no access token of the client's that is good now")


def _itself(work: Work, client: ClientConfig) -> dict[str, str] | None:
    """The client as who acts; None where it only says who it is."""
    return None if client.public else {"sub": client.known_as, "iss": work.config.issuer}


def _named(may_act: Any, actor: Mapping[str, str] | None) -> bool:
    """RFC 8693 4.4: its claims identify who may. One without ``sub`` identifies nobody; ``iss`` counts where it is."""
    if actor is None or not isinstance(may_act, dict) or may_act.get("sub") != actor["sub"]:
        return False
    return "iss" not in may_act or may_act["iss"] == actor["iss"]


def _before(act: Any) -> dict[str, Any] | None:
    """Who acted before, by their names alone: nothing else of the other issuer's claim is repeated.

    :raises NotTrusted: the claim is no chain of actors.
    """
    chain: list[dict[str, Any]] = []
    while act is not None:
        if not isinstance(act, dict) or len(chain) >= delegation.DEEPEST:
            raise NotTrusted("act is no chain of actors")
        names = {name: act[name] for name in ("sub", "iss") if name in act}
        if "sub" not in names or not all(isinstance(each, str) and len(each) <= LONGEST for each in names.values()):
            raise NotTrusted("act names nobody")
        chain.append(names)
        act = act.get("act")
    found: dict[str, Any] | None = None
    for names in reversed(chain):
        found = {**names, **({"act": found} if found else {})}
    return found
