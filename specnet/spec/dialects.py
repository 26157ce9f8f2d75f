"""The dialects of JSON Schema that editors take: written as draft 2020-12, and turned into draft 7."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    Schema = dict[str, Any]

Dialect = Literal["7", "2020-12"]
URLS: dict[Dialect, str] = {
    "7": "http://json-schema.org/draft-07/schema#",
    "2020-12": "https://json-schema.org/draft/2020-12/schema",
}

# The keywords that hold a schema, a list of schemas, and schemas by name.
_ONE = ("additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then")
_SEVERAL = ("allOf", "anyOf", "oneOf", "prefixItems")
_NAMED = ("$defs", "dependentSchemas", "patternProperties", "properties")


def changed(schema: Schema, change: Callable[[Schema], Schema]) -> Schema:
    """The schema with a change made to it and to every schema in it, the inner ones first."""

    def inside(key: str, value: Any) -> Any:
        if key in _ONE and isinstance(value, dict):
            return changed(value, change)
        if key in _SEVERAL:
            return [changed(item, change) if isinstance(item, dict) else item for item in value]
        if key in _NAMED:
            return {name: changed(item, change) if isinstance(item, dict) else item for name, item in value.items()}
        return value

    return change({key: inside(key, value) for key, value in schema.items()})


def as_draft_7(schema: Schema) -> Schema:
    """The same schema in the words of draft 7, which overlooks what stands beside a `$ref`."""
    return changed(schema, _older)


def _older(schema: Schema) -> Schema:
    older: Schema = {}
    for key, value in schema.items():
        if key == "$ref":
            reference = {"$ref": value.replace("#/$defs/", "#/definitions/", 1)}
            older |= reference if len(schema) == 1 else {"allOf": [reference, *schema.get("allOf", [])]}
        elif key == "$defs":
            older["definitions"] = value
        elif key == "prefixItems":
            older["items"] = value
        elif key == "items" and "prefixItems" in schema:
            older["additionalItems"] = value
        else:
            older.setdefault(key, value)
    return older
