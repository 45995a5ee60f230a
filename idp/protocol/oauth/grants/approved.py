"""Grants for which a person says yes elsewhere, while the application asks again and again whether they have (RFC 8628
3.4, CIBA Core 10.1, 11).
"""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel.errors import OAuthError, invalid_grant, invalid_request
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth.approval import Approval
from idp.protocol.oauth.grants.contract import NotYet, TokenRequest
from idp.protocol.oauth.polling import Wait
from idp.protocol.tokens import details
from idp.protocol.tokens.proofs import PersonProof

LONGEST = 256
"""Characters of a name that are looked at."""


class Waiting(Protocol):
    """A request, and what became of it."""

    @property
    def client_id(self) -> str:
        """Whose it is."""

    @property
    def scope(self) -> str:
        """What was asked for."""

    @property
    def audience(self) -> str | None:
        """Of which API; None: of none."""

    @property
    def details(self) -> list[dict[str, Any]] | None:
        """What was asked for in detail (RFC 9396)."""

    @property
    def state(self) -> str:
        """``denied``, or anything else."""

    @property
    def approval(self) -> Approval | None:
        """The yes, once there is one."""


R = TypeVar("R", bound=Waiting)


class Requests(Protocol[R]):
    """The service that keeps the requests, by the secret name that the application has."""

    def read(self, work: Work, name: str, /) -> R | None:
        """The first statement: what became of it."""

    def expired(self, work: Work, name: str, client_id: str, /) -> bool:
        """Whether nobody answered in time what that client asked."""

    def poll(self, work: Work, name: str, request: R, /) -> Wait:
        """The client asked, and there is no answer yet."""

    def spend(self, work: Work, name: str, /) -> None:
        """Once. Raises OAuthError for everybody but the first."""


class Approved(Generic[R]):
    """See :class:`idp.protocol.oauth.grants.contract.Grant`."""

    parameter: ClassVar[str]
    """What the application sends as the name of its request."""
    invalid: ClassVar[str]
    pending: ClassVar[str]
    who: ClassVar[str]
    """The words for who asks."""

    def __init__(self, requests: Requests[R]) -> None:
        self._requests = requests

    def find(self, request: TokenRequest) -> R | None:
        """The request that is asked about."""
        if not request.params.get(self.parameter):
            raise invalid_request(f"Missing required parameter: {self.parameter}")
        return self._requests.read(request.work, self._name(request))

    def prove(self, request: TokenRequest, client: ClientConfig, found: R | None) -> PersonProof:
        """A person said yes, to that client (security.md G1)."""
        work, name = request.work, self._name(request)
        if found is None:
            if self._requests.expired(work, name, client.client_id):
                raise OAuthError("expired_token", self.invalid)
            raise invalid_grant(self.invalid)
        if found.client_id != client.client_id:
            raise invalid_grant(self.invalid)
        if found.state == "denied":
            raise OAuthError("access_denied", "The user denied the request")
        if found.approval is None:
            raise self._not_yet(self._requests.poll(work, name, found))
        said = found.approval
        return PersonProof(
            user_id=said.user_id,
            connection_id=said.connection_id,
            amr=said.amr,
            auth_time=said.auth_time,
            given_at=said.given_at or None,
            audience=found.audience or f"{work.config.issuer}userinfo",  # not the default one of this moment
            scope=found.scope,
            details=found.details,
            part=details.read(request.params.get("authorization_details")),
            spend=partial(self._requests.spend, work, name),
        )

    def _not_yet(self, wait: Wait) -> NotYet:
        if wait.hurried:
            return NotYet("slow_down", f"{self.who} may ask every {wait.interval_s} seconds")
        return NotYet("authorization_pending", self.pending)

    def _name(self, request: TokenRequest) -> str:
        return request.params[self.parameter][:LONGEST]
