"""The plain git commands by which anybody arrives at what a row of the register says."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from remediator.forge.remote import NOTES
from remediator.model import Record

SHOWN_FILES = 10


@dataclass(frozen=True, slots=True)
class Step:
    """`what` it answers, and the line for a shell. `path` is the file's, of before and after."""

    what: str
    command: str
    path: str = ""


def steps(record: Record, parent: str, files: tuple[str, ...], base: str) -> Iterator[Step]:
    """For a clone that has the base branch; `base` is the commit that the report is of."""
    merge = record.merge or record.commit
    yield Step("actor", _show("%an <%ae>", record.commit))
    yield Step("committed", _show("%cI", record.commit))
    yield Step("merged by", _show("%cn <%ce>", merge))
    yield Step("merged", _show("%cI", merge))
    for path in files[:SHOWN_FILES]:
        yield Step("file before", f"git show {shlex.quote(f'{parent}:{path}')}", path)
        yield Step("file after", f"git show {shlex.quote(f'{record.commit}:{path}')}", path)
    yield Step("what changed", f"git diff {parent} {record.commit}")
    yield Step("access before", _value("Before", record))
    yield Step("access after", _value("After", record))
    yield Step("digests", _digests(record))
    yield Step("it is in the history", f"git merge-base --is-ancestor {merge} {base} && echo yes")
    yield Step("what became of it", f"git notes --ref={NOTES} show {merge}")


def _value(key: str, record: Record) -> str:
    """Below the record of a squash a forge may have added credits, which are the last trailers."""
    if record.merge:
        return _show(f"%(trailers:key={key},valueonly)", record.commit)
    return f"{_show('%B', record.commit)} | sed -n 's/^{key}: //p' | tail -n 1"


def _digests(record: Record) -> str:
    if record.merge:
        return _show("%(trailers:key=Before-SHA256,key=After-SHA256)", record.commit)
    return f"{_show('%B', record.commit)} | grep -E '^(Before|After)-SHA256: '"


def _show(form: str, commit: str) -> str:
    return f"git show -s --format={shlex.quote(form)} {commit}"
