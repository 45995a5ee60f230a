"""What a grant type has to give; the endpoint owns every phase that all of them share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from idp.applications.clients.runtime import ClientConfig
from idp.foundation.tenancy.work import Work
from idp.protocol.tokens.issuer import Issued


@dataclass
class TokenRequest:
    """One call of ``/oauth/token``; ``found`` is what the grant's first read answered."""

    work: Work
    params: dict[str, str]
    found: Any = None


class Grant(Protocol):
    """One ``grant_type``."""

    grant_type: str

    def find(self, request: TokenRequest) -> Any:
        """The first statement: it reads what the grant is about and brings the configuration version along.

        Runs before the client is authenticated, so it may refuse nothing but malformed parameters.
        """

    def redeem(self, request: TokenRequest, client: ClientConfig) -> Issued:
        """Check, sign, spend and store. Raises OAuthError."""
