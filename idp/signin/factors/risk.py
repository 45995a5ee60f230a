"""How much a sign-in looks like the person's own: the three signals of adaptive multi-factor authentication
(spec/login-factors.md, "Policy"). Asked only where a tenant's policy goes by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import func, select

from idp.foundation.tenancy.work import Work
from idp.signin.attack_protection import throttling
from idp.signin.factors import trust
from idp.signin.factors.models import RememberedBrowser as B

Confidence = Literal["low", "medium", "high", "neutral"]
VERSION: Final = "1"


@dataclass(frozen=True)
class Signal:
    """One of them, and why it says so, in Auth0's words."""

    confidence: Confidence
    code: str


@dataclass(frozen=True)
class Assessment:
    """All three; the worst one counts."""

    new_device: Signal
    untrusted_ip: Signal
    impossible_travel: Signal

    @property
    def low(self) -> bool:
        """Whether somebody else may be signing in."""
        return "low" in {self.new_device.confidence, self.untrusted_ip.confidence, self.impossible_travel.confidence}

    @property
    def details(self) -> dict[str, Any]:
        """``details.riskAssessment`` of the log entry."""
        signals = {
            "NewDevice": self.new_device,
            "UntrustedIP": self.untrusted_ip,
            "ImpossibleTravel": self.impossible_travel,
        }
        return {
            "confidence": "low" if self.low else "high",
            "version": VERSION,
            "assessments": {name: {"confidence": each.confidence, "code": each.code} for name, each in signals.items()},
        }


def assess(work: Work, user_id: str, device_hash: str | None) -> Assessment:
    """The signals for this browser and address. Reads; writes nothing."""
    return work.once(("risk", user_id, device_hash), lambda: _assess(work, user_id, device_hash))


def _assess(work: Work, user_id: str, device_hash: str | None) -> Assessment:
    suspicious = throttling.suspicious(work)
    return Assessment(
        _new_device(work, user_id, device_hash),
        Signal("low", "found_on_deny_list") if suspicious else Signal("high", "not_found_on_deny_list"),
        Signal("neutral", "geoip_lookup_disabled"),
    )


def _new_device(work: Work, user_id: str, device_hash: str | None) -> Signal:
    """Somebody of whom no browser is known is on their first one: that tells nothing."""
    if trust.known_since(work, user_id, device_hash) is not None:
        return Signal("high", "match")
    others = select(func.count()).where(B.user_id == user_id, B.purpose == trust.KNOWN)
    if not work.rows.scalar(others):
        return Signal("neutral", "initial_login")
    return Signal("low", "no_match")
