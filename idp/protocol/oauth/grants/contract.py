"""What a grant type has to give. Everything that all of them share is the endpoint's and the gate's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.kernel.errors import OAuthError
from idp.foundation.kernel.log_types import LogType
from idp.foundation.tenancy.work import Work
from idp.protocol.oauth import resource
from idp.protocol.tokens.proofs import Proof


@dataclass(frozen=True)
class TokenRequest:
    """One call of ``/oauth/token``; ``forwarded_for`` is what the caller says of the address of a person behind it."""

    work: Work
    params: dict[str, str]
    forwarded_for: str | None = None

    @property
    def audience(self) -> str | None:
        """The API that is asked for, by either parameter. Raises OAuthError ``invalid_target``."""
        return resource.audience(self.work, self.params)

    @property
    def meant(self) -> str | None:
        """The API that a person's token will be for: where none is asked for, the tenant's default one. Raises
        OAuthError ``invalid_target``.
        """
        return resource.meant(self.work, self.params)

    @property
    def resource(self) -> str | None:
        """The API that the parameter ``resource`` names. Raises OAuthError ``invalid_target``."""
        return resource.named(self.work, self.params)


@dataclass(frozen=True, kw_only=True)
class RefusalEntry:
    """What the log says of a refusal, where it says more than the client learns."""

    kind: LogType
    description: str
    user_id: str | None = None
    details: dict[str, Any] | None = None


class MarkedRefusal(OAuthError):
    """``invalid_grant`` that leaves a mark: a code is spent by a wrong try, reuse revokes a family of tokens.

    The endpoint writes ``mark`` and the log entry in one transaction.
    """

    def __init__(self, description: str, *, mark: Callable[[], object], entry: RefusalEntry | None = None) -> None:
        super().__init__("invalid_grant", description)
        self.mark = mark
        self.entry = entry


class NotYet(OAuthError):
    """There is nothing to give yet, and the client shall ask again (RFC 8628 3.5): no failure that a log is told of."""


class Grant(Protocol):
    """One grant type."""

    @property
    def grant_type(self) -> str:
        """The value of the parameter ``grant_type``."""

    @property
    def success(self) -> LogType:
        """What the log calls tokens that were issued."""

    @property
    def failure(self) -> LogType:
        """What the log calls a refusal."""

    def find(self, request: TokenRequest, /) -> Any:
        """The first statement: it reads what the grant is about, best with the configuration version
        (:meth:`Work.first`). None where nothing is stored.

        Runs before the client is authenticated, so it may refuse nothing but malformed parameters.
        """

    def prove(self, request: TokenRequest, client: ClientConfig, found: Any, /) -> Proof:
        """What ``found`` and the parameters prove of that client. Raises OAuthError; writes nothing."""
