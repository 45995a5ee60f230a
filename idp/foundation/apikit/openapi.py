"""OpenAPI 3.1 from the declarations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from idp.foundation.apikit import path as paths
from idp.foundation.apikit.answers import File
from idp.foundation.apikit.api import Endpoint
from idp.foundation.apikit.paging import MAX_SIZE, Paging
from idp.foundation.apikit.request import FORM, MULTIPART
from idp.foundation.apikit.schema import Query
from idp.foundation.kernel import formats

_REF = "#/components/schemas/{name}"
_ERROR = {
    "type": "object",
    "required": ["statusCode", "error", "message"],
    "properties": {
        "statusCode": {"type": "integer"},
        "error": {"type": "string"},
        "message": {"type": "string"},
        "errorCode": {"type": "string"},
    },
}
_REFUSALS = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS)
_COUNTS = ("start", "limit", "total", "length")


def document(endpoints: Sequence[Endpoint], *, title: str, version: str, server: str, token_url: str) -> dict[str, Any]:
    """The document. ``server`` is the URL paths are relative to; ``token_url`` gives tokens for client credentials."""
    types = [type_ for endpoint in endpoints for type_ in _types(endpoint)]
    schemas, components = msgspec.json.schema_components(types, ref_template=_REF) if types else ((), {})
    known = dict(zip(types, schemas, strict=True))
    operations: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        operations.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, known)
    schemas_by_name = {**{name: _opened(schema) for name, schema in components.items()}, "Error": _ERROR}
    made: dict[str, Any] = _renamed(
        {
            "openapi": "3.1.0",
            "info": {"title": title, "version": version},
            "servers": [{"url": server}],
            "paths": operations,
            "components": {
                "schemas": schemas_by_name,
                "securitySchemes": {"bearer": _security_scheme(endpoints, token_url)},
            },
        },
        _short_names(schemas_by_name),
    )
    return made


def _short_names(names: Iterable[str]) -> dict[str, str]:
    """``ClientView`` is ``Client`` to whoever reads the document, unless a body is called so."""
    known = set(names)
    return {name: short for name in known if (short := name.removesuffix("View")) not in known}


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """``value`` with schemas under their short names, where they stand and where they are referred to."""
    if isinstance(value, list):
        return [_renamed(each, names) for each in value]
    if not isinstance(value, dict):
        return value
    renamed = {names.get(name, name): _renamed(each, names) for name, each in value.items()}
    for member in ("$ref", "title"):
        if isinstance(value.get(member), str):
            head, slash, name = value[member].rpartition("/")
            renamed[member] = f"{head}{slash}{names.get(name, name)}"
    return renamed


def _types(endpoint: Endpoint) -> list[Any]:
    declared = endpoint.signature
    return [type_ for type_ in (declared.body, declared.row or declared.answer) if type_ not in (None, File)]


def _opened(schema: dict[str, Any]) -> dict[str, Any]:
    """An open view's additional members stand beside its own."""
    if "additional" not in schema.get("properties", {}):
        return schema
    properties = {name: member for name, member in schema["properties"].items() if name != "additional"}
    return {**schema, "properties": properties, "additionalProperties": True}


def _security_scheme(endpoints: Iterable[Endpoint], token_url: str) -> dict[str, Any]:
    scopes = sorted({scope for endpoint in endpoints for scope in endpoint.scopes})
    return {
        "type": "oauth2",
        "flows": {"clientCredentials": {"tokenUrl": token_url, "scopes": dict.fromkeys(scopes, "")}},
    }


def _operation(endpoint: Endpoint, known: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{endpoint.method.lower()}{endpoint.path}".replace("/", "_").replace("{", "").replace("}", ""),
        "summary": endpoint.summary,
        "tags": [endpoint.group],
        "security": _security(endpoint),
        "parameters": [*_path_parameters(endpoint), *_query_parameters(endpoint)],
        "responses": _responses(endpoint, known),
    }
    if endpoint.signature.body is not None:
        schema = known[endpoint.signature.body]
        kinds = (MULTIPART,) if endpoint.files else ("application/json", FORM)
        content = {kind: {"schema": schema} for kind in kinds}
        operation["requestBody"] = {"required": endpoint.method != "DELETE", "content": content}
    return operation


def _security(endpoint: Endpoint) -> list[dict[str, Any]]:
    """Any one of these is enough."""
    if endpoint.every:
        return [{"bearer": sorted(endpoint.scopes)}]
    return [{"bearer": [scope]} for scope in sorted(endpoint.scopes | endpoint.own_scopes)]


def _path_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    parameters = []
    for name in paths.names(endpoint.path):
        known = formats.of(endpoint.signature.params[name])
        schema = (
            {"type": "string", "pattern": f"^(?:{known.pattern})$"} if known and known.pattern else {"type": "string"}
        )
        parameters.append({"name": name, "in": "path", "required": True, "schema": schema})
    return parameters


def _query_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    query = endpoint.signature.query or Query
    required = {f.encode_name for f in msgspec.structs.fields(query) if f.required}
    (_,), components = msgspec.json.schema_components([query], ref_template=_REF)
    properties = components[query.__name__]["properties"]
    declared = [_parameter(name, schema, required=name in required) for name, schema in properties.items()]
    listed = _paging_parameters(endpoint.paging) if endpoint.paging else []
    projected = [
        _parameter("fields", {"type": "string"}),
        _parameter("include_fields", {"type": "boolean", "default": True}),
    ]
    return [*declared, *listed, *(projected if endpoint.fields else [])]


def _paging_parameters(paging: Paging) -> list[dict[str, Any]]:
    parameters = []
    if paging.offset:
        least = 0 if paging.zero_size else 1
        size = {"type": "integer", "minimum": least, "maximum": MAX_SIZE, "default": paging.default_size}
        parameters += [
            _parameter("page", {"type": "integer", "minimum": 0, "default": 0}),
            _parameter("per_page", size),
        ]
    if paging.offset and not paging.always_counted:
        parameters.append(_parameter("include_totals", {"type": "boolean", "default": False}))
    if paging.checkpoint:
        take = {"type": "integer", "minimum": 1, "maximum": MAX_SIZE, "default": paging.default_size}
        parameters += [_parameter("from", {"type": "string"}), _parameter("take", take)]
    return parameters


def _parameter(name: str, schema: dict[str, Any], *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "schema": schema}


def _responses(endpoint: Endpoint, known: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    success: dict[str, Any] = {"description": HTTPStatus(endpoint.status).phrase}
    declared = endpoint.signature
    if declared.answer is File:
        success["content"] = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    elif declared.answer is not None:
        schema = _listed(known[declared.row or declared.answer], endpoint.paging)
        success["content"] = {"application/json": {"schema": schema}}
    refusal = {"content": {"application/json": {"schema": {"$ref": _REF.format(name="Error")}}}}
    missing = (HTTPStatus.NOT_FOUND,) if paths.names(endpoint.path) else ()
    return {
        str(int(endpoint.status)): success,
        **{str(int(status)): {"description": status.phrase, **refusal} for status in (*_REFUSALS, *missing)},
    }


def _listed(row: dict[str, Any], paging: Paging | None) -> dict[str, Any]:
    """The schema of a list of ``row`` in every style its paging knows."""
    if paging is None:
        return row
    rows = {"type": "array", "items": row}
    number = {"type": "integer"}
    counts = dict.fromkeys(_COUNTS, number) if paging.offset else {}
    following = {"next": {"type": "string"}} if paging.checkpoint else {}
    properties = {paging.items: rows, **counts, **following}
    wrapped = {"type": "object", "required": [paging.items], "properties": properties}
    return {"oneOf": [rows, wrapped]} if paging.offset and not paging.always_counted else wrapped
