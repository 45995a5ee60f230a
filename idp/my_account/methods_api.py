"""``/factors`` and ``/authentication-methods``."""

from __future__ import annotations

from http import HTTPStatus

from msgspec import UNSET

from idp.foundation.apikit import Api, changes
from idp.foundation.tenancy import page_context
from idp.foundation.tenancy.work import Work
from idp.my_account import enrolments, passwords, render
from idp.my_account.enrolments import Started
from idp.my_account.passwords import Password
from idp.my_account.schemas import (
    EnrolmentView,
    FactorsView,
    FactorView,
    MethodChange,
    MethodList,
    MethodsView,
    MethodView,
    NewMethod,
    Usage,
    Verification,
)
from idp.signin.factors.models import AuthenticationMethod

api = Api("me.authentication_methods")
METHODS = "/authentication-methods"
METHOD = f"{METHODS}/{{id}}"


@api.get("/factors", scopes={"read:me:factors"}, summary="Get the factors that can be enrolled")
def list_factors(work: Work) -> FactorsView:
    """What the tenant offers."""
    return FactorsView(factors=[FactorView(type=kind, usage=_usage(used)) for kind, used in enrolments.factors(work)])


@api.get(METHODS, scopes={"read:me:authentication_methods"}, summary="Get your authentication methods")
def list_methods(work: Work, query: MethodList) -> MethodsView:
    """Everything that proves who the caller is, or one type of it."""
    listed = [*map(render.password, passwords.of_caller(work)), *map(render.method, enrolments.methods(work))]
    return MethodsView(authentication_methods=[each for each in listed if query.type in (None, each.type)])


@api.get(METHOD, scopes={"read:me:authentication_methods"}, summary="Get an authentication method")
def get_method(work: Work, id: str) -> MethodView:
    """One of them."""
    return _view(enrolments.method(work, id))


@api.post(
    METHODS,
    scopes={"create:me:authentication_methods"},
    status=HTTPStatus.ACCEPTED,
    summary="Begin to enrol an authentication method",
)
def begin_method(work: Work, body: NewMethod) -> EnrolmentView:
    """It counts once it is verified."""
    return _started(enrolments.begin(work, changes(body), page_context.locale(work)))


@api.post(f"{METHOD}/verify", scopes={"create:me:authentication_methods"}, summary="Verify an authentication method")
def verify_method(work: Work, id: str, body: Verification) -> MethodView:
    """It counts from now on."""
    return _view(enrolments.finish(work, id, changes(body), page_context.locale(work)))


@api.patch(METHOD, scopes={"update:me:authentication_methods"}, summary="Change an authentication method")
def change_method(work: Work, id: str, body: MethodChange) -> MethodView:
    """Another name or preferred way."""
    return _view(enrolments.change(work, id, changes(body)))


@api.delete(METHOD, scopes={"delete:me:authentication_methods"}, summary="Remove an authentication method")
def delete_method(work: Work, id: str) -> None:
    """Take it away."""
    enrolments.remove(work, id)


def _usage(used: list[str]) -> list[Usage]:
    known: tuple[Usage, ...] = ("primary", "secondary")
    return [each for each in known if each in used]


def _view(found: AuthenticationMethod | Password) -> MethodView:
    return render.password(found) if isinstance(found, Password) else render.method(found)


def _started(found: Started) -> EnrolmentView:
    return EnrolmentView(
        auth_session=found.auth_session,
        id=found.id or UNSET,
        barcode_uri=found.barcode_uri or UNSET,
        manual_input_code=found.manual_input_code or UNSET,
        recovery_code=found.recovery_code or UNSET,
        authn_params_public_key=found.options or UNSET,
        policy=render.policy(found.password) if found.password else UNSET,
    )
