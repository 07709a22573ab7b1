"""The OpenAPI 3.1 document, made of the operations themselves."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic.json_schema import models_json_schema

from bot.web.api import CSV, JSON, OPERATIONS, PREFIX, Operation
from bot.web.http_cache import Body
from bot.web.problem import CONTENT_TYPE
from bot.web.schema import Problem

_REF = "#/components/schemas/{model}"
_PROBLEMS = {
    "400": "a parameter can't be read",
    "404": "there is nothing of that name",
    "405": "only GET and HEAD are answered",
    "414": "the address is too long",
    "422": "the question can't be answered as asked",
    "429": "too many requests; Retry-After says when to ask again",
    "500": "a fault of the program",
    "503": "there is no answer yet, or none within ten seconds",
}


def document(version: str, server: str | None = None) -> dict[str, Any]:
    """The whole document; `server` is the public address when there is one."""
    models = {operation.answer for operation in OPERATIONS} | {Problem}
    ordered = sorted(models, key=lambda model: model.__name__)
    _, schemas = models_json_schema([(model, "serialization") for model in ordered], ref_template=_REF)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "minerwatch",
            "version": version,
            "summary": "Bitcoin miner capitulation: signals, phase, series and mining economics",
            "description": (
                "Read-only. Times are UTC. Answers carry an ETag: ask with If-None-Match and unchanged ones "
                "are 304. Declines are negative fractions: -0.7 is 70 % down."
            ),
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": f"{server or ''}{PREFIX}"}],
        "paths": {operation.path: {"get": _get(operation)} for operation in OPERATIONS},
        "components": {"schemas": schemas["$defs"]},
    }


def document_body(version: str, server: str | None) -> Body:
    """The document as it is served."""
    return Body(json.dumps(document(version, server), ensure_ascii=False).encode(), JSON)


def _get(operation: Operation) -> dict[str, Any]:
    content: dict[str, Any] = {JSON: {"schema": _reference(operation.answer.__name__)}}
    if operation.also_csv:
        content[CSV.partition(";")[0]] = {"schema": {"type": "string"}}
    return {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": [
            {
                "name": parameter.name,
                "in": "path" if parameter.in_path else "query",
                "required": parameter.in_path,
                "description": parameter.description,
                "schema": dict(parameter.schema),
            }
            for parameter in operation.parameters
        ],
        "responses": {
            "200": {
                "description": (operation.answer.__doc__ or "").strip(),
                "headers": {"ETag": {"schema": {"type": "string"}}},
                "content": content,
            },
            "304": {"description": "unchanged since the ETag in If-None-Match"},
            **{
                status: {
                    "description": about,
                    "content": {CONTENT_TYPE: {"schema": _reference(Problem.__name__)}},
                }
                for status, about in _PROBLEMS.items()
            },
        },
    }


def _reference(model: str) -> Mapping[str, str]:
    return {"$ref": _REF.format(model=model)}
