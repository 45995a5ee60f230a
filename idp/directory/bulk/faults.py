"""What is wrong with a row of an import, under the codes that Auth0's clients know."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """See spec/bulk-import-export.md, "Matching and upsert"."""

    ANY_OF_MISSING = "ANY_OF_MISSING"
    ARRAY_LENGTH_LONG = "ARRAY_LENGTH_LONG"
    ARRAY_LENGTH_SHORT = "ARRAY_LENGTH_SHORT"
    CONFLICT = "CONFLICT"
    CONFLICT_EMAIL = "CONFLICT_EMAIL"
    CONFLICT_USERNAME = "CONFLICT_USERNAME"
    DUPLICATED_USER = "DUPLICATED_USER"
    ENUM_MISMATCH = "ENUM_MISMATCH"
    FORMAT = "FORMAT"
    INVALID_TYPE = "INVALID_TYPE"
    MAX_LENGTH = "MAX_LENGTH"
    MAXIMUM = "MAXIMUM"
    MFA_FACTORS_FAILED = "MFA_FACTORS_FAILED"
    MIN_LENGTH = "MIN_LENGTH"
    MINIMUM = "MINIMUM"
    NOT_PASSED = "NOT_PASSED"
    OBJECT_REQUIRED = "OBJECT_REQUIRED"
    PATTERN = "PATTERN"


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong; ``path`` names the member (``custom_password_hash.hash.value``)."""

    code: Code
    message: str
    path: str = ""

    def document(self) -> dict[str, str]:
        """As the job shows it."""
        found = {"code": str(self.code), "message": self.message}
        return {**found, "path": self.path} if self.path else found
