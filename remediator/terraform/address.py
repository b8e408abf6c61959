"""Terraform resource addresses, both ways.

https://developer.hashicorp.com/terraform/cli/state/resource-addressing
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

Key = str | int | None

_STEP = re.compile(
    r"""(?P<name>[^\W\d][\w-]*)(?:\[(?:(?P<number>\d+)|(?P<text>"(?:[^"\\]|\\.)*"))\])?(?:\.|$)"""
)


@dataclass(frozen=True, slots=True)
class ModuleStep:
    name: str
    key: Key = None

    def __str__(self) -> str:
        return f"module.{self.name}{address_key(self.key)}"


@dataclass(frozen=True, slots=True)
class Address:
    """`module.a["x"].aws_security_group.web[0]`; `mode` is "managed" or "data"."""

    modules: tuple[ModuleStep, ...]
    mode: str
    type: str
    name: str
    key: Key = None

    @property
    def module_names(self) -> tuple[str, ...]:
        return tuple(step.name for step in self.modules)

    @property
    def block(self) -> str:
        """Where its block is inside its module: no module path, no instance key."""
        prefix = "data." if self.mode == "data" else ""
        return f"{prefix}{self.type}.{self.name}"

    def __str__(self) -> str:
        return ".".join(
            [*(str(step) for step in self.modules), f"{self.block}{address_key(self.key)}"]
        )

    @staticmethod
    def parse(text: str) -> Address:
        """Raises ValueError with a sentence for what is no resource address."""
        steps, at = [], 0
        while at < len(text):
            match = _STEP.match(text, at)
            if match is None:
                raise ValueError(f"{text!r} is no resource address")
            steps.append((match["name"], _read_key(match["number"], match["text"])))
            at = match.end()
        return _assemble(text, steps)


def _assemble(text: str, steps: list[tuple[str, Key]]) -> Address:
    modules = []
    rest = list(steps)
    while len(rest) > 2 and rest[0] == ("module", None):
        modules.append(ModuleStep(*rest[1]))
        rest = rest[2:]
    mode = "managed"
    if len(rest) == 3 and rest[0] == ("data", None):
        mode, rest = "data", rest[1:]
    if text.endswith(".") or len(rest) != 2 or rest[0][1] is not None:
        raise ValueError(f"{text!r} is no resource address")
    return Address(tuple(modules), mode, rest[0][0], *rest[1])


def module_steps(path: str) -> tuple[ModuleStep, ...]:
    """`module.a["x"].module.b`, as a raw state writes where a resource is; "" is the root."""
    return Address.parse(f"{path}.x.y").modules if path else ()


def _read_key(number: str | None, text: str | None) -> Key:
    if number is not None:
        return int(number)
    if text is None:
        return None
    # Terraform quotes as HCL does; what JSON knows too is read as JSON.
    try:
        return str(json.loads(text.replace("$${", "${").replace("%%{", "%{")))
    except json.JSONDecodeError:
        raise ValueError(f"{text} is no instance key") from None


UNCOUNTED = "[?]"
"""Behind an address: nobody knows which instances there are. A key of that text is in quotes."""


_QUOTED_OR_UNCOUNTED = re.compile(r'("(?:[^"\\]|\\.)*")|\[\?\]')


def module_names(address: str) -> tuple[str, ...]:
    """The modules that an address goes through; none where it is no address."""
    try:
        return Address.parse(countless(address)).module_names
    except ValueError:
        return ()


def countless(address: str) -> str:
    """Without that: all instances are meant."""
    return _QUOTED_OR_UNCOUNTED.sub(lambda match: match[1] or "", address)


def address_key(key: Key) -> str:
    """`[0]`, `["x"]`, or nothing."""
    if key is None:
        return ""
    if isinstance(key, int):
        return f"[{key}]"
    text = json.dumps(key, ensure_ascii=False)
    return f"[{text.replace('${', '$${').replace('%{', '%%{')}]"
