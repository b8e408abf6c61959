"""A check's report for people: on a terminal, and as Markdown for a step summary.

Names and reasons are hostile. In Markdown they stand in code elements, every sign of them that is
no letter or digit as a character reference, so that nothing of it is markup, a link or a mention.
"""

from __future__ import annotations

from collections.abc import Iterator

from remediator.texts import plain
from remediator.verify.claims import Again, Part
from remediator.verify.difference import Answer, Difference
from remediator.verify.report import Report, shown, witness

MOST = 900_000
"""Bytes of a step summary: GitHub takes 1 MiB."""
_ROWS = 500
_MARKS = {
    Answer.WIDER: "wider",
    Answer.UNKNOWN: "unknown",
    Answer.NARROWER: "narrower",
    Answer.SAME: "same",
}
COLOURS = {
    Answer.WIDER: "red",
    Answer.UNKNOWN: "yellow",
    Answer.NARROWER: "green",
    Answer.SAME: "bright_black",
}


def lines(report: Report) -> Iterator[tuple[str, str]]:
    """Each with a colour, "" for none."""
    yield plain(report.compared, 400), ""
    for claim in report.claims:
        word = "WRONG" if claim.is_wrong else "proven" if claim.holds else "in part"
        colour = {"WRONG": "red", "proven": "green"}.get(word, "yellow")
        yield f"{word:<9} {claim.record.commit[:12]} {plain(claim.record.subject, 80)}", colour
        yield from (
            (f"          {p.again:<8} {p.name}: {plain(p.detail, 400)}", "") for p in claim.parts
        )
    for found in report.in_order():
        yield f"{_MARKS[found.answer]:<9} {plain(shown(found.spot), 300)}", COLOURS[found.answer]
        yield f"          {plain(found.reason, 600)}", ""
        if witness(found):
            yield f"          only the code after allows {plain(witness(found), 600)}", ""
        for opened in found.reopened:
            text = f"{opened.finding_class}: {opened.text}: {opened.disposition} ({opened.row})"
            yield f"          {plain(text, 400)}", ""
        if found.line:
            yield f"          {plain(found.file)}:{found.line}", ""
    yield from ((f"note      {plain(note, 600)}", "") for note in report.notes)
    yield report.summary(), ""
    yield from ((f"fails     {plain(text, 600)}", "red") for text in report.failures)


def markdown(report: Report) -> str:
    """One screen: the verdict, what fails, a table; then the records. Below GitHub's limit."""
    verdict = "This change fails the check" if report.failures else "Nothing here fails the check"
    parts = [f"### {verdict}", "", f"{code(report.summary())}  ", code(report.compared), ""]
    parts += [f"- :x: {code(text)}" for text in report.failures[:20]]
    found = report.in_order()
    if found:
        parts += ["", "| answer | where | what it comes to | in |", "|---|---|---|---|"]
        parts += [_row(report, d) for d in found[:_ROWS]]
        if len(found) > _ROWS:
            parts.append(f"\n{len(found) - _ROWS} more are in the JSON.")
    for claim in report.claims:
        word = "is wrong" if claim.is_wrong else "holds" if claim.holds else "holds as far as known"
        parts += ["", f"The record of {code(claim.record.commit[:12])} {word}.", ""]
        parts += [f"- {_mark(p)} {code(f'{p.name}: {p.detail}')}" for p in claim.parts]
    parts += ["", *(f"> {code(note)}  " for note in report.notes)]
    return _cut("\n".join(parts).rstrip() + "\n")


def _row(report: Report, found: Difference) -> str:
    mark = {Answer.WIDER: "⚠️", Answer.UNKNOWN: "❔"}.get(found.answer, "✅")
    mark = "❌" if report.fails(found) else mark
    told = [code(found.reason)]
    told += [f"only after: {code(witness(found))}"] if witness(found) else []
    told += [
        f"{code(r.finding_class)} by policy {code(r.disposition)}: {code(r.text)}"
        for r in found.reopened
    ]
    where = f"{found.file}:{found.line}" if found.line else ""
    cells = [f"{mark} {found.answer}", code(shown(found.spot)), "<br>".join(told)]
    return f"| {' | '.join([*cells, code(where) if where else ''])} |"


def _mark(part: Part) -> str:
    marks = {Again.PASS: ":white_check_mark:", Again.WRONG: ":x:"}
    return marks.get(part.again, ":grey_question:")


def code(text: str) -> str:
    kept = plain(text, 600)
    safe = "".join(c if c.isalnum() or c == " " or ord(c) > 127 else f"&#{ord(c)};" for c in kept)
    return f"<code>{safe}</code>"


def _cut(text: str) -> str:
    """At a line's end, and told."""
    data = text.encode()
    if len(data) <= MOST:
        return text
    kept = data[:MOST].decode(errors="ignore").rpartition("\n")[0]
    return f"{kept}\n\nCut here: the JSON has the rest.\n"
