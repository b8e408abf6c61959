"""Who approved the policy row that a change was decided by: git history of the policy file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import yaml

from remediator.forge import commits
from remediator.forge.commits import Commit
from remediator.forge.repository import Repository
from remediator.model import Json, sha256

_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Origin:
    """The step of the base's line that brought the row as it was: `commit` is the merge, or the
    commit itself; `author` wrote it, `merged_by` merged it."""

    commit: str
    author: str
    merged_by: str
    time: datetime
    subject: str


class Origins:
    """`path` is the policy's, from the repository's top; `base` the commit that is looked from."""

    def __init__(self, repository: Repository, path: str, base: str) -> None:
        self._repository, self._path = repository, path
        asked = ["rev-list", "--first-parent", "--reverse", "--end-of-options", base, "--", path]
        self._names = repository.run(*asked).decode("ascii").split()
        self._files = [self._file(name) for name in self._names]

    def of(self, row: str, digest: str) -> Origin | None:
        """None where no version of the file has that digest, or that row."""
        at = [n for n, data in enumerate(self._files) if data and sha256(data) == digest]
        if not at:
            return None
        found = at[-1]
        wanted = _row(self._files[found], row)
        if wanted is None:
            return None
        while found and _row(self._files[found - 1], row) == wanted:
            found -= 1
        return self._origin(self._names[found])

    def _file(self, commit: str) -> bytes | None:
        found = self._repository.objects.read(f"{commit}:{self._path}", _LARGEST)
        return found.data if found else None

    def _origin(self, name: str) -> Origin:
        step = self._commit(name)
        side = self._commit(step.parents[1]) if len(step.parents) > 1 else step
        merged = step.committer
        return Origin(name, str(side.author), str(merged), merged.time, side.subject)

    def _commit(self, name: str) -> Commit:
        found = self._repository.objects.read(name)
        assert found is not None
        return commits.parse(found.id, found.data or b"")


def _row(data: bytes | None, row: str) -> Json:
    """What the file says of a row: two versions that differ elsewhere have the same."""
    try:
        document = yaml.safe_load(data) if data else None
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    rows = document.get("rows") if isinstance(document, dict) else None
    for one in rows if isinstance(rows, list) else []:
        if isinstance(one, dict) and one.get("id") == row:
            return dict(one)
    return None
