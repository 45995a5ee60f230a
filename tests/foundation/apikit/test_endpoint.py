"""Declaring, routing, running and documenting an endpoint."""

from __future__ import annotations

import json
from typing import Annotated, Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from msgspec import Meta

from idp.foundation.apikit import Api, Body, Query, View
from idp.foundation.apikit.openapi import document
from idp.foundation.apikit.path import Router
from idp.foundation.apikit.request import RawRequest
from idp.foundation.kernel.errors import BadRequest
from idp.foundation.kernel.formats import identifier

WORK = "the work"
api = Api("things")


class New(Body):
    name: Annotated[str, Meta(min_length=1)]


class Shown(View):
    id: str
    name: str | None = None


class Which(Query):
    deep: bool = False


ThingId = Annotated[str, identifier("thing-id", "thg_[a-z]+", "The id")]


@api.post("/things", scopes={"create:things"}, summary="Create a thing")
def create(work: str, body: New) -> Shown:
    return Shown(id=work, name=body.name)


@api.get("/things/{id}", scopes={"read:things"})
def read(work: str, id: ThingId, query: Which) -> Shown:
    assert work == WORK
    return Shown(id=id, name="deep" if query.deep else None)


@api.delete("/things/{id}", scopes={"delete:things"})
def delete(work: str, id: str) -> None:
    assert work == WORK
    assert id


CREATE, READ, DELETE = api.endpoints


def test_a_post_answers_201_with_json() -> None:
    answer = CREATE.run(RawRequest(content_type="application/json", body=b'{"name":"x"}'), WORK)
    assert (answer.status, json.loads(answer.body)) == (201, {"id": "the work", "name": "x"})
    assert answer.headers == {"Content-Type": "application/json; charset=utf-8"}


def test_a_form_is_as_good_as_json() -> None:
    answer = CREATE.run(RawRequest(content_type="application/x-www-form-urlencoded", body=b"name=x"), WORK)
    assert json.loads(answer.body)["name"] == "x"


def test_a_get_reads_path_and_query() -> None:
    answer = READ.run(RawRequest(params={"id": "thg_a"}, query=[("deep", "true")]), WORK)
    assert (answer.status, json.loads(answer.body)) == (200, {"id": "thg_a", "name": "deep"})


def test_a_delete_answers_204_without_body() -> None:
    answer = DELETE.run(RawRequest(params={"id": "x"}), WORK)
    assert (answer.status, answer.body, answer.headers) == (204, b"", {})


def test_ids_of_another_shape_are_invalid_uris() -> None:
    with pytest.raises(BadRequest) as refused:
        READ.run(RawRequest(params={"id": "nope"}), WORK)
    expected = (
        "Path validation error: 'Object didn't pass validation for format thing-id: nope' on property id (The id)."
    )
    assert (refused.value.message, refused.value.error_code) == (expected, "invalid_uri")


@pytest.mark.parametrize("id_", ["x\0", "x" * 2000])
def test_ids_no_store_could_hold_are_invalid_uris(id_: str) -> None:
    with pytest.raises(BadRequest) as refused:
        DELETE.run(RawRequest(params={"id": id_}), WORK)
    assert refused.value.error_code == "invalid_uri"


def test_an_endpoint_without_scopes_cannot_be_declared() -> None:
    with pytest.raises(ValueError, match="no scopes"):
        api.get("/open")
    with pytest.raises(ValueError, match="no parameter"):
        api.get("/me", own_scopes={"read:current_user"})


def test_fixed_segments_win_over_parameters() -> None:
    router = Router([("GET", "/users/{id}", "id"), ("GET", "/users/me", "me"), ("DELETE", "/users/{id}", "delete")])
    found = router.match("GET", ["users", "me"])
    assert found is not None
    assert found.value == "me"
    other = router.match("GET", ["users", "auth0|1"])
    assert other is not None
    assert (other.value, other.params) == ("id", {"id": "auth0|1"})
    assert router.match("GET", ["users", ""]) is None
    assert router.match("GET", ["users"]) is None
    assert router.match("get", ["users", "me"]) is None
    assert router.methods(["users", "x"]) == {"GET", "DELETE"}


def test_the_same_path_twice_is_a_start_up_error() -> None:
    with pytest.raises(ValueError, match="twice"):
        Router([("GET", "/users/{id}", 1), ("GET", "/users/{user_id}", 2)])


def test_openapi_describes_scopes_bodies_and_refusals() -> None:
    made: Any = document(
        api.endpoints,
        title="T",
        version="1",
        server="http://localhost/api/v2",
        token_url="http://localhost/oauth/token",
    )
    post = made["paths"]["/things"]["post"]
    assert post["security"] == [{"bearer": ["create:things"]}]
    assert set(post["responses"]) == {"201", "400", "401", "403", "429"}
    schema = {**post["requestBody"]["content"]["application/json"]["schema"], "components": made["components"]}
    assert Draft202012Validator(schema).is_valid({"name": "x"})
    assert not Draft202012Validator(schema).is_valid({"name": ""})
    get = made["paths"]["/things/{id}"]["get"]
    assert {parameter["name"] for parameter in get["parameters"]} == {"id", "deep"}
    assert "404" in get["responses"]
    assert set(made["components"]["securitySchemes"]["bearer"]["flows"]["clientCredentials"]["scopes"]) == {
        "create:things",
        "read:things",
        "delete:things",
    }
