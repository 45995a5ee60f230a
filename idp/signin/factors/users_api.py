"""``/users/{id}/authentication-methods`` and what else concerns the factors of one user."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Literal

from msgspec import Meta

from idp.foundation.apikit import Api, Page, PageRequest, Paging, changes, slice_page
from idp.foundation.kernel.formats import Reference, UserId
from idp.foundation.tenancy.work import Work
from idp.signin.factors import administration, render, service
from idp.signin.factors.schemas import (
    MethodCreate,
    MethodMade,
    MethodSet,
    MethodUpdate,
    MethodView,
    RecoveryCodeView,
    UserEnrollmentView,
)

api = Api("users.factors")
METHODS = "/users/{id}/authentication-methods"
METHOD = f"{METHODS}/{{authentication_method_id}}"


@api.get(
    METHODS,
    scopes={"read:authentication_methods"},
    paging=Paging.by_offset("authenticators"),
    summary="Get authentication methods of a user",
)
def list_methods(work: Work, id: UserId, page: PageRequest) -> Page[MethodView]:
    """Everything that proves who the user is, beside a password."""
    found = slice_page(administration.methods(work, id), page)
    return Page([render.method(row) for row in found.items], found.total)


@api.post(METHODS, scopes={"create:authentication_methods"}, summary="Create an authentication method")
def create_method(work: Work, id: UserId, body: MethodCreate) -> MethodMade:
    """The user has it from now on, and is told."""
    return render.made(administration.create(work, id, changes(body)))


@api.put(METHODS, scopes={"update:authentication_methods"}, summary="Replace authentication methods")
def set_methods(work: Work, id: UserId, body: Annotated[list[MethodSet], Meta(max_length=30)]) -> list[MethodMade]:
    """The user has these phones, addresses and apps, and no others."""
    return [render.made(each) for each in administration.replace(work, id, [changes(each) for each in body])]


@api.delete(METHODS, scopes={"delete:authentication_methods"}, summary="Delete all authentication methods")
def delete_methods(work: Work, id: UserId) -> None:
    """The user has none from now on, and is told."""
    administration.remove_all(work, id)


@api.get(METHOD, scopes={"read:authentication_methods"}, summary="Get an authentication method")
def get_method(work: Work, id: UserId, authentication_method_id: Reference) -> MethodView:
    """One of them."""
    administration.methods(work, id)
    return render.method(service.get(work, id, authentication_method_id))


@api.patch(METHOD, scopes={"update:authentication_methods"}, summary="Update an authentication method")
def update_method(work: Work, id: UserId, authentication_method_id: Reference, body: MethodUpdate) -> MethodView:
    """Its name, or the preferred way to a phone."""
    row = administration.change(work, id, authentication_method_id, changes(body))
    return render.method(row, whole=False)


@api.delete(METHOD, scopes={"delete:authentication_methods"}, summary="Delete an authentication method")
def delete_method(work: Work, id: UserId, authentication_method_id: Reference) -> None:
    """The user is told."""
    administration.remove(work, id, authentication_method_id)


@api.delete("/users/{id}/authenticators", scopes={"delete:guardian_enrollments"}, summary="Delete all second factors")
def delete_authenticators(work: Work, id: UserId) -> None:
    """The user has none from now on, and is told; passkeys stay."""
    administration.remove_second_factors(work, id)


@api.get(
    "/users/{id}/enrollments",
    scopes={"read:users"},
    own_scopes={"read:current_user"},
    summary="Get Guardian enrollments of a user",
)
def list_enrollments(work: Work, id: UserId) -> list[UserEnrollmentView]:
    """Second factors as Guardian names them."""
    rows = [row for row in administration.methods(work, id) if row.type in administration.SECOND_FACTORS]
    return [render.user_enrollment(row) for row in rows]


@api.post(
    "/users/{id}/multifactor/actions/invalidate-remember-browser",
    scopes={"update:users"},
    status=HTTPStatus.NO_CONTENT,
    summary="Ask again in every browser",
)
def invalidate_browsers(work: Work, id: UserId) -> None:
    """No browser of the user is trusted any more."""
    administration.forget_browsers(work, id)


@api.delete("/users/{id}/multifactor/{provider}", scopes={"update:users"}, summary="Delete factors of a provider")
def delete_provider(work: Work, id: UserId, provider: Literal["duo", "google-authenticator", "guardian"]) -> None:
    """Auth0's providers: an app, or what Guardian keeps."""
    administration.remove_provider(work, id, provider)


@api.post(
    "/users/{id}/recovery-code-regeneration",
    scopes={"update:users"},
    status=HTTPStatus.OK,
    summary="Generate a new recovery code",
)
def regenerate_recovery_code(work: Work, id: UserId) -> RecoveryCodeView:
    """The code before it is void."""
    return RecoveryCodeView(recovery_code=administration.new_recovery_code(work, id))
