"""What the loop asks the real terraform of a change, and what its answer makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from cases import NOW

from remediator import loop
from remediator.access.network import Rule
from remediator.commands.assembly import class_name, rules_of
from remediator.config import Config
from remediator.detect.evaluated_code import all_findings_in
from remediator.estate import Estate, States
from remediator.loop import Job
from remediator.model import Check, Kind, Outcome, Refusal, Verdict
from remediator.planning import by_instance
from remediator.remediate.group_access import GroupAccess
from remediator.remediate.world_open import evidence_of
from remediator.terraform.facets import INGRESS
from remediator.terraform.judge import Expected
from remediator.terraform.plan import Effect
from remediator.terraform.state import StateIndex
from remediator.tree import MemoryTree, Tree
from remediator.workplace import Preview

WORLD, OFFICE = "0.0.0.0/0", "198.51.100.0/24"
PASS = Check.passed("plan", "exactly this")
UNKNOWN = Check.unknown("plan", "terraform is away")
DIFFERS = Refusal("prove", "plan-differs", "it would destroy the rest, too")
NO_STATES = States(StateIndex.of(()), frozenset(), frozenset(), {})


@dataclass
class Asked:
    """A judge that remembers what it was asked."""

    answer: Callable[[str], Check | Refusal] = lambda root: PASS
    wanted: list[tuple[str, dict[str, Expected]]] = field(default_factory=list)
    trees: list[tuple[Tree, Tree]] = field(default_factory=list)

    def judge(
        self, root: str, before: Tree, after: Tree, expected: Mapping[str, Expected]
    ) -> Check | Refusal:
        self.wanted.append((root, dict(expected)))
        self.trees.append((before, after))
        return self.answer(root)


def run(
    files: Mapping[str, str], judge: Asked | None, reviews: bool = True, **config: object
) -> tuple[Outcome, ...]:
    tree = MemoryTree({path: text.encode() for path, text in files.items()})
    settings = Config.model_validate({"version": 1, "exemptions": [], **config})
    estate = Estate.of(tree, NO_STATES)
    findings, _ = all_findings_in(estate.configurations, class_name, evidence_of, NOW)
    place = Preview(tree, apply_reviews=reviews)

    def estate_of(workplace: object) -> Estate:
        return Estate.of(place.tree(), NO_STATES)

    def clock() -> datetime:
        return NOW

    job = Job(place, estate_of, rules_of(settings), clock, lambda: 0.0, judge=judge)
    return loop.run(job, findings)


def group(name: str, *ingress: str, meta: str = "") -> str:
    return (
        f'resource "aws_security_group" "{name}" {{\n{meta}  name = "{name}"\n'
        f"{''.join(ingress)}}}\n"
    )


def ingress(*cidrs: str, port: int = 22, to: int | None = None) -> str:
    listed = ", ".join(c if c.startswith("var.") else f'"{c}"' for c in cidrs)
    return (
        f"  ingress {{\n    from_port   = {port}\n    to_port     = {to or port}\n"
        f'    protocol    = "tcp"\n    cidr_blocks = [{listed}]\n  }}\n'
    )


RULE = (
    'resource "aws_vpc_security_group_ingress_rule" "ssh" {\n  security_group_id = "sg-1"\n'
    '  ip_protocol = "tcp"\n  from_port = 22\n  to_port = 22\n  cidr_ipv4 = "0.0.0.0/0"\n}\n'
)
ONE = {"main.tf": group("web", ingress(WORLD, OFFICE), ingress("10.0.0.0/8", port=443))}


def allowed(*texts: str) -> dict[str, tuple[str, ...]]:
    return {INGRESS: texts}


def plan_of(outcome: Outcome) -> Check:
    assert outcome.proof is not None
    (found,) = [c for c in outcome.proof.checks if c.name == "plan"]
    return found


# What is asked ------------------------------------------------------------------------------

WEB = "aws_security_group.web"
MODULES = {
    "a/main.tf": 'module "web" {\n  source = "../web"\n}\n',
    "b/main.tf": 'module "web" {\n  source   = "../web"\n  for_each = toset(["x", "y"])\n}\n',
    "web/main.tf": ONE["main.tf"],
}
CLOSED = allowed(f"tcp 22 from {OFFICE}", "tcp 443 from 10.0.0.0/8")
UPDATE = Expected(Effect.UPDATE, CLOSED)
CASES = {
    "a group": (ONE, [("", {WEB: UPDATE})]),
    "the last rule of a group": (
        {"main.tf": group("web", ingress(WORLD))},
        [("", {WEB: Expected(Effect.UPDATE, allowed())})],
    ),
    "every instance": (
        {"main.tf": group("web", ingress(WORLD), meta="  count = 2\n")},
        [("", {f"{WEB}[{n}]": Expected(Effect.UPDATE, allowed()) for n in (0, 1)})],
    ),
    "a number of instances that nobody knows": (
        {
            "main.tf": 'variable "n" {\n  type = number\n}\n'
            + group("web", ingress(WORLD), meta="  count = var.n\n")
        },
        [("", {WEB: Expected(Effect.UPDATE, allowed())})],
    ),
    "a rule that goes": (
        {"main.tf": RULE},
        [("", {"aws_vpc_security_group_ingress_rule.ssh": Expected(Effect.DELETE)})],
    ),
    "every root that reaches a module": (
        MODULES,
        [
            ("a", {f"module.web.{WEB}": UPDATE}),
            ("b", {f'module.web["{key}"].{WEB}': UPDATE for key in "xy"}),
        ],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_every_instance_is_asked_for_with_its_values(name: str) -> None:
    files, wanted = CASES[name]
    judge = Asked()
    outcomes = run(files, judge, approved_admin_cidrs=[])
    assert judge.wanted == wanted
    assert {plan_of(o).verdict for o in outcomes if o.kind is Kind.MERGED} <= {Verdict.PASS}


def test_what_is_not_known_is_not_predicted() -> None:
    files = {
        "main.tf": 'variable "o" {\n  type = string\n}\n' + group("web", ingress("var.o", WORLD))
    }
    judge = Asked()
    run(files, judge)
    assert judge.wanted == [("", {WEB: Expected(Effect.UPDATE)})]


def test_a_value_that_comes_from_elsewhere() -> None:
    files = {
        "main.tf": group("web", ingress("var.open")) + group("db", ingress("10.0.0.0/8")),
        "variables.tf": f'variable "open" {{\n  default = "{WORLD}"\n}}\n',
    }
    files["main.tf"] = files["main.tf"].replace("[var.open]", "var.open")
    files["variables.tf"] = files["variables.tf"].replace(f'"{WORLD}"', f'["{OFFICE}", "{WORLD}"]')
    judge = Asked()
    (outcome,) = run(files, judge)
    assert judge.wanted == [("", {WEB: Expected(Effect.UPDATE, allowed(f"tcp 22 from {OFFICE}"))})]
    assert plan_of(outcome) == PASS


def test_the_trees_are_the_one_that_the_change_is_made_from_and_the_edited_one() -> None:
    two = {"main.tf": group("a", ingress(WORLD)) + group("b", ingress(WORLD))}
    judge = Asked()
    run(two, judge)
    (first, second), (third, fourth) = judge.trees
    texts = [tree.read("main.tf").count(WORLD.encode()) for tree in (first, second, third, fourth)]
    assert texts == [2, 1, 1, 0]


# What becomes of it ---------------------------------------------------------------------------


def test_a_plan_that_passes_is_a_proof() -> None:
    (outcome,) = run(ONE, Asked())
    assert (outcome.kind, plan_of(outcome)) == (Kind.MERGED, PASS)


def test_nobody_asked() -> None:
    (outcome,) = run(ONE, None)
    assert outcome.kind is Kind.MERGED
    found = plan_of(outcome)
    assert (found.verdict, "terraform was not asked" in found.detail) == (Verdict.SKIPPED, True)


def test_a_plan_that_could_not_be_made_leaves_it_to_review_and_says_so() -> None:
    (outcome,) = run(ONE, Asked(lambda root: UNKNOWN))
    assert (outcome.kind, plan_of(outcome)) == (Kind.PROPOSED, UNKNOWN)
    assert outcome.decision is not None
    assert outcome.decision.checks[-1].name == "proof:plan"
    assert outcome.decision.checks[-1].detail == UNKNOWN.detail


def test_a_plan_that_differs_refuses_it() -> None:
    (outcome,) = run(ONE, Asked(lambda root: DIFFERS))
    assert (outcome.kind, outcome.code) == (Kind.REFUSED, "plan-differs")
    assert (outcome.text, outcome.patch) == (DIFFERS.text, None)


def test_one_root_that_differs_is_enough() -> None:
    outcomes = run(MODULES, Asked(lambda root: PASS if root == "a" else DIFFERS))
    assert {o.code for o in outcomes} == {"plan-differs"}


def test_one_root_that_cannot_be_planned_is_enough() -> None:
    judge = Asked(lambda root: UNKNOWN if root == "a" else PASS)
    outcomes = run(MODULES, judge)
    assert {o.kind for o in outcomes} == {Kind.PROPOSED}
    assert {root for root, _ in judge.wanted} == {"a", "b"}


def test_a_refused_change_leaves_the_others_alone() -> None:
    two = {"main.tf": group("a", ingress(WORLD)) + group("b", ingress(WORLD))}
    answers = iter([DIFFERS, PASS])
    outcomes = run(two, Asked(lambda root: next(answers)))
    assert sorted(o.kind for o in outcomes) == [Kind.MERGED, Kind.REFUSED]


def test_a_review_is_asked_for_once_in_its_turn() -> None:
    files = {"main.tf": group("bastion", ingress(WORLD)) + group("web", ingress(WORLD))}
    judge = Asked()
    outcomes = run(files, judge)
    assert [o.kind for o in outcomes] == [Kind.MERGED, Kind.PROPOSED]
    assert [[*expected] for _, expected in judge.wanted] == [[WEB], ["aws_security_group.bastion"]]
    assert {plan_of(o) for o in outcomes} == {PASS}


def test_nothing_is_asked_where_nothing_is_changed() -> None:
    judge = Asked()
    outcomes = run({"main.tf": group("web", ingress(WORLD, port=443))}, judge)
    assert {o.kind for o in outcomes} == {Kind.ALERTED}
    assert judge.wanted == []


def test_what_changes_besides_is_named_for_a_person() -> None:
    access = GroupAccess((Rule("tcp", 22, 22, OFFICE),))
    wanted = by_instance(
        {("live", WEB): Effect.UPDATE, ("", WEB): Effect.UPDATE},
        {("live", WEB): access},
        [f"live:{WEB}", "live:output.rules", f"live:module.x[?].{WEB}", "module.far", "else:a.b"],
    )
    assert wanted == {
        "live": {
            WEB: Expected(Effect.UPDATE, allowed(f"tcp 22 from {OFFICE}")),
            "output.rules": Expected(None),
            f"module.x.{WEB}": Expected(None),
        },
        "": {WEB: Expected(Effect.UPDATE), "module.far": Expected(None)},
    }
