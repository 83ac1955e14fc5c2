"""Answers to requests that show no post: an echo, an instance of a schema, a call of a tool."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.twin.asked import Answer, Asked


def small_talk(asked: Asked) -> Answer:
    """Call a tool where one must be called or is named, fill in a schema where there is one, else echo."""
    if call := _call(asked):
        return Answer(calls=(call,))
    if asked.schema is not None:
        return Answer(json.dumps(instance(asked.schema), ensure_ascii=False))
    results = [
        part["functionResponse"]
        for turn in (asked.body.get("contents") or [{}])[-1:]
        for part in turn.get("parts", ())
        if "functionResponse" in part
    ]
    if results:
        return Answer("The tool says: " + json.dumps([result.get("response") for result in results]))
    return Answer(f"You said: {asked.user_text}")


def _call(asked: Asked) -> Mapping[str, Any] | None:
    tools = [
        function
        for tool in asked.body.get("tools") or ()
        for function in tool.get("functionDeclarations") or tool.get("function_declarations") or ()
    ]
    config = (asked.body.get("toolConfig") or {}).get("functionCallingConfig") or {}
    allowed = config.get("allowedFunctionNames") or [tool["name"] for tool in tools]
    must = config.get("mode") == "ANY"
    for tool in tools:
        if tool["name"] in allowed and (must or tool["name"] in asked.user_text):
            schema = tool.get("parametersJsonSchema") or tool.get("parameters") or {}
            return {"name": tool["name"], "args": instance(schema)}
    return None


def instance(schema: Mapping[str, Any], root: Mapping[str, Any] | None = None) -> Any:
    """The smallest value of a JSON schema that is not empty: one entry in lists, required and optional fields alike."""
    root = schema if root is None else root
    if "$ref" in schema:
        return instance(root["$defs"][schema["$ref"].rsplit("/", 1)[-1]], root)
    if "enum" in schema:
        return schema["enum"][0]
    if options := schema.get("anyOf"):
        return instance(options[0], root)
    kind = str(schema.get("type", "object")).lower()
    if kind == "object":
        return {name: instance(part, root) for name, part in (schema.get("properties") or {}).items()}
    if kind == "array":
        return [instance(schema.get("items") or {"type": "string"}, root)]
    return {"string": "text", "integer": 1, "number": 1.5, "boolean": True}.get(kind)
