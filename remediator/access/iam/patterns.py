"""Globs as IAM writes them: `*` is any text, `?` is one character, `${key}` a policy variable.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html

A pattern is a row of tokens. A token of one character is that character; the longer ones are
ANY, STAR and variables, each by its name in small letters, as key names have no case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

ANY, STAR = "?any", "*star"
_SPECIAL = {"*": STAR, "?": ANY}
_ESCAPES = {"${*}": "*", "${?}": "?", "${$}": "$"}
_VARIABLE = re.compile(r"\$\{([^\s{}'$*?,]+)(?:, *('[^']*'))?\}")
_DIFFICULT = re.compile(r"\$|[*?]{2}")
_WILD = re.compile(r"[*?]")
Tokens = tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """`text` is its normal form, in the syntax of 2012-10-17, and `shown` how it was written.
    `literal` has no wildcard and no variable. All that it matches starts with `prefix` and ends
    with `suffix`.
    """

    text: str
    tokens: Tokens = field(repr=False)
    literal: bool = field(repr=False)
    prefix: str = field(repr=False)
    suffix: str = field(repr=False)
    variables: tuple[str, ...] = field(repr=False, default=())
    shown: str = field(repr=False, default="")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    @staticmethod
    def of(tokens: Iterable[str]) -> Pattern:
        row = tuple(_normal(tokens))
        literal = all(len(t) == 1 for t in row)
        prefix = "".join(row) if literal else _characters(row)
        suffix = prefix if literal else _characters(row[::-1])[::-1]
        names = tuple(dict.fromkeys(t for t in row if t[0] == "$" and len(t) > 1))
        text = "".join(_written(row))
        return Pattern(text, row, literal, prefix, suffix, names, text)

    @property
    def plain(self) -> str:
        """What a literal pattern matches."""
        return self.prefix


@lru_cache(1 << 16)
def pattern(text: str, *, variables: bool, wildcards: bool = True, fold: bool = False) -> Pattern:
    """Reads a pattern. Raises ValueError with a sentence for a variable that is none.

    Without `variables` (in Action, and before 2012-10-17) `${` is text; without `wildcards` (in
    StringEquals) `*` and `?` are; `fold` is for what has no case.
    """
    read = text.lower() if fold else text
    if not _DIFFICULT.search(read) and (wildcards or not _WILD.search(read)):
        return _simple(read, text)
    return replace(Pattern.of(_read(read, variables, wildcards)), shown=text)


def _simple(text: str, shown: str) -> Pattern:
    """Without variables, escapes and runs of wildcards: already in normal form."""
    parts = _WILD.split(text)
    if len(parts) == 1:
        return Pattern(text, tuple(text), True, text, text, (), shown)
    tokens = tuple(_SPECIAL.get(c, c) for c in text)
    return Pattern(text, tokens, False, parts[0], parts[-1], (), shown)


def _read(text: str, variables: bool, wildcards: bool) -> Iterator[str]:
    at = 0
    while at < len(text):
        if variables and text.startswith("${", at):
            end = text.find("}", at) + 1
            yield _variable(text[at:end] if end else text[at:])
            at = end
            continue
        yield _SPECIAL.get(text[at], text[at]) if wildcards else text[at]
        at += 1


def _variable(text: str) -> str:
    if text in _ESCAPES:
        return _ESCAPES[text]
    if not text.endswith("}"):
        raise ValueError(f"the variable {text!r} has no closing brace")
    if text == "${}":
        raise ValueError("the variable ${} is empty")
    found = _VARIABLE.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no variable: write ${{key}} or ${{key, 'default'}}")
    default = f", {found[2]}" if found[2] else ""
    return f"${{{found[1].lower()}{default}}}"


def _normal(tokens: Iterable[str]) -> Iterator[str]:
    """In a run of wildcards each `?` first, then at most one `*`."""
    star = False
    for token in tokens:
        if token is STAR:
            star = True
            continue
        if star and token is not ANY:
            yield STAR
            star = False
        yield token
    if star:
        yield STAR


def _written(row: Sequence[str]) -> Iterator[str]:
    for piece, following in zip(row, (*row, "")[1:], strict=True):
        if piece is STAR or piece is ANY:
            yield piece[0]
        elif piece in ("*", "?") or (piece == "$" and following[:1] == "{"):
            yield f"${{{piece}}}"
        else:
            yield piece


def _characters(row: Sequence[str]) -> str:
    """The characters that it starts with."""
    end = next((n for n, token in enumerate(row) if len(token) > 1), len(row))
    return "".join(row[:end])


EVERYTHING = Pattern.of([STAR])


def widened(one: Pattern) -> Pattern:
    """With a `*` for each variable: whatever they stand for, it matches no less."""
    if not one.variables:
        return one
    return Pattern.of(STAR if token[:2] == "${" else token for token in one.tokens)


def settled(one: Pattern, values: Mapping[str, str]) -> Pattern | None:
    """With these values for the variables, by key; None where one has none. No wildcard in a
    value is one: what a request says is text."""
    if not one.variables:
        return one
    made: list[str] = []
    for token in one.tokens:
        value = value_of(token, values) if token[:2] == "${" else token
        if value is None:
            return None
        made += value if token[:2] == "${" else (token,)
    return Pattern.of(made)


def value_of(variable: str, values: Mapping[str, str]) -> str | None:
    key, _, default = variable[2:-1].partition(", ")
    return values.get(key, default[1:-1] if default else None)


_ALWAYS = ("aws:currenttime", "aws:epochtime", "aws:securetransport")


def may_lack(variable: str) -> bool:
    """Whether a request may have no value for it: there is no default, and not all have the key."""
    return "," not in variable and key_of(variable) not in _ALWAYS


def key_of(variable: str) -> str:
    return variable[2:-1].partition(", ")[0]


def sections(arn: Pattern) -> list[Pattern]:
    """The parts between the first five colons, and the rest."""
    rows: list[list[str]] = [[]]
    for piece in arn.tokens:
        if piece == ":" and len(rows) < 6:
            rows.append([])
        else:
            rows[-1].append(piece)
    return [Pattern.of(row) for row in rows]


def matches(one: Pattern, text: Sequence[str]) -> bool:
    """Whether a text matches: characters, and variables as they stand, which only they match.

    The last `*` takes one character more where it fails after it: linear for most, and at most
    the product of both lengths, whatever is in them.
    """
    row, at, here, star, resume = one.tokens, 0, 0, -1, 0
    while here < len(text):
        if at < len(row) and row[at] is STAR:
            star, resume, at = at, here, at + 1
        elif at < len(row) and (row[at] == text[here] or (row[at] is ANY and len(text[here]) == 1)):
            at, here = at + 1, here + 1
        elif star >= 0:
            resume += 1
            at, here = star + 1, resume
        else:
            return False
    return all(token is STAR for token in row[at:])


def apart(a: Pattern, b: Pattern) -> bool:
    """Whether their ends alone show that they have nothing in common. False proves nothing."""
    if a.literal and b.literal:
        return a.text != b.text
    start = min(len(a.prefix), len(b.prefix))
    if a.prefix[:start] != b.prefix[:start]:
        return True
    end = min(len(a.suffix), len(b.suffix))
    return end > 0 and a.suffix[-end:] != b.suffix[-end:]
