"""What an edit must keep, asked of the two texts alone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from benchmarks.fidelity.places import Part
from remediator.model import Edit
from remediator.terraform.grammar import COMMENT, parse_tree

_WHOLE = frozenset(("legacy_index", "string_lit", "quoted_template", "heredoc_template"))
"""Their leaves do not cover every byte."""


@dataclass(frozen=True, slots=True)
class Token:
    text: bytes
    start: int
    end: int
    edited: bool = False


def outside_is_identical(before: bytes, after: bytes, edits: Sequence[Edit]) -> bool:
    """Counted from the front, and what is left at the end."""
    was = now = 0
    for edit in edits:
        kept = before[was : edit.start]
        if edit.start < was or after[now : now + len(kept)] != kept:
            return False
        now += len(kept)
        if after[now : now + len(edit.text)] != edit.text:
            return False
        was, now = edit.end, now + len(edit.text)
    return before[was:] == after[now:]


# Tokens ------------------------------------------------------------------------------------


def tokens(data: bytes) -> list[Token]:
    """In order, without comments."""
    return [Token(data[n.start_byte : n.end_byte], n.start_byte, n.end_byte) for n in _leaves(data)]


def _leaves(data: bytes) -> Iterator[Node]:
    stack = list(reversed(parse_tree(data).root_node.children))
    while stack:
        node = stack.pop()
        if node.kind_id == COMMENT:
            continue
        if node.child_count == 0 or node.type in _WHOLE:
            if node.end_byte > node.start_byte:
                yield node
        else:
            stack.extend(reversed(node.children))


def says_what_was_meant(before: bytes, after: bytes, parts: Sequence[Part]) -> bool:
    """Whether exactly the tokens of the parts have gone or come, with a comma at the most."""
    was, now = tokens(before), [t.text for t in tokens(after)]
    if len(parts) == 1 and parts[0].is_insertion:
        return _inserted([t.text for t in was], now, _new_tokens(parts[0].text))
    return any(_same(_replaced(was, parts, c), now) for c in ("after", "before", "none"))


def _inserted(was: list[bytes], now: list[bytes], new: list[bytes]) -> bool:
    same = next((i for i, (a, b) in enumerate(zip(was, now, strict=False)) if a != b), len(was))
    return any(
        was[:at] == now[:at] and now[at : at + len(new)] == new and was[at:] == now[at + len(new) :]
        for at in range(max(0, same - len(new)), same + 1)
    )


def _same(wanted: Sequence[Token], now: Sequence[bytes]) -> bool:
    """White space in a template counts, but not in one that the edit was in."""
    return len(wanted) == len(now) and all(
        w.text == text or (w.edited and w.text == b"".join(text.split()))
        for w, text in zip(wanted, now, strict=True)
    )


def _replaced(was: Sequence[Token], parts: Sequence[Part], comma: str) -> list[Token]:
    found = list(was)
    for part in reversed(parts):
        first = next(i for i, t in enumerate(found) if t.end > part.start)
        if found[first].start < part.start:
            found[first] = _edited(found[first], part, comma)
            continue
        last = next((i for i, t in enumerate(found) if t.start >= part.end), len(found))
        if not part.text:
            first, last = _with_comma(found, first, last, comma)
        new = [Token(text, part.start, part.end) for text in _new_tokens(part.text)]
        found[first:last] = new
    return found


def _edited(template: Token, part: Part, comma: str) -> Token:
    """A template with something inside it replaced."""
    head = template.text[: part.start - template.start]
    tail = template.text[part.end - template.start :]
    if not part.text and comma == "after":
        tail = tail.lstrip().removeprefix(b",")
    if not part.text and comma == "before":
        head = head.rstrip().removesuffix(b",")
    text = b"".join((head + part.text.encode() + tail).split())
    return Token(text, template.start, template.end, edited=True)


def _with_comma(found: Sequence[Token], first: int, last: int, comma: str) -> tuple[int, int]:
    """The comma behind what goes; of the last item without one, the comma before it."""
    follows = found[last].text if last < len(found) else b""
    if follows == b"," and comma != "none":
        return first, last + 1
    if first and found[first - 1].text == b"," and comma == "before":
        return first - 1, last
    return first, last


def _new_tokens(text: str) -> list[bytes]:
    """Of an expression, an argument or a block."""
    for lead in ("", "x = "):
        data = f"{lead}{text}".encode()
        if text and not parse_tree(data).root_node.has_error:
            return [t.text for t in tokens(data)][len(lead.split()) :]
    return []


# Lines -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lines:
    """`beyond`: lines that changed though nothing made them. `moved`: lines, as they are now,
    that differ in white space alone: only `terraform fmt` can be the reason. `comments`: lines of
    nothing but comment that went along."""

    beyond: int
    moved: tuple[bytes, ...]
    comments: int


def lines_changed(before: bytes, after: bytes, parts: Sequence[Part]) -> Lines:
    """Their order is not looked at: the tokens have theirs."""
    was, now = _lines(before), _lines(after)
    gone, came = Counter(was) - Counter(now), Counter(now) - Counter(was)
    own = [_bare(was[row]) for row in sorted(_rows(before, parts)) if row < len(was)]
    allowance = Counter(own)
    of_comment = Counter(_bare(was[row]) for row in _comment_rows(before))
    back = Counter(_bare(text) for text in came.elements())
    beyond = comments = 0
    for text in gone.elements():
        bare = _bare(text)
        for allowed in (back, allowance, of_comment):
            if allowed[bare]:
                allowed[bare] -= 1
                comments += allowed is of_comment
                break
        else:
            beyond += bool(bare)
    beyond += _too_many(back, b"".join(own), parts)
    return Lines(beyond, _moved(gone, came), comments)


def _lines(data: bytes) -> list[bytes]:
    return data.removesuffix(b"\n").split(b"\n") if data else []


def _too_many(came: Counter[bytes], own: bytes, parts: Sequence[Part]) -> int:
    """Of the new lines those that are not made of the new text and of what is left of the lines
    that the edit is in, and those that are more than these can be."""
    blank = came.pop(b"", 0)
    lines = list(came.elements())
    made_of = own + b"".join(_bare(p.text.encode()) for p in parts) + own
    odd = sum(not _is_within(line, made_of) for line in lines)
    wanted = sum(len(p.text.splitlines()) + p.seams for p in parts)
    wanted_blank = sum(p.text.count("\n\n") + 2 * p.is_insertion for p in parts)
    return odd + max(0, len(lines) - odd - wanted) + max(0, blank - wanted_blank)


def _is_within(line: bytes, whole: bytes) -> bool:
    """Whether its bytes come in that order in the other, with others between."""
    rest = iter(whole)
    return all(byte in rest for byte in line)


def _moved(gone: Counter[bytes], came: Counter[bytes]) -> tuple[bytes, ...]:
    without_comma = {_without_commas(text) for text in gone}
    bare = {_bare(text) for text in gone} - {b""}
    return tuple(t for t in came if _bare(t) in bare and _without_commas(t) not in without_comma)


def _bare(text: bytes) -> bytes:
    return b"".join(text.split()).replace(b",", b"")


def _without_commas(text: bytes) -> bytes:
    return text.replace(b",", b"").rstrip()


def as_fmt_has_it(line: bytes, lines: Iterable[bytes]) -> bool:
    """Its alignment, up to the `=`, and not its indentation where the file never had any: fmt also
    rewrites values, of other lines than those of an edit."""
    lead, equals, _ = line.lstrip().partition(b"=")
    bare = (other.lstrip() for other in lines)
    return any(o == line.lstrip() or (equals and o.startswith(lead + equals)) for o in bare)


def _rows(data: bytes, parts: Sequence[Part]) -> set[int]:
    """The rows of what goes, and of the token before it, which may lose its comma or be followed
    by a bracket."""
    rows: set[int] = set()
    all_tokens = tokens(data)
    for part in (p for p in parts if not p.is_insertion or p.seams):
        before = max((t.end for t in all_tokens if t.end <= part.start), default=part.start)
        first, last = data.count(b"\n", 0, part.start), data.count(b"\n", 0, part.end)
        rows.update((data.count(b"\n", 0, before), *range(first, last + 1)))
    return rows


def _comment_rows(data: bytes) -> set[int]:
    """The rows that hold nothing but comment."""
    rows: set[int] = set()
    lines = data.split(b"\n")
    stack = [parse_tree(data).root_node]
    while stack:
        node = stack.pop()
        if node.kind_id != COMMENT:
            stack += node.children
            continue
        first, last = node.start_point, node.end_point
        rows.update(range(first.row + 1, last.row))
        if not lines[first.row][: first.column].strip():
            rows.add(first.row)
        if last.row != first.row and not lines[last.row][last.column :].strip():
            rows.add(last.row)
    return rows


# JSON --------------------------------------------------------------------------------------


def json_differs_at(before: bytes, after: bytes) -> frozenset[str] | None:
    """The top-level keys whose values differ; None where one of the texts is no JSON object."""
    try:
        was, now = json.loads(before), json.loads(after)
    except (ValueError, RecursionError):
        return None
    if not isinstance(was, dict) or not isinstance(now, dict):
        return None
    return frozenset(k for k in {*was, *now} if was.get(k) != now.get(k))
