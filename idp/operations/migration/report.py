"""What a copy of a tenant did, or would do."""

from __future__ import annotations

from dataclasses import dataclass, field

BEGINNING = "1970-01-01T00:00:00.000Z"
KINDS = ("APIs", "applications", "connections", "grants", "roles", "users", "linked accounts", "members of roles")
MOST_REASONS = 200


@dataclass
class Count:
    """Of one kind: copied, here already, and not copied."""

    copied: int = 0
    there: int = 0
    refused: int = 0


@dataclass
class Report:
    """What was done, or would be; ``reasons`` says why things were not copied."""

    counts: dict[str, Count] = field(default_factory=lambda: {kind: Count() for kind in KINDS})
    reasons: list[str] = field(default_factory=list)
    reached: str = BEGINNING
    """Users who were made before this moment are behind."""

    def refuse(self, kind: str, name: object, why: str) -> None:
        """One was not copied."""
        self.counts[kind].refused += 1
        if len(self.reasons) < MOST_REASONS:
            self.reasons.append(f"{kind}: {name}: {why}")
