"""What a person reads in a pull request: one screen, whatever the input."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

from remediator.forge.access_table import access_table
from remediator.forge.exempting import exemption_snippet
from remediator.forge.markdown import Markdown, block, code, escaped
from remediator.forge.message import addresses, subject, templates
from remediator.model import Change, Check, Disposition, Finding, Verdict, place, sha256

if TYPE_CHECKING:
    from jinja2 import Environment, Template

MAX_BODY = 65_536
"""GitHub refuses a longer one."""
_ROOM = MAX_BODY - 1_536
"""The rest is for what is added around it: marks, and a notice."""
_EXEMPT_DAYS = 90
_OPEN_ROWS = 8
"""Of the access before and after, what is not folded."""


@dataclass(frozen=True, slots=True)
class _Size:
    rows: int
    text: int


# From the usual one down to one that fits whatever the values are.
_SIZES = (_Size(20, 300), _Size(8, 160), _Size(4, 60), _Size(2, 24))


@dataclass(frozen=True, slots=True)
class Around:
    """What a pull request says besides its change: `advice` names settings of the repository,
    `came_back` an earlier fix of the same finding."""

    reference: str
    advice: tuple[str, ...] = ()
    came_back: str = ""


def pull_title(change: Change) -> str:
    return subject(change)


def pull_body(change: Change, around: Around, today: date) -> str:
    for size in _SIZES:
        body = _body(change, around, today, size)
        if len(body) <= _ROOM:
            return body
    raise AssertionError("the smallest size fits whatever the values are")


def text_digest(change: Change, around: Around) -> str:
    """What the body depends on, besides what is different in every run, such as an age."""
    decision, proof = change.decision, change.proof
    stable = [
        subject(change),
        decision.disposition.word,
        decision.policy_row,
        decision.policy_digest,
        [[c.name, c.verdict.value] for c in (*decision.checks, *proof.checks)],
        [proof.before, proof.after, *proof.removed, *proof.left],
        [f.id for f in change.findings],
        [[o.address, o.block.file, o.block.line] for o in change.owners],
        [*addresses(change), *change.trail],
        [[p, sha256(change.after[p])] for p in change.patch.files],
        [around.reference, *around.advice, around.came_back],
    ]
    return sha256(json.dumps(stable).encode("utf-8", "surrogatepass"))[:16]


def _body(change: Change, around: Around, today: date, size: _Size) -> str:
    lead, decision, proof = change.findings[0], change.decision, change.proof
    checks = [*decision.checks, *proof.checks]
    affected = _affected(change)
    owners = [
        {"address": place(o.root, o.address), "place": f"{o.block.file}:{o.block.line}"}
        for o in change.owners
    ]
    made = [f.created_at for f in change.findings if f.created_at]
    resource = lead.resource
    return _template(size).render(
        change=change,
        lead=lead,
        did=_did(change),
        source=lead.source,
        since=f"{min(made):%Y-%m-%d}" if made else "",
        reference=Markdown(around.reference),
        ids=[f.id for f in change.findings[: min(5, size.rows)]],
        resources=[_resource(f) for f in change.findings[: min(5, size.rows)]],
        more_resources=_more(change.findings, min(5, size.rows)),
        place="" if resource.arn else "/".join(filter(None, (resource.account, resource.region))),
        owners=owners[: min(5, size.rows)],
        more_owners=_more(owners, min(5, size.rows)),
        trail=change.trail[: min(3, size.rows)],
        word=decision.disposition.word,
        proven=[c.name for c in proof.checks if c.verdict is Verdict.PASS],
        asked=sum(c.verdict is not Verdict.SKIPPED for c in proof.checks),
        unproven=_lowering(proof.checks)[: size.rows],
        skipped=[c for c in proof.checks if c.verdict is Verdict.SKIPPED][: size.rows],
        reasons=[c for c in _lowering(decision.checks) if not _told(c)][: size.rows],
        affected=affected[: min(6, size.rows)],
        more_affected=max(0, len(affected) - min(6, size.rows)),
        came_back=around.came_back,
        table=access_table(proof, size.rows),
        advice=around.advice[:3],
        checks=checks[: 2 * size.rows],
        more_checks=max(0, len(checks) - 2 * size.rows),
        snippet=_snippet(change, today, size),
    )


def _snippet(change: Change, today: date, size: _Size) -> Markdown:
    until = today + timedelta(days=_EXEMPT_DAYS)
    addresses = [o.address for o in change.owners]
    text = exemption_snippet(change.findings[: size.rows], addresses, change.id, until)
    return block(text, "yaml") if text else Markdown("(By hand: nothing names it exactly.)")


def _resource(finding: Finding) -> dict[str, str]:
    """By its ARN, which has the account and the region; its name where that is another word."""
    resource = finding.resource
    shown = resource.arn or resource.id or finding.address or "?"
    return {"id": shown, "name": "" if shown.endswith(resource.name) else resource.name}


def _did(change: Change) -> str:
    """The commit's subject without its `fix(scope): `."""
    text = subject(change).partition(": ")[2] or subject(change)
    return text[:1].upper() + text[1:]


def _lowering(checks: Sequence[Check]) -> list[Check]:
    return [c for c in checks if c.verdict not in (Verdict.PASS, Verdict.SKIPPED)]


def _told(check: Check) -> bool:
    """In a row of the table already: the policy's rationale, and what is not proven."""
    return check.name == "policy" or check.name.startswith("proof:")


def _affected(change: Change) -> list[str]:
    """Every instance that the edit reaches, and that no finding names."""
    having = {f.resource.id for f in change.findings}
    found = [i for o in change.owners for i in o.instances if i.id not in having]
    return list(dict.fromkeys(place(i.root, i.address) for i in found))


def _more(items: Sequence[object], limit: int) -> str:
    return f" and {len(items) - limit} more" if len(items) > limit else ""


def _template(size: _Size) -> Template:
    return _environment(size.text).get_template("pull_request.md.j2")


@cache
def _environment(limit: int) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(templates()),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Markdown, not HTML: `finalize` escapes every value that is not Markdown already.
        autoescape=False,  # noqa: S701
        finalize=lambda value: escaped(value, limit) if isinstance(value, str) else value,
    )
    environment.filters |= {
        "code": lambda value: code(value, limit),
        "safe": Markdown,
    }
    environment.globals |= {"AUTO": Disposition.AUTO, "OPEN_ROWS": _OPEN_ROWS}
    return environment
