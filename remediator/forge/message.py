"""The commit that records a change: a subject, a body for people, trailers for machines."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from remediator import __version__
from remediator.forge import trailer
from remediator.model import Change, Check, Disposition, Finding, place, sha256
from remediator.texts import inert, listed, visible

if TYPE_CHECKING:
    from jinja2 import Environment

RECORD_FORMAT = "1"
_TEMPLATES = ("commit.txt.j2", "merge.txt.j2")


def commit_message(change: Change, reference: str, when: datetime) -> str:
    """The change's whole message. `reference` is the text that says why it is wrong."""
    body = _render("commit.txt.j2", change=change, reference=reference, when=when)
    return f"{subject(change)}\n\n{body.strip()}\n\n{trailer.encode(trailers(change, when))}"


def merge_message(change: Change) -> str:
    """The merge names the branch and how it was decided; the record is in the change itself."""
    return _render("merge.txt.j2", change=change, subject=subject(change))


def subject(change: Change) -> str:
    return inert(visible(change.summary, 100))


def trailers(change: Change, when: datetime) -> list[tuple[str, str]]:
    """Format version 1, in the order of the documentation (docs/record.md)."""
    lead, decision = change.findings[0], change.decision
    pairs = [("Remediator-Version", RECORD_FORMAT), ("Remediator-Program", __version__)]
    pairs += [("Finding-Id", f.id) for f in change.findings]
    pairs += [("Finding-Class", lead.finding_class), ("Finding-Source", lead.source)]
    pairs += [("Finding-Created", _time(_created(change.findings)))]
    pairs += [("Evaluated-At", _time(when))]
    pairs += [("Resource", f.resource.arn or f.resource.id) for f in change.findings]
    pairs += [("Terraform-Address", address) for address in addresses(change)]
    pairs += [("Disposition", decision.disposition.word)]
    pairs += [("Policy-Row", f"{decision.policy_row} sha256:{decision.policy_digest}")]
    pairs += [("Check", _check(c)) for c in decision.checks]
    pairs += [("Proof", _check(c)) for c in change.proof.checks]
    pairs += [("Before", change.proof.before), ("After", change.proof.after)]
    pairs += [("Before-SHA256", f"{digest} {path}") for path, digest in change.patch.inputs]
    pairs += [("After-SHA256", f"{sha256(change.after[p])} {p}") for p in change.patch.files]
    return [(key, value) for key, value in pairs if value]


def addresses(change: Change) -> list[str]:
    """Every instance that the change reaches, each once, after its root."""
    found: dict[str, None] = {}
    for owner in change.owners:
        places = [place(i.root, i.address) for i in owner.instances]
        found |= dict.fromkeys(places or [place(owner.root, owner.address)])
    return list(found)


def _created(findings: Iterable[Finding]) -> datetime | None:
    return min((f.created_at for f in findings if f.created_at), default=None)


def _time(time: datetime | None) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ") if time else ""


def _check(check: Check) -> str:
    return f"{check.name}: {check.verdict}: {check.detail}"


def warm_up() -> None:
    """Loads the template engine and the templates."""
    for name in _TEMPLATES:
        _environment().get_template(name)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(templates()),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Commit messages are plain text; every hostile value goes through `visible`.
        autoescape=False,  # noqa: S701
        finalize=lambda value: inert(visible(value)) if isinstance(value, str) else value,
    )
    environment.filters |= {"plain": visible, "listed": listed}
    environment.globals |= {"AUTO": Disposition.AUTO, "addresses": addresses}
    return environment


def templates() -> Path:
    """In a wheel beside the code, in a checkout at its top."""
    packaged = Path(__file__).parent.parent / "templates"
    return packaged if packaged.is_dir() else packaged.parent.parent / "templates"


def _render(name: str, **values: object) -> str:
    return _environment().get_template(name).render(**values)
