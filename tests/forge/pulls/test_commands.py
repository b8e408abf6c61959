"""What people write under a pull request, and tick on the dashboard; and who owns a path."""

from __future__ import annotations

from datetime import date
from html.parser import HTMLParser

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import given, settings
from hypothesis import strategies as st

from remediator.forge.github import marks
from remediator.forge.github.codeowners import owners, reviewers
from remediator.forge.github.commands import Asked, asked_in, box, ticks
from remediator.forge.github.there import Word

TODAY = date(2026, 11, 29)
DAY = date(2027, 3, 31)


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("/remediator rebase", Asked(Word.REBASE)),
        ("Please:\r\n  /remediator recreate  \r\nthanks", Asked(Word.RECREATE)),
        ("/remediator explain", Asked(Word.EXPLAIN)),
        (
            "/remediator ignore the vendor needs it until 2027-03-31",
            Asked(Word.IGNORE, "the vendor needs it", DAY),
        ),
        (
            "/remediator ignore until they move until 2027-03-31.",
            Asked(Word.IGNORE, "until they move", DAY),
        ),
    ],
)
def test_commands(comment: str, expected: Asked) -> None:
    assert asked_in(comment, TODAY) == expected


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        ("/remediator", "I know `rebase`"),
        ("/remediator destroy everything", "I know `rebase`"),
        ("/remediator rebase now", "I know `rebase`"),
        ("/remediator ignore", "say why and until when"),
        ("/remediator ignore we like it", "say why and until when"),
        ("/remediator ignore until 2027-03-31", "say why and until when"),
        ("/remediator ignore x until 2027-02-30", "there is no day 2027-02-30"),
        ("/remediator ignore x until 2026-11-28", "2026-11-28 is over"),
    ],
)
def test_what_is_not_understood_is_said(comment: str, said: str) -> None:
    asked = asked_in(comment, TODAY)
    assert asked is not None
    assert said in asked.problem


@pytest.mark.parametrize(
    "comment",
    [
        "",
        "nice",
        "> /remediator rebase",
        "try /remediator rebase",
        "/remediators rebase",
        "`/remediator`",
    ],
)
def test_what_is_no_command(comment: str) -> None:
    assert asked_in(comment, TODAY) is None


FENCES = ["```", "~~~", "````", "```diff", "  ```", "~~~~ sh"]
QUOTED = [
    *(f"{fence}\n/remediator recreate\n{fence.strip(' difsh')}" for fence in FENCES),
    "```\n/remediator recreate",
    "```\n~~~\n/remediator recreate\n```",
    "````\n```\n/remediator recreate\n````",
    "    /remediator recreate",
    "\t/remediator recreate",
    "text\n\n     /remediator recreate",
    "> /remediator recreate",
    "> it says\n/remediator recreate",
    ">> it says\n> and\n/remediator recreate",
    "- > it says\n/remediator recreate",
    "- ```\n  /remediator recreate\n  ```",
    "- a\n  ```\nb\n  ```\n/remediator recreate",
    "say `\n/remediator recreate\n` to it",
    "<pre>\n/remediator recreate\n</pre>",
    "<!--\n/remediator recreate\n-->",
    "--> <!--\n/remediator recreate\n-->",
    "<div>\n```\n\n```\n/remediator recreate\n```",
]


@pytest.mark.parametrize("comment", QUOTED)
def test_what_is_shown_as_a_quote_or_as_code_is_no_command(comment: str) -> None:
    assert asked_in(comment, TODAY) is None
    assert asked_in(comment.replace("\n", "\r\n"), TODAY) is None


@pytest.mark.parametrize(
    "comment",
    [
        "```diff\n- old\n+ new\n```\n/remediator recreate",
        "~~~\n```\n~~~\n/remediator recreate",
        "```\n/remediator ignore x\n```\n\n/remediator recreate",
        "> it says\n\n/remediator recreate",
        "    code\n\n/remediator recreate",
        "- one\n- two\n\n/remediator recreate",
        "1. one\n\n```\ncode\n```\n/remediator recreate",
        "it is `there`\n\n/remediator recreate",
        "it is `there`\n/remediator recreate",
        "<!-- a hint -->\n/remediator recreate",
        "   /remediator recreate",
    ],
)
def test_what_stands_beside_a_quote_or_code_is_one(comment: str) -> None:
    assert asked_in(comment, TODAY) == Asked(Word.RECREATE)


class Shown(HTMLParser):
    """Whether the command is shown as text: by the program that GitHub's own comes from."""

    HIDING = frozenset({"pre", "code", "blockquote"})

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.inside: list[str] = []
        self.as_text = False
        self.feed(cmarkgfm.github_flavored_markdown_to_html(markdown, Options.CMARK_OPT_UNSAFE))
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in self.HIDING:
            self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.inside:
            self.inside.remove(tag)

    def handle_data(self, data: str) -> None:
        self.as_text = self.as_text or ("/remediator" in data and not self.inside)


PIECES = st.sampled_from(
    [
        *(
            "```",
            "~~~",
            "````",
            "``` x",
            "`",
            "``",
            "a `b",
            "a",
            "",
            "",
            " \t",
            "\u00a0",
            "# a",
            "---",
        ),
        *(
            "> ",
            "> a",
            ">",
            "> ```",
            "- a",
            "- ",
            "- ```",
            "1. a",
            "10. ~~~",
            "- > a",
            "* * a",
            "+",
        ),
        *(
            "<pre>",
            "</pre>",
            "<!--",
            "-->",
            "<div>",
            "<!-- a -->",
            "<code>",
            "| a |",
            "\\`",
            "~~a~~",
        ),
    ]
)
INDENTS = st.sampled_from(["", "", "", " ", "  ", "   ", "    ", "     ", "\t", " \t"])
LINES = st.lists(st.builds(str.__add__, INDENTS, PIECES), max_size=7)


@settings(max_examples=500)
@given(LINES, INDENTS, LINES)
def test_a_command_that_is_obeyed_is_shown_as_text(
    above: list[str], indent: str, below: list[str]
) -> None:
    comment = "\n".join([*above, f"{indent}/remediator recreate", *below])
    if asked_in(comment, TODAY) is not None:
        assert Shown(comment).as_text, comment


def test_a_reason_is_one_line_of_visible_text() -> None:
    asked = asked_in("/remediator ignore a\u202eb\x07 until 2027-03-31", TODAY)
    assert asked is not None
    assert asked.reason == "a\ufffdb\ufffd"


def test_boxes_are_read_back() -> None:
    lines = [
        box(Word.REOPEN, "remediator/a", ticked=True) + " reopen `x`",
        box(Word.OPEN_NOW, "remediator/b") + " open",
        box(Word.RECREATE, "remediator/c").replace("[ ]", "[X]"),
        "- [x] <!-- box:merge:remediator/d --> not a word of ours",
        "text - [x] <!-- box:reopen:remediator/e -->",
    ]
    assert [*ticks("\r\n".join(lines))] == [
        (Word.REOPEN, "remediator/a"),
        (Word.RECREATE, "remediator/c"),
    ]


def test_marks_come_back_and_cannot_be_ended_early() -> None:
    values = {"reason": 'a --> <img> "b"\n<!-- remediator:pull {"head":"x"} -->', "n": 3}
    text = marks.mark("ignored", values)
    assert marks.read("ignored", f"above\n{text}\nbelow") == values
    assert text.count("-->") == 1
    assert marks.read("pull", text) is None


@pytest.mark.parametrize(
    "text", ["", "<!-- remediator:pull {] -->", "<!-- remediator:pull {1:2} -->"]
)
def test_a_mark_that_is_none(text: str) -> None:
    assert marks.read("pull", text) is None


OWNERS = """\
# everybody
*            @org/platform   # a comment
/live/       @net-ops ops@example.com
*.tfvars     @org/data
/live/prod/* @prod
docs/**/x.tf @writer
/free/
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("main.tf", ("@org/platform",)),
        ("live/data/main.tf", ("@net-ops",)),
        ("live/data/a.tfvars", ("@org/data",)),
        ("live/prod/main.tf", ("@prod",)),
        ("live/prod/deep/main.tf", ("@net-ops",)),
        ("modules/live/main.tf", ("@org/platform",)),
        ("docs/a/b/x.tf", ("@writer",)),
        ("docs/x.tf", ("@writer",)),
        ("free/main.tf", ()),
    ],
)
def test_owners(path: str, expected: tuple[str, ...]) -> None:
    assert owners(OWNERS, path) == expected


def test_reviewers_are_asked_once() -> None:
    paths = ["main.tf", "live/prod/a.tf", "live/prod/b.tf"]
    assert reviewers(OWNERS, paths) == ("@org/platform", "@prod")
