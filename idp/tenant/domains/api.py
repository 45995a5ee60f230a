"""``/custom-domains``."""

from __future__ import annotations

from http import HTTPStatus

from sqlalchemy import select

from idp.foundation.apikit import Api, Page, PageRequest, Paging, changes
from idp.foundation.db import paging
from idp.foundation.kernel.formats import Reference
from idp.foundation.tenancy.models import CustomDomain
from idp.foundation.tenancy.work import Work
from idp.tenant.domains import render, searches, service
from idp.tenant.domains.schemas import (
    DefaultUpdate,
    DefaultView,
    DomainCreate,
    DomainList,
    DomainUpdate,
    DomainView,
    TestView,
)

api = Api("custom-domains")


@api.get(
    "/custom-domains",
    scopes={"read:custom_domains"},
    paging=Paging.by_either("custom_domains"),
    fields=True,
    summary="Get custom domains configurations",
)
def list_domains(work: Work, query: DomainList, page: PageRequest) -> Page[DomainView]:
    """The tenant's domains, the oldest first unless ``sort`` says otherwise."""
    by, _, direction = (query.sort or "created_at:1").partition(":")
    order = [CustomDomain.domain if by == "domain" else CustomDomain.created_at, CustomDomain.id]
    statement = select(CustomDomain)
    if query.q:
        statement = statement.where(searches.condition(query.q))
    rows = paging.fetch(work.rows, statement, page, order, descending=direction == "-1")
    return Page.of(rows, [render.view(work, row) for row in rows.items])


@api.post("/custom-domains", scopes={"create:custom_domains"}, summary="Configure a new custom domain")
def create_domain(work: Work, body: DomainCreate) -> DomainView:
    """It counts once it is verified; the answer says which record proves it."""
    return render.view(work, service.create(work, changes(body)))


@api.get("/custom-domains/default", scopes={"read:custom_domains"}, summary="Get the default domain")
def get_default(work: Work) -> DefaultView:
    """The domain that links name where nobody said another."""
    return render.default_view(work, service.default(work))


@api.patch("/custom-domains/default", scopes={"update:custom_domains"}, summary="Update the default domain")
def set_default(work: Work, body: DefaultUpdate) -> DefaultView:
    """A verified custom domain, or the tenant's own host."""
    return render.default_view(work, service.choose_default(work, body.domain))


@api.get("/custom-domains/{id}", scopes={"read:custom_domains"}, summary="Get custom domain configuration")
def get_domain(work: Work, id: Reference) -> DomainView:
    """One domain."""
    return render.view(work, service.get(work, id))


@api.patch("/custom-domains/{id}", scopes={"update:custom_domains"}, summary="Update custom domain configuration")
def update_domain(work: Work, id: Reference, body: DomainUpdate) -> DomainView:
    """Change some of it."""
    return render.view(work, service.update(work, id, changes(body)))


@api.delete("/custom-domains/{id}", scopes={"delete:custom_domains"}, summary="Delete custom domain configuration")
def delete_domain(work: Work, id: Reference) -> None:
    """The tenant is gone from there at once."""
    service.delete(work, id)


@api.post(
    "/custom-domains/{id}/verify",
    scopes={"create:custom_domains"},
    status=HTTPStatus.OK,
    summary="Verify a custom domain",
)
def verify_domain(work: Work, id: Reference) -> DomainView:
    """Look for the proof now."""
    found = service.verify(work, id)
    return render.view(work, found.row, found.proxy_key)


@api.post(
    "/custom-domains/{id}/test",
    scopes={"read:custom_domains"},
    status=HTTPStatus.OK,
    summary="Test a custom domain",
)
def test_domain(work: Work, id: Reference) -> TestView:
    """Whether the domain leads here, certificate included."""
    tried = service.attempt(work, id)
    return TestView(success=tried.success) if tried.message is None else TestView(tried.success, tried.message)
