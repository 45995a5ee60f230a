"""The one comparison of what a client wants with what its user granted.

Whatever a client may learn of a person or do in their name goes through :func:`given`: before the consent page is
shown or passed over, before tokens are issued, and when they are presented (security.md K1, K2). A scope, a single
claim and nothing at all are wants like any other: also who asks for no scope learns who the person is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

import msgspec

from idp.applications.clients.runtime import ClientConfig
from idp.applications.resource_servers import runtime as resource_servers
from idp.directory.roles import runtime as roles
from idp.directory.users.attributes import SCOPE_CLAIMS, STANDARD_CLAIMS, STANDARD_SCOPES
from idp.foundation.kernel.scopes import OIDC_SCOPES
from idp.foundation.tenancy.work import Work
from idp.signin.user_grants import service
from idp.signin.user_grants.service import Recorded


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a client wants: ``scopes``, of the API ``audience`` where it names one, and ``claims`` by their names,
    wherever they would be told. The answer goes to ``redirect_uri``.
    """

    scopes: tuple[str, ...]
    claims: tuple[str, ...] = ()
    audience: str | None = None
    redirect_uri: str = ""

    @property
    def extra(self) -> list[str]:
        """What it wants beyond the scopes that have sentences of their own, in the words of single claims."""
        opened = opened_by(OIDC_SCOPES.intersection(self.scopes))
        learned = opened_by(self.scopes) | set(self.claims)
        return sorted(learned - opened)


def claim_names(*requested: Mapping[str, object] | None) -> tuple[str, ...]:
    """What members of a ``claims`` parameter want to know of the person (OIDC Core 5.5). Names that nobody defined
    open nothing.
    """
    return tuple(sorted({name for member in requested if member for name in member if name in STANDARD_CLAIMS}))


def opened_by(scopes: Iterable[str]) -> set[str]:
    """The claims that these scopes open."""
    return {claim for scope in scopes for claim in SCOPE_CLAIMS.get(scope, ())}


def narrowed(work: Work, user_id: str, wanted: Wanted) -> Wanted:
    """What is left of it for that person: of an API that enforces permissions, the scopes they have. Nobody is asked
    for what they could not give.
    """
    api = resource_servers.find(work, wanted.audience) if wanted.audience else None
    had = roles.enforced(work, user_id, api)
    if had is None:
        return wanted
    return msgspec.structs.replace(
        wanted, scopes=tuple(scope for scope in wanted.scopes if scope in STANDARD_SCOPES or scope in had)
    )


def given(work: Work, client: ClientConfig, user_id: str, wanted: Wanted) -> bool:
    """Whether the client may have all of it without asking: nobody has to be asked, or the user said yes before."""
    return not has_to_ask(work, client, wanted.audience, local=at_localhost(wanted.redirect_uri)) or on_record(
        work, client, user_id, narrowed(work, user_id, wanted)
    )


def on_record(work: Work, client: ClientConfig, user_id: str, wanted: Wanted) -> bool:
    """Whether the user said yes to all of it before, to a client that :func:`has_to_ask`."""
    return covers(service.granted(work, user_id, client.client_id, wanted.audience), wanted)


def covers(recorded: Recorded | None, wanted: Wanted) -> bool:
    """Whether the grant on record holds all that is wanted. Nothing on record holds nothing, not even that."""
    if recorded is None:
        return False
    told = opened_by(recorded.scope).union(recorded.claims)
    return told.issuperset(wanted.claims) and all(
        scope in recorded.scope or (scope in SCOPE_CLAIMS and told.issuperset(SCOPE_CLAIMS[scope]))
        for scope in wanted.scopes
    )


def has_to_ask(work: Work, client: ClientConfig, audience: str | None, *, local: bool) -> bool:
    """contract.md section 5, "Consent". ``local``: the answer goes to somebody's own machine (:func:`at_localhost`),
    where nobody can tell one application from another. Follows from configuration alone.
    """
    if not client.is_first_party:
        return True
    if audience is None:
        return False
    api = resource_servers.find(work, audience)
    return api is None or local or not api.data.skip_consent_for_verifiable_first_party_clients


def at_localhost(uri: str) -> bool:
    """Whether the host name of ``uri`` is literally ``localhost``."""
    return "localhost" in uri and urlsplit(uri).hostname == "localhost"
