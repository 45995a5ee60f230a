"""``/prompts/{prompt}/custom-text`` and ``/prompts/{prompt}/partials``."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from msgspec import Meta

from idp.foundation.apikit import Api
from idp.foundation.kernel.formats import Reference, whole
from idp.foundation.kernel.secret import HARMLESS
from idp.foundation.tenancy.work import Work
from idp.tenant.appearance import service

api = Api("prompts")
Key = Annotated[str, whole("[A-Za-z][A-Za-z0-9_-]{0,99}", max_length=100)]
Words = Annotated[dict[Reference, dict[Key, Annotated[str, Meta(max_length=2_000)]]], Meta(max_length=50)]
"""Screen -> text -> words."""
Pieces = Annotated[dict[Reference, dict[Key, Annotated[str, HARMLESS]]], Meta(max_length=50)]
"""Screen -> place -> piece."""


@api.get("/prompts/{prompt}/custom-text/{language}", scopes={"read:prompts"}, summary="Get custom text for a prompt")
def get_words(work: Work, prompt: Reference, language: Reference) -> Words:
    """The tenant's own words, by screen."""
    return service.words(work, prompt, language)


@api.put("/prompts/{prompt}/custom-text/{language}", scopes={"update:prompts"}, summary="Set custom text for a prompt")
def set_words(work: Work, prompt: Reference, language: Reference, body: Words) -> Words:
    """Replace them; the next page says them."""
    return service.set_words(work, prompt, language, body)


@api.get("/prompts/{prompt}/partials", scopes={"read:prompts"}, summary="Get partials for a prompt")
def get_pieces(work: Work, prompt: Reference) -> Pieces:
    """The tenant's own pieces of pages, by screen and place."""
    return service.pieces(work, prompt)


@api.put(
    "/prompts/{prompt}/partials", scopes={"update:prompts"}, status=HTTPStatus.OK, summary="Set partials for a prompt"
)
def set_pieces(work: Work, prompt: Reference, body: Pieces) -> Pieces:
    """Replace them; the next page holds them."""
    return service.set_pieces(work, prompt, body)
