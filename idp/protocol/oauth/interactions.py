"""``x-fapi-interaction-id`` of a resource: by which both sides find a call in their logs (FAPI 1.0 Baseline 6.2.1
no. 11, which FAPI-CIBA stands on; FAPI 2.0 Implementation Advice 2.1.1).
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Final

from idp.foundation.web.exchange import Call

HEADER: Final = "x-fapi-interaction-id"
_UUID: Final = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
"""RFC 4122 3."""


def header(call: Call, *, bound: bool = False) -> Mapping[str, str]:
    """The header for the answer: the id that came along, else a new one where the token is ``bound``, as those of the
    profile are. Empty for everybody else; what came along and is no UUID is never repeated.
    """
    came = call.environ.get("HTTP_X_FAPI_INTERACTION_ID", "")
    if _UUID.fullmatch(came):
        return {HEADER: came}
    return {HEADER: str(uuid.uuid4())} if bound else {}
