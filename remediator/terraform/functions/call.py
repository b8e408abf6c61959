"""One call of a Terraform function, as the functions see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from remediator.terraform.expression import Expression
from remediator.terraform.value import Unknown, Value


class Surroundings(Protocol):
    """What a function may ask besides its arguments. Paths are as the code gives them."""

    def read(self, path: str) -> bytes | Unknown:
        """A file of the repository; Unknown, with the reason, for one outside or not there."""
        ...

    def exists(self, path: str) -> bool | Unknown: ...

    def render(self, path: str, variables: Value) -> Value:
        """A file as a template, with these variables."""
        ...

    def json_file(self, path: str) -> Value | None:
        """The document of a JSON file, each value with its source; None where it is not JSON."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: tuple[Value, ...]
    expression: Expression
    around: Surroundings
