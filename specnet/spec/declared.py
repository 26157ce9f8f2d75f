"""The JSON Schema of one declaration: what its fields say, and nothing of what only its code knows."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pydantic.json_schema import GenerateJsonSchema

from specnet.component.base import SLOT_KEY
from specnet.component.docs import field_docs
from specnet.spec.dialects import changed

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import core_schema

    from specnet.spec.dialects import Schema

# What pydantic's regular expressions and those of editors do not agree on: classes of characters that differ in
# Unicode, flags and names of groups, operations on sets.
_NOT_PORTABLE = re.compile(r"\\[A-Za-z0-9]|\(\?(?!:)|\[\[|&&|--|~~")

_FINITE = (
    ("minimum", "exclusiveMinimum", -sys.float_info.max),
    ("maximum", "exclusiveMaximum", sys.float_info.max),
)


def declared(model: type[BaseModel], owner: str) -> tuple[Schema, dict[str, Schema]]:
    """The schema of a model in draft 2020-12, and those of the models in it by name, each behind its owner's name.

    It refuses nothing that the model accepts. A place for a component refers to the definition of its kind.
    """
    schema = model.model_json_schema(
        ref_template=f"{reference(owner)}:{{model}}", schema_generator=_Fields, mode="validation"
    )
    inner = {f"{owner}:{name}": changed(found, _tidy) for name, found in schema.pop("$defs", {}).items()}
    whole = changed(schema, _tidy)
    own = next((name for name in inner if whole.get("$ref") == reference(name)), None)
    return (whole if own is None else dict(inner[own])), inner  # a model that holds itself is a reference to itself


def reference(definition: str) -> str:
    """The `$ref` of a definition: a JSON pointer in a URL."""
    return "#/$defs/" + quote(definition.replace("~", "~0").replace("/", "~1"), safe=":~")


def _tidy(schema: Schema) -> Schema:
    kind = schema.pop(SLOT_KEY, None)
    if kind is not None:
        schema["$ref"] = reference(kind)
        default = schema.get("default")
        if isinstance(default, dict) and default.keys() == {"type"}:
            schema["default"] = default["type"]
    if isinstance(text := schema.get("description"), str):
        schema["description"] = " ".join(text.split())
    if isinstance(pattern := schema.get("pattern"), str) and _NOT_PORTABLE.search(pattern):
        del schema["pattern"]
    return schema


class _Fields(GenerateJsonSchema):
    """Leaves open what code decides, and says what an editor can point at."""

    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012  # as in the base class

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False  # it would be the name of the key once more

    def handle_invalid_for_json_schema(self, schema: Any, error_info: str) -> Schema:
        return {}

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> Schema:
        return self._decided_by_code(schema)

    def function_wrap_schema(self, schema: core_schema.WrapValidatorFunctionSchema) -> Schema:
        return self._decided_by_code(schema)

    def _decided_by_code(self, schema: Any) -> Schema:
        wanted = schema.get("json_schema_input_schema")
        return self.generate_inner(wanted) if wanted else {}

    def nullable_schema(self, schema: core_schema.NullableSchema) -> Schema:
        """Without `anyOf`, whose errors say only that no alternative fits."""
        inner = self.generate_inner(schema["schema"])
        if isinstance(inner.get("type"), str) and not inner.keys() & {"const", "enum"}:
            return {**inner, "type": [inner["type"], "null"]}
        return {"if": {"not": {"type": "null"}}, "then": inner}

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> Schema:
        union = super().tagged_union_schema(schema)
        union.pop("discriminator", None)  # a keyword of OpenAPI
        return union

    def float_schema(self, schema: core_schema.FloatSchema) -> Schema:
        """Finite: infinity is beyond the largest float."""
        number = super().float_schema(schema)
        for key, value in number.items():
            if isinstance(value, float) and value.is_integer():
                number[key] = int(value)  # some versions of pydantic write the bound 0 as 0.0
        for bound, exclusive, most in _FINITE:
            if not number.keys() & {bound, exclusive}:
                number[bound] = most
        return number

    def model_schema(self, schema: core_schema.ModelSchema) -> Schema:
        described = super().model_schema(schema)
        described.pop("title", None)  # the name of the class is nothing that a spec may say
        if "type" not in described:  # its code sees the table before its fields do, so any key may be right
            described.pop("additionalProperties", None)
        if text := described.get("description"):
            described["description"] = text.splitlines()[0]
        owner: type[BaseModel] = schema["cls"]
        for name, text in field_docs(owner).items():
            described.get("properties", {}).get(name, {}).setdefault("description", text)
        return described
