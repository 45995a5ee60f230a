"""Whose code and tokens will be (RFC 9449 10)."""

from __future__ import annotations

import re

from idp.foundation.kernel.errors import invalid_request
from idp.protocol.oauth.authorize.request import Draft
from idp.protocol.tokens import binding

_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")


def check_dpop_key(draft: Draft) -> None:
    """``dpop_jkt``, or the key of the proof that the request was pushed with: the same one, where there are both.
    Nothing binds a token in the answer itself, so that none comes there where client or API want it bound.
    """
    if "token" in (draft.params.get("response_type") or "").split():
        binding.check_front_channel(draft.known_client, draft.api)
    named = draft.params.get("dpop_jkt")
    if named and not _THUMBPRINT.fullmatch(named):
        raise invalid_request("dpop_jkt is no SHA-256 thumbprint of a key")
    if named and draft.jkt not in (None, named):
        raise invalid_request("dpop_jkt is not the key of the DPoP proof")
    if found := named or draft.jkt:
        draft.checked["dpop_jkt"] = found
