"""The OpenAPI document of what is built, served to anyone at ``/api/v2/openapi.json``."""

from __future__ import annotations

from collections.abc import Sequence

from idp import __version__
from idp.foundation.apikit import Endpoint
from idp.foundation.apikit.answers import JSON_TYPE, Answer, encode
from idp.foundation.apikit.openapi import document

_MANY = 100
_rendered: dict[str, bytes] = {}


def answer(endpoints: Sequence[Endpoint], issuer: str) -> Answer:
    """The document for the tenant at ``issuer``, made once per process: declarations do not change while it runs."""
    if issuer not in _rendered:
        if len(_rendered) >= _MANY:
            _rendered.clear()
        _rendered[issuer] = encode(
            document(
                endpoints,
                title="Management API",
                version=__version__,
                server=f"{issuer}api/v2",
                token_url=f"{issuer}oauth/token",
            )
        )
    return Answer(200, _rendered[issuer], {"Content-Type": JSON_TYPE})
