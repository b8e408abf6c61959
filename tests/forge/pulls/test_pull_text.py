"""What a person reads in a pull request: short, whole, and inert whatever the input."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import cmarkgfm
import pytest
from changemaker import AROUND, NOW, change, finding
from cmarkgfm.cmark import Options
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from remediator import yamlfile
from remediator.evaluate.exemptions import exemptions_of
from remediator.forge.exempting import exemption_snippet
from remediator.forge.github.texts import closed_text, explanation
from remediator.forge.markdown import code, escaped
from remediator.forge.pull_text import MAX_BODY, Around, pull_body, text_digest
from remediator.model import Change, Check, Disposition, Finding, Instance, Resource
from remediator.texts import visible

TODAY = NOW.date()
HOSTILE = [
    "@octocat and @org/team",
    "#12 GH-12 org/repo#12",
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "[click](javascript:alert(1))",
    "![i](https://evil.example/x.png)",
    "https://evil.example and www.evil.example",
    "a | b | c",
    "a\\|b ![i](https://evil.example/x.png)",
    "a\\\\|b @octocat \\\\\\| #12",
    "`` ` ``` code",
    "</details></table><h1>big",
    "<!-- box:recreate:remediator/x -->",
    "<!-- remediator:pull {} -->",
    "\r\n# heading\n- [x] item\n::error::boo",
    "&lt;b&gt; &#64;octocat",
    "**bold** _it_ ~~gone~~ $x$",
    "mail me@example.com",
    "\u202eright to left\u200b",
    "::set-output name=x::y",
]


def rendered(markdown: str) -> str:
    """With raw HTML passed on: what is dangerous would be seen."""
    return MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(markdown)


def as_github(markdown: str) -> str:
    """By GitHub's own renderer, whose tables and links are others."""
    html: str = cmarkgfm.github_flavored_markdown_to_html(markdown, Options.CMARK_OPT_UNSAFE)
    return html


def hostile_change(text: str) -> Change:
    resource = Resource("AWS::EC2::SecurityGroup", text, text, text, text, text)
    bad = Finding(text, text, text, resource, {}, NOW, NOW)
    made = change(findings=(bad,), file="live/prod/main.tf")
    owner = replace(made.owners[0], address=text, instances=(Instance(text, text, "another one"),))
    checks = (Check.lowers(text, Disposition.REVIEW, text), Check.unknown("exemption", text))
    decision = replace(made.decision, checks=checks, policy_row=text, rationale=text)
    proof = replace(made.proof, before=text, after=text, removed=(text,), checks=checks)
    return replace(
        made,
        owners=(owner,),
        decision=decision,
        proof=proof,
        summary=f"fix(sg): {text}",
        trail=(text,),
    )


def hrefs(html: str) -> set[str]:
    return {*re.findall(r'(?:href|src)="([^"]*)"', html)}


def assert_inert(markdown: str, allowed: set[str], boxes: int = 0) -> None:
    for html in (rendered(markdown), as_github(markdown)):
        ours = re.sub(r'<input type="checkbox"( checked="")? disabled="" />', "", html)
        assert_nothing_acts(ours, allowed)
    assert as_github(markdown).count("<input") == boxes
    assert all(not re.match(r"\s*::", line) for line in markdown.splitlines())


def assert_nothing_acts(html: str, allowed: set[str]) -> None:
    assert hrefs(html) <= allowed
    tags = {t.lower() for t in re.findall(r"<\s*/?\s*([A-Za-z!][A-Za-z0-9]*)", html)}
    assert tags <= {
        *("p", "a", "em", "strong", "code", "pre", "table", "thead", "tbody", "tr", "th", "td"),
        *("h3", "ul", "li", "details", "summary", "sub", "br", "blockquote"),
    }
    outside = re.sub(r"<code.*?</code>", "", html, flags=re.DOTALL)
    outside = re.sub(r'<a href="[^"]*">', "", outside)
    assert not re.search(r"[@#][A-Za-z0-9]|GH-\d|https?:|www\.|::", outside.replace("&#39;", ""))


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_is_foreign_does_anything(text: str) -> None:
    around = Around(AROUND.reference, (text,), text)
    body = pull_body(hostile_change(text), around, TODAY)
    assert_inert(body, {AROUND.reference})
    shown = re.sub(r"<code.*?</code>", "", rendered(body), flags=re.DOTALL)
    assert shown.count("<details>") == shown.count("</details>") == 2
    assert "<!--" not in re.sub(r"`[^`]*`|```.*?```", "", body, flags=re.DOTALL)
    assert_inert(closed_text(text), set())
    assert_inert(explanation(hostile_change(text)), set())


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
def test_prose_and_code_look_like_themselves(text: str) -> None:
    shown = visible(text)
    html = rendered(f"x {escaped(text)} x")
    assert_inert(f"x {escaped(text)} x", set())
    seen = re.sub(r"<[^>]*>", "", html).replace("\u200b", "")
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        seen = seen.replace(entity, char)
    assert "".join(seen.split()) == "".join(f"x{shown}x".split())
    assert rendered(f"x {code(text)} x").count("<code>") == 1


def test_it_is_one_screen() -> None:
    """Without what is folded: some forty lines."""
    body = pull_body(change(), AROUND, TODAY)
    visible = re.sub(r"<details>.*?</details>", "", body, flags=re.DOTALL)
    assert len([line for line in visible.splitlines() if line]) <= 15
    for part in (
        "**Close SSH to the world on bastion.**",
        "| Finding | `open-admin-port/111122223333/us-east-1/sg-0a1b2c3d4e5f00001/tcp:22-22` |",
        f"| Resource | `{finding().resource.arn}` (`bastion-eu`) |",
        "| Traced to | `live/prod:aws_security_group.bastion` at `live/prod/main.tf:12` |",
        "| Decided | **review** by policy row `open-admin-port-bastion`",
        "| `ingress: tcp 22 from 0.0.0.0/0` | gone |",
        "| Proven | 4 of 4: parses, bytes-outside, subset, gone; no plan: nobody asked for it |",
    ):
        assert part in visible
    for part in ("`subset` | pass", "`plan` | skipped", "git revert", "exemptions:"):
        assert part in body


def test_what_goes_beyond_a_screen_is_folded() -> None:
    made = change()
    lines = tuple(f"allow s3:Action{n} on *" for n in range(33))
    body = pull_body(
        replace(made, proof=replace(made.proof, before="", removed=lines)), AROUND, TODAY
    )
    visible = re.sub(r"<details>.*?</details>", "", body, flags=re.DOTALL)
    assert [line in visible for line in lines] == [n < 8 for n in range(33)]
    assert "<summary>25 more rows of it</summary>" in body
    assert "| and 13 more | in the commit |" in body
    assert as_github(body).count("<table>") == 4


def test_what_is_not_proven_and_who_else_changes_is_said_openly() -> None:
    made = change()
    proof = replace(made.proof, checks=(*made.proof.checks, Check.unknown("plan", "no terraform")))
    others = (*made.owners[0].instances, Instance("live/dev", "aws_security_group.b", "sg-1"))
    made = replace(made, proof=proof, owners=(replace(made.owners[0], instances=others),))
    body = pull_body(made, AROUND, TODAY)
    assert (
        "| Proven | 4 of 5: parses, bytes-outside, subset, gone; **not plan**: no terraform; "
        in body
    )
    assert "| Also changes | **1 without the finding**: `live/dev:aws_security_group.b` |" in body


@pytest.mark.parametrize("char", ["x", "@", "`", "|", "\u00fc", "\n", "&", "<"])
def test_it_fits_whatever_is_in_it(char: str) -> None:
    text = char * 5000
    many = tuple(finding(n, name=text) for n in range(400))
    made = hostile_change(text)
    checks = tuple(Check.unknown(text, text) for _ in range(300))
    made = replace(
        made,
        findings=many,
        owners=made.owners * 200,
        trail=(text,) * 200,
        decision=replace(made.decision, checks=checks),
        proof=replace(made.proof, checks=checks, removed=(text,) * 500),
    )
    body = pull_body(made, Around(AROUND.reference, (text,) * 9, text), TODAY)
    assert len(body) < MAX_BODY
    assert 2 <= body.count("<details>") == body.count("</details>") <= 3
    assert len(explanation(made)) < MAX_BODY


def test_what_is_different_in_every_run_is_no_reason_to_write() -> None:
    made = change()
    later = Check.passed("freshness", "observed 5 h 10 min ago")
    checks = (*made.decision.checks[:-1], later)
    again = replace(made, decision=replace(made.decision, checks=checks))
    assert text_digest(made, AROUND) == text_digest(again, AROUND)
    lowered = Check.unknown("freshness", "observed 30 h 10 min ago")
    checks = (*made.decision.checks[:-1], lowered)
    again = replace(made, decision=replace(made.decision, checks=checks))
    assert text_digest(made, AROUND) != text_digest(again, AROUND)


KNOWN = {"open-admin-port": frozenset[str]()}


@pytest.mark.parametrize("name", ["bastion", "a" * 200, "ünï", "-", "9", "*", "a\nb: c", '"', "#"])
@pytest.mark.parametrize("live", [True, False])
def test_the_snippet_is_valid_by_the_linter(name: str, live: bool) -> None:
    found = finding()
    if not live:
        found = replace(found, resource=Resource("AWS::EC2::SecurityGroup", ""))
    until = datetime(2027, 2, 27, tzinfo=UTC).date()
    text = exemption_snippet([found, found], [f"aws_security_group.{name}"], name, until)
    if not live and name in ("ünï", "*", "a\nb: c", '"', "#"):
        assert text == ""
        return
    document = yamlfile.parse("e.yaml", f"version: 1\nexemptions:\n{text}\n".encode())
    entries = exemptions_of([document], KNOWN).entries
    assert len(entries) == 2
    match = dict(entries[0].match)
    assert match["class"] == "open-admin-port"
    assert match["resource" if live else "address"]
