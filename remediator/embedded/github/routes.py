"""The table of what the stand-in answers: method, template, GitHub's operation, right needed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from remediator.embedded.github.requests import Answer, Call

Handler = Callable[[Call], Answer]
_PARAMETER = re.compile(r"\{(\w+)\}")
# Names with slashes in them; all others end at one.
_LONG = frozenset({"ref", "branch", "path", "basehead", "name"})


@dataclass(frozen=True)
class Route:
    method: str
    template: str
    operation: str
    """GitHub's operationId, `pulls/create`."""
    needs: tuple[str, ...]
    """App permissions, any one of which is enough: `pull_requests:write`."""
    role: str
    """What a person must be in the repository."""
    handler: Handler
    pattern: re.Pattern[str] = field(compare=False)

    @property
    def name(self) -> str:
        return f"{self.method} {self.template}"


@dataclass
class Routes:
    """Filled by decorators, module by module; the first that fits answers."""

    all: list[Route] = field(default_factory=list)

    def on(
        self, method: str, template: str, operation: str, *needs: str, role: str = ""
    ) -> Callable[[Handler], Handler]:
        def add(handler: Handler) -> Handler:
            implied = "write" if any(n.endswith(":write") for n in needs) else "read"
            pattern = re.compile(_expression(template))
            route = Route(method, template, operation, needs, role or implied, handler, pattern)
            self.all.append(route)
            return handler

        return add

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        for route in self.all:
            match = route.pattern.fullmatch(path) if route.method == method else None
            if match:
                return route, match.groupdict(default="")
        return None


def _expression(template: str) -> str:
    pieces, end = [], 0
    for parameter in _PARAMETER.finditer(template):
        pieces.append(re.escape(template[end : parameter.start()]))
        name = parameter[1]
        width = ".*" if name == "path" else ".+" if name in _LONG else "[^/]+"
        pieces.append(f"(?P<{name}>{width})")
        end = parameter.end()
    return "".join([*pieces, re.escape(template[end:])])
