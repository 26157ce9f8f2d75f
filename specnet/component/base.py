"""Component, the class that a table of a spec becomes, and Slot, the place in a spec that takes one."""

from typing import Annotated, Any, ClassVar, NoReturn, Protocol, Self, TypeVar

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, Strict, ValidationError, ValidationInfo
from pydantic_core import InitErrorDetails, PydanticCustomError, core_schema

from specnet.errors import Finding, SpecnetError, did_you_mean, failure, show, slip_of

T = TypeVar("T")
Many = Annotated[tuple[T, ...], Strict(False)]
"""A list in the file, a tuple in the program; the items stay strict."""
SLOT_KEY = "x-specnet-slot"
"""What stands in a JSON schema for a component of some kind, until the schema of a whole spec is put together."""


class RelativePath:
    """Marks the text of a field that names a file: what is relative starts at the folder of the spec."""


SpecPath = Annotated[str, RelativePath()]
"""The path of a file, relative to the spec file; a spec that is moved can have it rewritten."""


class Declaration(BaseModel):
    """A table of the spec: frozen, strict in its types, closed to unknown keys, finite in its numbers."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    @classmethod
    def of_defaults(cls) -> Self:
        """All defaults, as `cls()` gives them, without building what validates them: no spec has need of that."""
        return cls.model_construct()


class Component(Declaration):
    """A table with a `type`: its fields are what a spec may say, its methods are pure."""

    kind: ClassVar[str]
    synonyms: ClassVar[tuple[str, ...]] = ()
    """What others call it: a hint in the error for an unknown name, never a second name."""
    in_specs: ClassVar[bool] = True
    """False for a kind that no key of a spec takes."""
    type: str


class Finder(Protocol):
    """What a Slot asks of the registry in its validation context."""

    def find(self, kind: str, name: str) -> type[Component]:
        """The class of that name, or a SpecnetError whose one finding says why there is none."""

    def names(self, kind: str) -> list[str]:
        """The names that can be written for this kind without importing a plugin."""

    def full_name(self, component: type[Component]) -> str:
        """The name of a class that no other can take, such as `acme.snake`."""

    def owner(self, component: type[Component]) -> str | None:
        """Distribution and version of the plugin that a class came from, None for built-ins."""


def _refuse(value: object, finding: Finding, *at: str) -> NoReturn:
    said = {"message": finding.message, "help": finding.help, "fix": finding.fix}
    fault = PydanticCustomError(finding.code, "{message}", said)
    raise ValidationError.from_exception_data("component", [InitErrorDetails(type=fault, loc=at, input=value)])


def _named(value: Any, registry: Finder) -> Any:
    """The value with the full name of each component in it, defaults of classes included.

    A class knows itself by its bare name; in a spec that is kept, only its full name says for ever what it is.
    """
    if type(value) in (tuple, list):
        return type(value)(_named(item, registry) for item in value)
    if type(value) is dict:
        return {key: _named(item, registry) for key, item in value.items()}
    if not isinstance(value, Declaration):
        return value
    changes = {name: _named(getattr(value, name), registry) for name in type(value).model_fields}
    if isinstance(value, Component):
        changes["type"] = registry.full_name(type(value))
    named = value.model_copy(update=changes)
    named.model_fields_set.intersection_update(value.model_fields_set)  # what was a default stays one
    return named


class Slot:
    """Resolves `{type = "relu", ...}`, or `"relu"` for short, through the registry of the validation context.

    A union of classes would have to be rebuilt for every plugin, and would mix the tag into the error's path;
    resolving by name keeps the path as it stands in the file and the annotations static.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        def filled(value: Any, _next: Any, info: ValidationInfo) -> Any:
            return value if isinstance(value, source) else self.resolve(value, info)

        return core_schema.with_info_wrap_validator_function(filled, core_schema.any_schema())

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        # Not the components themselves: a layer that holds layers would never end.
        return {SLOT_KEY: self.kind}

    def resolve(self, value: Any, info: ValidationInfo) -> Component:
        """The component of a name or of a table. Raises ValidationError with the findings of the registry."""
        registry: Finder | None = (info.context or {}).get("registry")
        if registry is None:
            raise ValueError(f"there is no registry to look the {self.kind} up in: use load_spec()")
        table = {"type": value} if isinstance(value, str) else value
        if not isinstance(table, dict):
            message = f"{self.kind} must be a name or a table with a 'type', not {show(value)}"
            _refuse(value, Finding("SN201", message))
        name = self._name(table, registry)
        at = () if isinstance(value, str) else ("type",)
        try:
            found = registry.find(self.kind, name)
        except SpecnetError as error:
            _refuse(name, error.findings[0], *at)
        bare, full = found.model_fields["type"].default, registry.full_name(found)
        try:
            component = found.model_validate({**table, "type": bare}, context=info.context)
            if not isinstance(component, found):
                raise TypeError(f"a validator has made {show(component)} of it")
            named: Component = component if full == bare else _named(component, registry)  # built-ins hold built-ins
        except (ValidationError, MemoryError):
            raise
        except (Exception, SystemExit) as error:
            if (owner := registry.owner(found)) is None:
                raise
            _refuse(value, failure(f"{self.kind} {full!r} of {owner}", "validation", error))
        return named

    def _name(self, table: dict[str, Any], registry: Finder) -> str:
        """What the `type` of the table says; a misspelt `type` is refused as the unknown key that it is."""
        if isinstance(table.get("type"), str):
            return table["type"]  # type: ignore[no-any-return]
        known = f"known: {', '.join(registry.names(self.kind))}"
        if "type" in table:
            _refuse(
                table["type"], Finding("SN202", f"'type' must be text, not {show(table['type'])}", help=known), "type"
            )
        fields = {field for name in registry.names(self.kind) for field in registry.find(self.kind, name).model_fields}
        misspelt = next((key for key in table if key not in fields and did_you_mean(key, ["type"])), None)
        if misspelt is not None:
            help, fix = "did you mean 'type'?", slip_of(misspelt, ["type"])
            _refuse(table, Finding("SN102", f"unknown key {misspelt!r}", help=help, fix=fix), misspelt)
        _refuse(table, Finding("SN202", f"{self.kind} has no 'type'", help=known))
