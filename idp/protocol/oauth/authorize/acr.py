"""How well somebody signed in: values of ``acr`` that are offered, asked for and satisfied (OIDC Core 2, 5.5.1.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idp.foundation.kernel import sizes
from idp.foundation.kernel.errors import OAuthError
from idp.foundation.tenancy.work import Work
from idp.signin.factors import policy as factors

PASSWORD_ACR = "urn:gatehouse:acr:password"  # noqa: S105 - a name, no secret
DEFAULT_ACRS = (PASSWORD_ACR, factors.ACR, "urn:mace:incommon:iap:silver", "0", "1")


def satisfied(work: Work, asked: tuple[str, ...]) -> str | None:
    """The first of the asked values that a password sign-in satisfies (conformance.md 0.15): never the one of a second
    factor.
    """
    offered = supported(work)
    return next((value for value in asked if value in offered and value != factors.ACR), None)


def supported(work: Work) -> tuple[str, ...]:
    """``acr_values_supported``: the tenant's own list, else ours."""
    return tuple(work.config.settings.acr_values_supported) or DEFAULT_ACRS


def claimed(work: Work, asked: Mapping[str, Any]) -> tuple[str, ...]:
    """The values that the ``claims`` parameter wants of an ID token's ``acr``. Essential ones that nobody here can
    satisfy end the request (OpenID Connect Core Unmet Authentication Requirements 1.0). Raises OAuthError.
    """
    wanted = asked.get("acr")
    if not isinstance(wanted, dict):
        return ()
    values = wanted.get("values") if isinstance(wanted.get("values"), list) else [wanted.get("value")]
    named = tuple(each for each in values or () if isinstance(each, str) and 0 < len(each) <= sizes.HINT.most)
    if wanted.get("essential") is True and named and {factors.ACR, *supported(work)}.isdisjoint(named):
        raise OAuthError("unmet_authentication_requirements", "None of the essential acr values can be satisfied")
    return named
