"""How a trust chain is fetched: upward from an entity, by the superiors that each one names (OpenID Federation 1.0,
10.1). Strangers say where: everything is bounded, and there is one deadline for all of it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from urllib.parse import quote

from idp.applications.clients.public_keys import ClientKey
from idp.applications.federation import chains
from idp.applications.federation.chains import Anchors, Trusted
from idp.applications.federation.statements import (
    FEDERATION_ENTITY,
    MOST_BYTES,
    RELYING_PARTY,
    TYPE,
    NoEntity,
    Statement,
    TrustProblem,
    broken,
    check_signature,
    is_entity,
    read,
)
from idp.foundation import egress
from idp.foundation.kernel.errors import OAuthError
from idp.foundation.tenancy.work import Work

WELL_KNOWN = ".well-known/openid-federation"
TOTAL_S = 10.0
"""For a whole chain, whoever answers how slowly."""
ONE_S = 4.0
MOST_CALLS = 24
MOST_HINTS = 5
"""Superiors of one entity that are asked."""
MOST_SUPERIORS = chains.MOST_STATEMENTS - 2
KIND = f"application/{TYPE}"


class Unavailable(OAuthError):
    """Somebody did not answer, or not in time: it may be otherwise soon."""

    def __init__(self, description: str, detail: str | None = None) -> None:
        super().__init__("temporarily_unavailable", description, status=503, detail=detail)


class Fetching:
    """One exchange with a federation: what it may still cost."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._ends = time.monotonic() + TOTAL_S
        self._calls = 0
        self._known: dict[str, Statement] = {}

    def keys(self, entity: str, anchors: Anchors) -> Sequence[ClientKey]:
        """The keys of any entity that a chain leads to. Raises as :meth:`chain`."""
        return self.chain(entity, anchors, FEDERATION_ENTITY).keys[entity]

    def chain(self, entity: str, anchors: Anchors, kind: str = RELYING_PARTY) -> Trusted:
        """The first chain from the entity to an anchor that proves it.

        :raises TrustProblem: there is none.
        :raises Unavailable: there may be one, but somebody does not answer.
        """
        subject, last = self.configuration(entity), None
        try:
            for found in self._upward([subject], entity, anchors):
                try:
                    return chains.checked(found, entity, anchors, kind)
                except TrustProblem as problem:
                    last = problem
        except Unavailable:
            raise
        except TrustProblem as problem:
            last = problem
        raise last or TrustProblem("invalid_trust_anchor", "No chain leads to a trust anchor of this provider")

    def configuration(self, entity: str) -> Statement:
        """What an entity says of itself, signed by itself."""
        known = self._known.get(entity)
        if known is None:
            known = read(self.get(f"{entity.rstrip('/')}/{WELL_KNOWN}", KIND))
            if known.iss != entity or known.sub != entity:
                raise broken(f"What {entity} publishes is about somebody else"[:300])
            check_signature(known.raw, known.keys, entity)
            self._known[entity] = known
        return known

    def get(self, url: str, kind: str) -> str:
        """The text at an address, where it is of that media type. Raises TrustProblem, Unavailable."""
        self._calls += 1
        left = self._ends - time.monotonic()
        if self._calls > MOST_CALLS or left <= 0:
            raise Unavailable("To look for a trust chain takes too long")
        try:
            answer = egress.load().get(
                self._work.platform.settings, url, headers={"Accept": kind}, seconds=min(left, ONE_S)
            )
        except egress.Refused as error:
            raise broken("An address of the federation is not read", str(error)) from error
        except egress.EgressError as error:
            raise Unavailable("An entity of the federation does not answer", str(error)) from error
        if answer.status != HTTPStatus.OK:
            late = answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status == HTTPStatus.TOO_MANY_REQUESTS
            text = f"An entity of the federation answers with status {answer.status}"
            raise Unavailable(text, url) if late else NoEntity("invalid_trust_chain", text, detail=url)
        said = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if said != kind or len(answer.body) > MOST_BYTES:
            raise NoEntity(
                "invalid_trust_chain", f"An entity of the federation does not answer with {kind}", detail=url
            )
        try:
            return str(answer.body.decode("ascii")).strip()
        except UnicodeDecodeError as error:
            raise broken("An entity of the federation answers with something else", url) from error

    def _upward(self, below: Sequence[Statement], subject: str, anchors: Anchors) -> Iterator[list[Statement]]:
        """Chains from the subject of the last statement up. Where one superior leads nowhere, the next one may."""
        if len(below) > MOST_SUPERIORS:
            return
        hints = self.configuration(subject).hints()
        met = {each.iss for each in below}
        problem: OAuthError | None = None
        for superior in sorted(dict.fromkeys(hints), key=lambda each: each not in anchors)[:MOST_HINTS]:
            if superior in met or not is_entity(superior):
                continue
            try:
                own = self.configuration(superior)
                above = [*below, self._about(own, subject)]
                if superior in anchors:
                    yield [*above, own]
                else:
                    yield from self._upward(above, superior, anchors)
            except (TrustProblem, Unavailable) as found:
                problem = found if problem is None or isinstance(found, Unavailable) else problem
        if problem is not None:
            raise problem

    def _about(self, superior: Statement, subject: str) -> Statement:
        """What a superior says of the subject (8.1)."""
        endpoint = (superior.metadata(FEDERATION_ENTITY) or {}).get("federation_fetch_endpoint")
        if not isinstance(endpoint, str) or not endpoint.startswith("https://") or "#" in endpoint:
            raise broken(f"{superior.iss} says nowhere what it says of others (federation_fetch_endpoint)"[:300])
        mark = "&" if "?" in endpoint else "?"
        found = read(self.get(f"{endpoint}{mark}sub={quote(subject, safe='')}", KIND))
        if found.iss != superior.iss or found.sub != subject:
            raise broken(f"{superior.iss} answers with a statement about somebody else"[:300])
        return found
