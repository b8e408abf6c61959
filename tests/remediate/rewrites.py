"""The table "What it can rewrite" of README.md, from the shapes that the tests go through.

.venv/bin/python tests/remediate/rewrites.py    writes it anew
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import test_not_to_close
import test_open_admin_port
import test_traced_approved
import test_traced_dynamic
import test_traced_files
import test_traced_for_each
import test_traced_modules
import test_traced_others
import test_traced_templates
import test_traced_variables
import test_wider_ports
from shapes import Refused, Shape, Untouched, edits_a_default
from tables import REVIEW

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- rewrites:begin -->\n", "<!-- rewrites:end -->"
HEAD = ("how the value reaches the rule", "what is changed", "by itself or for review", "refused")


def _refused(*codes: str) -> tuple[Refused, ...]:
    """Of the literal forms, by the codes of their own table."""
    cases = test_not_to_close.REFUSED.items()
    return tuple(Refused(name, text, code) for name, (text, code) in cases if code in codes)


def _untouched(*words: str) -> tuple[Untouched, ...]:
    cases = test_not_to_close.UNTOUCHED.items()
    return tuple(Untouched(name, text) for name, text in cases if any(w in text for w in words))


def _literals() -> Iterator[Shape]:
    of = test_open_admin_port
    yield Shape(
        "literals in an `ingress { }` block",
        "the block goes, the last one becomes `ingress = []`; of several CIDRs one leaves its list",
        "another source or rule of the group is not known, or the world is written in pieces",
        (*of.WHOLE_BLOCKS, *of.LISTS, *of.PIECES),
        _refused("ignored-changes", "address-twice"),
        _untouched("ingress {"),
    )
    yield Shape(
        "literals in `ingress = [{ }]`",
        "the element goes, or the CIDR leaves its list",
        "another element is not known",
        of.ATTRIBUTES,
        _refused("ignored-changes"),
        _untouched("ingress = ["),
    )
    yield Shape(
        "literals in an `aws_security_group_rule` or `aws_vpc_security_group_ingress_rule`",
        "the resource goes; of several CIDRs one leaves its list",
        "the provider replaces the rule, or its group is not known",
        of.RULES,
        _refused("ignored-changes", "prevent-destroy", "several-sources"),
        _untouched("_rule"),
    )
    yield Shape(
        "literal ports, of which SSH or RDP is a part",
        "22 and 3389 are cut out, the other ports stay open",
        "always",
        test_wider_ports.REWRITTEN,
        _refused("ignored-changes"),
        _untouched("low", "from_port"),
    )


SHAPES: tuple[Shape, ...] = (
    *_literals(),
    *test_traced_variables.SHAPES,
    *test_traced_files.SHAPES,
    *test_traced_templates.SHAPES,
    *test_traced_for_each.SHAPES,
    *test_traced_dynamic.SHAPES,
    *test_traced_modules.SHAPES,
    *test_traced_approved.SHAPES,
    *test_traced_others.SHAPES,
)


def table(shapes: Iterable[Shape]) -> str:
    rows = [HEAD, tuple("---" for _ in HEAD), *map(_row, shapes)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in rows)


def _row(shape: Shape) -> tuple[str, str, str, str]:
    codes = sorted({case.code for case in shape.refused})
    return shape.title, shape.done, _disposition(shape), ", ".join(f"`{c}`" for c in codes)


def _disposition(shape: Shape) -> str:
    """A default of a root's variable is always for review, which the page says once for all."""
    if all(case.disposition is REVIEW or edits_a_default(case) for case in shape.rewritten):
        return "review"
    if any(case.disposition is REVIEW for case in shape.rewritten):
        return f"auto; review where {shape.review}"
    return "auto"


def filled(page: str) -> str:
    """The page with the table between its two marks."""
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError("the page has no place for the table")
    return f"{head}{begin}{table(SHAPES)}{end}{tail}"


if __name__ == "__main__":
    README.write_text(filled(README.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"wrote {len(SHAPES)} rows\n")
