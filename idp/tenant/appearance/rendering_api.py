"""``/prompts/rendering`` and ``/prompts/{prompt}/screen/{screen}/rendering``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from idp.foundation.apikit import Api, Body, Page, PageRequest, Paging, Query, View, as_view, changes, slice_page
from idp.foundation.kernel.formats import Reference
from idp.foundation.kernel.secret import HARMLESS
from idp.foundation.tenancy.work import Work
from idp.tenant.appearance import rendering

api = Api("prompts")
Mode = Literal["advanced", "standard"]
Document = Annotated[dict[str, Any], HARMLESS, Meta(max_length=50)]
Context = Annotated[list[Annotated[str, Meta(min_length=1, max_length=200)]], Meta(max_length=100)]


class HeadTag(Body):
    """A tag for the head of the page."""

    tag: Annotated[str, Meta(max_length=50)] | UnsetType = UNSET
    attributes: Document | UnsetType = UNSET
    content: Annotated[str, HARMLESS, Meta(max_length=10_000)] | UnsetType = UNSET


class Match(Body):
    """A client, organization or domain, by its id or metadata."""

    id: Annotated[str, Meta(min_length=1, max_length=64)] | UnsetType = UNSET
    metadata: Document | UnsetType = UNSET


Matches = Annotated[list[Match], Meta(max_length=25)]


class Filters(Body):
    """For whom the settings count."""

    match_type: Literal["includes_any", "excludes_any"] | UnsetType = UNSET
    clients: Matches | UnsetType = UNSET
    organizations: Matches | UnsetType = UNSET
    domains: Matches | UnsetType = UNSET


class RenderingUpdate(Body):
    """PATCH /prompts/{prompt}/screen/{screen}/rendering."""

    rendering_mode: Mode | UnsetType = UNSET
    context_configuration: Context | UnsetType = UNSET
    default_head_tags_disabled: bool | UnsetType | None = UNSET
    use_page_template: bool | UnsetType | None = UNSET
    head_tags: Annotated[list[HeadTag], Meta(max_length=50)] | UnsetType = UNSET
    filters: Filters | UnsetType | None = UNSET


class ScreenRendering(RenderingUpdate, kw_only=True):
    """One of PATCH /prompts/rendering."""

    prompt: Reference
    screen: Reference


class RenderingsUpdate(Body):
    """PATCH /prompts/rendering."""

    configs: Annotated[list[ScreenRendering], Meta(min_length=1, max_length=100)]


class RenderingView(View, kw_only=True):
    """The settings of a screen."""

    tenant: str | UnsetType = UNSET
    prompt: str | UnsetType = UNSET
    screen: str | UnsetType = UNSET
    rendering_mode: str
    context_configuration: list[str]
    default_head_tags_disabled: bool | None
    head_tags: list[Document]
    filters: Document | None
    use_page_template: bool | None


class RenderingsView(View):
    """PATCH /prompts/rendering."""

    configs: list[RenderingView]


class RenderingList(Query):
    """GET /prompts/rendering."""

    prompt: Annotated[str, Meta(max_length=100)] | UnsetType = UNSET
    screen: Annotated[str, Meta(max_length=100)] | UnsetType = UNSET
    rendering_mode: Mode | UnsetType = UNSET


@api.get(
    "/prompts/rendering",
    scopes={"read:prompts"},
    paging=Paging.by_offset("configs"),
    summary="Get render setting configurations for all screens",
)
def list_renderings(work: Work, query: RenderingList, page: PageRequest) -> Page[RenderingView]:
    """Of the screens that somebody set."""
    found = slice_page(rendering.every(work, changes(query)), page)
    return Page([as_view(RenderingView, each) for each in found.items], found.total)


@api.patch("/prompts/rendering", scopes={"update:prompts"}, summary="Update render settings for multiple screens")
def update_renderings(work: Work, body: RenderingsUpdate) -> RenderingsView:
    """Change some of several screens', all or none."""
    changed = rendering.change_all(work, [changes(each) for each in body.configs])
    return RenderingsView(configs=[as_view(RenderingView, each) for each in changed])


@api.get("/prompts/{prompt}/screen/{screen}/rendering", scopes={"read:prompts"}, summary="Get render settings")
def get_rendering(work: Work, prompt: Reference, screen: Reference) -> RenderingView:
    """Of one screen."""
    return as_view(RenderingView, {"tenant": work.tenant_id, **rendering.of_screen(work, prompt, screen)})


@api.patch("/prompts/{prompt}/screen/{screen}/rendering", scopes={"update:prompts"}, summary="Update render settings")
def update_rendering(work: Work, prompt: Reference, screen: Reference, body: RenderingUpdate) -> RenderingView:
    """Of one screen."""
    members = rendering.change(work, prompt, screen, changes(body))
    return as_view(RenderingView, {name: each for name, each in members.items() if name in rendering.STANDARD})
