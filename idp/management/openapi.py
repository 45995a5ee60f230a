"""The OpenAPI document of what is built, served to anyone at ``/api/v2/openapi.json``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from idp import __version__
from idp.apikit import Endpoint
from idp.apikit.openapi import document
from idp.apikit.render import JSON_TYPE, Answer, encode


@lru_cache(maxsize=16)
def answer(endpoints: Sequence[Endpoint], issuer: str) -> Answer:
    """The document for the tenant at ``issuer``."""
    made = document(
        endpoints,
        title="Management API",
        version=__version__,
        server=f"{issuer}api/v2",
        token_url=f"{issuer}oauth/token",
    )
    return Answer(200, encode(made), {"Content-Type": JSON_TYPE})
