"""``/consents`` and ``/organizations``: Auth0 calls both planned; nothing is kept here that they would list."""

from __future__ import annotations

from idp.foundation.apikit import Api, Page, PageRequest, Paging
from idp.foundation.kernel.errors import NotFound
from idp.foundation.tenancy.work import Work
from idp.my_account.schemas import ConsentsView, ConsentView, OrganizationView

api = Api("me.others")


@api.get("/consents", scopes={"read:me:consents"}, summary="Get your consents")
def list_consents(work: Work) -> ConsentsView:
    """Requests of applications that the person approved elsewhere than in a browser: there is no such grant here."""
    del work
    return ConsentsView(consents=[])


@api.get("/consents/{id}", scopes={"read:me:consents"}, summary="Get a consent")
def get_consent(work: Work, id: str) -> ConsentView:
    """One of them."""
    del work, id
    raise NotFound("The consent does not exist.", "inexistent_consent")


@api.get(
    "/organizations",
    scopes={"read:me:organizations"},
    paging=Paging.by_checkpoint("organizations"),
    summary="Get your organizations",
)
def list_organizations(work: Work, page: PageRequest) -> Page[OrganizationView]:
    """Organizations of the person."""
    del work, page
    return Page([])
