"""The OpenAPI 3.1 description of the API, made from the route table.

Nothing is described by hand here: what the table does not say, the description does not either.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from service.http.access import COOKIE, CSRF_HEADER, Access
from service.http.answers import Error
from service.http.calls import BIGGEST_NUMBER, TEXT_ID, WRITES
from service.http.errors import STATUS_OF_CODE
from service.http.route import JSON, Route

FORM = "multipart/form-data"
REF = "#/components/schemas/{model}"


def describe(routes: Sequence[Route], *, version: str) -> dict[str, Any]:
    """The whole document; pages and sockets are left out (docs/api/websocket.md describes the sockets)."""
    described = [route for route in routes if route.kind == "api"]
    paths: dict[str, dict[str, Any]] = {}
    for route in described:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Anxin",
            "version": version,
            "description": "Everything a page can do. Errors have one shape; sockets: docs/api/websocket.md.",
        },
        "paths": paths,
        "components": {"schemas": _schemas(described), "securitySchemes": _SECURITY_SCHEMES},
    }


_SECURITY_SCHEMES = {
    "customer": {"type": "http", "scheme": "bearer", "description": "Token of one conversation."},
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
    "csrf": {"type": "apiKey", "in": "header", "name": CSRF_HEADER},
}


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": route.summary,
        "operationId": _operation_id(route),
        "tags": [_tag(route)],
        "parameters": [*_path_parameters(route), *_query_parameters(route)],
        "responses": _responses(route),
        "security": _security(route),
    }
    if route.body is not None:
        operation["requestBody"] = {"required": True, "content": {JSON: {"schema": _ref(route.body)}}}
    if route.media_types:
        picture = {"schema": {"type": "string", "format": "binary"}}
        content: dict[str, Any] = dict.fromkeys(route.media_types, picture)
        if FORM in content:
            content[FORM] = {
                "schema": {"type": "object", "required": ["file"], "properties": {"file": picture["schema"]}}
            }
        operation["requestBody"] = {"required": True, "content": content}
    if route.access is not None and route.access.roles:
        operation["x-roles"] = sorted(route.access.roles)
    return operation


def _operation_id(route: Route) -> str:
    words = route.path.replace("{", "").replace("}", "").replace("-", "_").strip("/").split("/")
    return "_".join([route.method.lower(), *(word for word in words if word != "api")]).replace(".", "_")


def _tag(route: Route) -> str:
    parts = route.path.strip("/").split("/")
    return parts[1] if parts[0] == "api" and len(parts) > 2 else parts[-1].split(".")[0]


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    uuid = {"type": "string", "format": "uuid"}
    text = {"type": "string", "pattern": TEXT_ID}
    number = {"type": "integer", "minimum": 1, "maximum": BIGGEST_NUMBER}
    schemas: dict[str, dict[str, Any]] = dict.fromkeys(route.id_names, uuid)
    schemas |= dict.fromkeys(route.text_id_names, text) | dict.fromkeys(route.number_names, number)
    return [
        {"name": name, "in": "path", "required": True, "schema": schema} for name, schema in schemas.items()
    ]


def _query_parameters(route: Route) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    schema = route.query.model_json_schema()
    return [
        {"name": name, "in": "query", "required": False, "schema": _without_null(part)}
        for name, part in schema["properties"].items()
    ]


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A query parameter is absent rather than null."""
    options = [part for part in schema.get("anyOf", []) if part.get("type") != "null"]
    rest = {k: v for k, v in schema.items() if k not in ("anyOf", "title") and v is not None}
    return {**rest, **options[0]} if options else rest


def _responses(route: Route) -> dict[str, Any]:
    responses = {str(status): _success(route, status) for status in (route.status, *route.also)}
    codes: dict[int, list[str]] = {}
    for code in sorted(route.error_codes()):
        codes.setdefault(STATUS_OF_CODE[code], []).append(code)
    for status, names in sorted(codes.items()):
        content = {JSON: {"schema": _ref(Error)}}
        if str(status) in responses:  # /readyz answers 503 with its own shape
            continue
        responses[str(status)] = {"description": ", ".join(names), "content": content}
    return responses


def _success(route: Route, status: int) -> dict[str, Any]:
    response: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if route.answer is not None:
        response["content"] = {JSON: {"schema": _ref(route.answer)}}
    elif status != 204:
        response["content"] = {media_type: {} for media_type in route.answer_types}
    return response


def _security(route: Route) -> list[dict[str, list[str]]]:
    access: Access | None = route.access
    if access is not None and access.kind == "customer":
        return [{"customer": []}]
    if access is not None and access.kind == "people":
        return [{"session": [], "csrf": []}] if route.method in WRITES else [{"session": []}]
    return []


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": REF.format(model=model.__name__)}


def _schemas(routes: Iterable[Route]) -> dict[str, Any]:
    bodies = {route.body for route in routes if route.body is not None}
    answers = {route.answer for route in routes if route.answer is not None} | {Error}
    _, taken = models_json_schema(
        [(m, "validation") for m in sorted(bodies, key=lambda m: m.__name__)], ref_template=REF
    )
    _, given = models_json_schema(
        [(m, "serialization") for m in sorted(answers, key=lambda m: m.__name__)], ref_template=REF
    )
    return {**taken["$defs"], **given["$defs"]}
