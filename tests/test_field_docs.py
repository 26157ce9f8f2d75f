from __future__ import annotations

from typing import Literal

from pydantic import Field

from specnet.component import Activation, Declaration
from specnet.component.docs import field_docs


class Base(Declaration):
    """A table."""

    first: int = 1
    """The first,
        on two lines.
    """
    second: float = 2.0
    "In plain quotes."
    third: str = Field(default="", description="In the field.")
    """And beneath it."""
    bare: bool = False
    named: str = "x"
    """  """


class Derived(Base):
    """A table with one more."""

    second: float = 3.0
    """Said anew."""
    fourth: Literal["a"] = "a"
    """The fourth."""

    def method(self) -> None:
        """No field."""


def test_the_text_beneath_a_field_is_its_documentation() -> None:
    assert field_docs(Base) == {
        "first": "The first,\non two lines.",
        "second": "In plain quotes.",
        "third": "In the field.",
    }


def test_a_class_inherits_what_is_said_of_its_fields() -> None:
    assert field_docs(Derived) == field_docs(Base) | {"second": "Said anew.", "fourth": "The fourth."}


def test_a_class_without_source_says_nothing() -> None:
    scope: dict[str, type[Activation]] = {}
    exec("from specnet.api import Activation\nclass Typed(Activation):\n    x: int = 1\n    'lost'", scope)  # noqa: S102
    assert field_docs(scope["Typed"]) == {}


def test_a_class_inside_of_a_function_is_found() -> None:
    class Inner(Declaration):
        """A table."""

        x: int = 1
        """Of a function."""

    assert field_docs(Inner) == {"x": "Of a function."}
