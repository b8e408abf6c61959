"""The real terraform's plans as judges: which pass, which refuse a change, which leave it open."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from plans import (
    GROUP,
    OFFICE,
    RULE,
    VPC_RULE,
    WORLD,
    Json,
    change,
    document,
    element,
    group,
    plan,
    rule,
    single,
)

from remediator.access.network import Rule
from remediator.model import Check, Disposition, Refusal, SourceError, Verdict
from remediator.terraform.facets import INGRESS, Texts, ingress
from remediator.terraform.judge import Expected, judge
from remediator.terraform.plan import Effect, read_plan

UPDATE, DELETE, CREATE, REPLACE = Effect.UPDATE, Effect.DELETE, Effect.CREATE, Effect.REPLACE
WEB, DB = f"{GROUP}.web", f"{GROUP}.db"
OLD, NEW = f"{RULE}.old", f"{VPC_RULE}.new"
OPEN, CLOSED = group(element(WORLD, OFFICE)), group(element(OFFICE))
DB_VALUES = group(element("10.0.0.0/8", port=5432), name="db")
STAYS = change(DB, "no-op", DB_VALUES, DB_VALUES)


def allowing(*sources: str, port: int = 22) -> dict[str, Texts]:
    return {INGRESS: ingress(Rule("tcp", port, port, source) for source in sources)}


def web(actions: str = "update", after: Json | None = CLOSED, **more: Any) -> Json:
    return change(WEB, actions, after, OPEN, **more)


UNEDITED = (change(WEB, "no-op", OPEN, OPEN), STAYS)
CLOSING = {WEB: Expected(UPDATE, allowing(OFFICE))}
ANY = {WEB: Expected(UPDATE)}


@dataclass(frozen=True)
class Case:
    """`said` is part of the answer; without it the plans pass."""

    name: str
    before: tuple[Json, ...]
    after: tuple[Json, ...]
    expected: dict[str, Expected]
    said: str = ""
    outputs: tuple[Json, Json] = field(default=({}, {}))

    def answer(self) -> Check | Refusal:
        was, now = self.outputs
        return judge(plan(*self.before, outputs=was), plan(*self.after, outputs=now), self.expected)


def instances(form: str, actions: str, values: Json, *keys: str) -> tuple[Json, ...]:
    return tuple(change(form.replace("*", key), actions, values, OPEN) for key in keys)


COUNTED, MODULE = f"{GROUP}.web[*]", f"module.edge[*].{GROUP}.web"
OPEN_RULE, CLOSED_RULE = rule(WORLD, OFFICE), rule(OFFICE)
MADE = {"id": True, "security_group_rule_id": True, "source_security_group_id": True}
PENDING = change(DB, "update", group(name="db", tags={"a": "b"}), DB_VALUES)

PASSING = [
    Case("an update in place", UNEDITED, (web(), STAYS), CLOSING),
    Case("without a prediction", UNEDITED, (web(), STAYS), ANY),
    Case(
        "a rule that goes",
        (change(OLD, "no-op", OPEN_RULE, OPEN_RULE), STAYS),
        (change(OLD, "delete", None, OPEN_RULE), STAYS),
        {OLD: Expected(DELETE)},
    ),
    Case(
        "a rule that is added",
        (change(NEW, "no-op", single(WORLD), single(WORLD)),),
        (
            change(NEW, "update", single(OFFICE), single(WORLD)),
            change(f"{VPC_RULE}.more", "create", single("10.0.0.0/8"), unknown={"id": True}),
        ),
        {
            NEW: Expected(UPDATE, allowing(OFFICE)),
            f"{VPC_RULE}.more": Expected(CREATE, allowing("10.0.0.0/8")),
        },
    ),
    Case(
        "a replacement that was foreseen",
        (change(OLD, "no-op", OPEN_RULE, OPEN_RULE),),
        (change(OLD, "delete create", CLOSED_RULE, OPEN_RULE, MADE),),
        {OLD: Expected(REPLACE, allowing(OFFICE))},
    ),
    Case(
        "an update where a replacement was foreseen",
        (change(OLD, "no-op", OPEN_RULE, OPEN_RULE),),
        (change(OLD, "update", CLOSED_RULE, OPEN_RULE),),
        {OLD: Expected(REPLACE, allowing(OFFICE))},
    ),
    Case(
        "something else was pending, and still is",
        (UNEDITED[0], PENDING),
        (web(), PENDING),
        CLOSING,
    ),
    Case(
        "the hole itself was pending",
        (change(WEB, "update", OPEN, CLOSED), STAYS),
        (change(WEB, "no-op", CLOSED, CLOSED), STAYS),
        CLOSING,
    ),
    Case(
        "it was not made yet",
        (change(WEB, "create", OPEN, unknown={"id": True}),),
        (change(WEB, "create", CLOSED, unknown={"id": True}),),
        CLOSING,
    ),
    Case(
        "a rule that was not made yet is not made",
        (change(NEW, "create", single(WORLD)), STAYS),
        (STAYS,),
        {NEW: Expected(DELETE)},
    ),
    Case(
        "every instance of a block",
        instances(COUNTED, "no-op", OPEN, "0", "1"),
        instances(COUNTED, "update", CLOSED, "0", "1"),
        CLOSING,
    ),
    Case(
        "every instance in every module",
        instances(MODULE, "no-op", OPEN, '"a"', '"b"'),
        instances(MODULE, "update", CLOSED, '"a"', '"b"'),
        {f"module.edge.{WEB}": Expected(UPDATE, allowing(OFFICE))},
    ),
    Case(
        "an instance of the block that goes anyway",
        (
            *instances(COUNTED, "no-op", OPEN, "0"),
            change(f"{WEB}[1]", "delete", None, OPEN),
        ),
        (
            *instances(COUNTED, "update", CLOSED, "0"),
            change(f"{WEB}[1]", "delete", None, OPEN),
        ),
        CLOSING,
    ),
    Case(
        "one instance alone",
        instances(MODULE, "no-op", OPEN, '"a"', '"b"'),
        (
            *instances(MODULE, "update", CLOSED, '"a"'),
            *instances(MODULE, "no-op", OPEN, '"b"'),
        ),
        {f'module.edge["a"].{WEB}': Expected(UPDATE, allowing(OFFICE))},
    ),
    Case(
        "the same rules, laid out otherwise",
        UNEDITED,
        (
            web(
                after=group(
                    element("10.0.0.0/8", port=443, description=None, protocol="TCP"),
                    element(OFFICE, protocol="6"),
                    element(OFFICE),
                )
            ),
            STAYS,
        ),
        {
            WEB: Expected(
                UPDATE,
                {
                    INGRESS: ingress(
                        [Rule("tcp", 22, 22, OFFICE), Rule("tcp", 443, 443, "10.0.0.0/8")]
                    )
                },
            )
        },
    ),
    Case(
        "all traffic, with ports that mean nothing",
        UNEDITED,
        (web(after=group(element(OFFICE, port=0, protocol="-1"))), STAYS),
        {WEB: Expected(UPDATE, {INGRESS: ingress([Rule("-1", -1, -1, OFFICE)])})},
    ),
    Case(
        "a group that lets nobody in",
        UNEDITED,
        (web(after=group()), STAYS),
        {WEB: Expected(UPDATE, allowing())},
    ),
    Case(
        "a data source that is read again",
        UNEDITED,
        (web(), STAYS, change("data.aws_security_groups.all", "read", {}, unknown={"ids": True})),
        CLOSING,
    ),
    Case(
        "an output that was expected",
        UNEDITED,
        (web(), STAYS),
        {**CLOSING, "output.rules": Expected(UPDATE)},
        outputs=({"rules": 2}, {"rules": 1}),
    ),
]

REFUSED = [
    Case("nothing changes", UNEDITED, UNEDITED, CLOSING, f"change nothing at {WEB}"),
    Case("it is replaced", UNEDITED, (web("delete create"), STAYS), ANY, f"replace {WEB}"),
    Case(
        "it is made before it is destroyed",
        UNEDITED,
        (web("create delete", replace_paths=[["name"]]), STAYS),
        ANY,
        f"replace {WEB} (for name), and update was expected",
    ),
    Case("it is destroyed", UNEDITED, (web("delete", None), STAYS), ANY, f"destroy {WEB}"),
    Case("it is forgotten", UNEDITED, (web("forget", None), STAYS), ANY, "forget"),
    Case(
        "a neighbour is updated",
        UNEDITED,
        (web(), PENDING),
        CLOSING,
        f"it would update {DB} too",
    ),
    Case(
        "a neighbour is destroyed",
        UNEDITED,
        (web(), change(DB, "delete", None, DB_VALUES)),
        CLOSING,
        f"it would destroy {DB} too",
    ),
    Case(
        "a neighbour is replaced",
        UNEDITED,
        (web(), change(DB, "delete create", DB_VALUES, DB_VALUES, replace_paths=[["vpc_id"]])),
        CLOSING,
        f"it would replace {DB} (for vpc_id) too",
    ),
    Case(
        "a neighbour is made",
        UNEDITED,
        (web(), STAYS, change(NEW, "create", single(WORLD))),
        CLOSING,
        f"it would create {NEW} too",
    ),
    Case(
        "a pending change of a neighbour becomes another",
        (UNEDITED[0], PENDING),
        (web(), change(DB, "update", group(name="db", tags={"a": "c"}), DB_VALUES)),
        CLOSING,
        f"update {DB} otherwise than before",
    ),
    Case(
        "a pending change of a neighbour is undone",
        (UNEDITED[0], PENDING),
        (web(), STAYS),
        CLOSING,
        f"it would no longer update {DB}",
    ),
    Case(
        "a neighbour's deposed object",
        UNEDITED,
        (web(), STAYS, change(WEB, "delete", None, OPEN, deposed="0a1b2c3d")),
        CLOSING,
        f"destroy {WEB} (deposed)",
    ),
    Case(
        "a neighbour is moved",
        UNEDITED,
        (web(), change(DB, "no-op", DB_VALUES, DB_VALUES, previous_address=f"{GROUP}.mysql")),
        CLOSING,
        f"{DB} otherwise than before",
    ),
    Case(
        "the world stays",
        UNEDITED,
        (web(after=group(element(WORLD))), STAYS),
        CLOSING,
        f"ingress of {WEB} would be with tcp 22 from 0.0.0.0/0 and without tcp 22 from {OFFICE}",
    ),
    Case(
        "the world stays in IPv6",
        UNEDITED,
        (web(after=group(element(OFFICE, ipv6_cidr_blocks=["::/0"]))), STAYS),
        CLOSING,
        "with tcp 22 from ::/0",
    ),
    Case(
        "more goes than was predicted",
        UNEDITED,
        (web(after=group()), STAYS),
        CLOSING,
        f"without tcp 22 from {OFFICE}",
    ),
    Case(
        "another port is opened",
        UNEDITED,
        (web(after=group(element(OFFICE), element(OFFICE, port=23))), STAYS),
        CLOSING,
        f"with tcp 22-23 from {OFFICE}",
    ),
    Case(
        "a source that is no CIDR goes, too",
        (change(WEB, "no-op", group(element(WORLD, security_groups=["sg-9"])), OPEN), STAYS),
        (web(after=group(element(OFFICE))), STAYS),
        CLOSING,
        f"change ingress from others of {WEB} too",
    ),
    Case(
        "another attribute of it changes, too",
        UNEDITED,
        (web(after={**CLOSED, "tags": {"team": "x"}}), STAYS),
        CLOSING,
        f"change tags of {WEB} too",
    ),
    Case(
        "a rule is turned from ingress to egress",
        (change(OLD, "no-op", OPEN_RULE, OPEN_RULE),),
        (change(OLD, "update", rule(OFFICE, type="egress"), OPEN_RULE),),
        {OLD: Expected(UPDATE, allowing(OFFICE))},
        f"ingress of {OLD} would be without tcp 22 from {OFFICE}",
    ),
    Case(
        "a rule goes and its neighbour with it",
        (change(OLD, "no-op", OPEN_RULE, OPEN_RULE), STAYS),
        (change(OLD, "delete", None, OPEN_RULE), change(DB, "delete", None, DB_VALUES)),
        {OLD: Expected(DELETE)},
        f"destroy {DB}",
    ),
    Case(
        "a rule that should go stays",
        (change(OLD, "no-op", OPEN_RULE, OPEN_RULE),),
        (change(OLD, "update", CLOSED_RULE, OPEN_RULE),),
        {OLD: Expected(DELETE)},
        f"update {OLD}, and destroy was expected",
    ),
    Case(
        "a rule that should be new is there already",
        (change(NEW, "no-op", single(WORLD), single(WORLD)),),
        (change(NEW, "update", single(OFFICE), single(WORLD)),),
        {NEW: Expected(CREATE)},
        f"update {NEW}, and create was expected",
    ),
    Case(
        "a new rule lets in another",
        (),
        (change(NEW, "create", single("10.0.0.0/8")),),
        {NEW: Expected(CREATE, allowing(OFFICE))},
        "with tcp 22 from 10.0.0.0/8",
    ),
    Case(
        "another instance of the block changes, too",
        instances(COUNTED, "no-op", OPEN, "0", "1"),
        instances(COUNTED, "update", CLOSED, "0", "1"),
        {f"{WEB}[0]": Expected(UPDATE, allowing(OFFICE))},
        f"it would update {WEB}[1] too",
    ),
    Case(
        "one instance of the block does not change",
        instances(COUNTED, "no-op", OPEN, "0", "1"),
        (
            *instances(COUNTED, "update", CLOSED, "0"),
            *instances(COUNTED, "no-op", OPEN, "1"),
        ),
        ANY,
        f"change nothing at {WEB}[1]",
    ),
    Case(
        "the module's resource, and not the root's own",
        (change(f"module.edge.{WEB}", "no-op", OPEN, OPEN), UNEDITED[0]),
        (change(f"module.edge.{WEB}", "update", CLOSED, OPEN), UNEDITED[0]),
        ANY,
        f"it would update module.edge.{WEB} too",
    ),
    Case(
        "what a person should look at is destroyed",
        UNEDITED,
        (web(), change(DB, "delete", None, DB_VALUES)),
        {**CLOSING, DB: Expected(None)},
        f"destroy {DB}",
    ),
]

UNKNOWN = [
    Case(
        "the rules are known only after the apply",
        UNEDITED,
        (web(after={**CLOSED, "ingress": None}, unknown={"ingress": True}), STAYS),
        CLOSING,
        f"ingress of {WEB} is not known before the apply",
    ),
    Case(
        "one source is not known before the apply",
        UNEDITED,
        (web(unknown={"ingress": [{"cidr_blocks": [False, True]}]}), STAYS),
        CLOSING,
        f"ingress of {WEB} is not known before the apply",
    ),
    Case(
        "a new rule's source is not known before the apply",
        (),
        (change(NEW, "create", single(None), unknown={"cidr_ipv4": True}),),
        {NEW: Expected(CREATE, allowing(OFFICE))},
        f"ingress of {NEW} is not known before the apply",
    ),
    Case(
        "something else of it becomes unknown",
        UNEDITED,
        (web(unknown={"tags": {"a": True}}), STAYS),
        CLOSING,
        f"tags of {WEB} may change too",
    ),
    Case(
        "it is to be replaced anyway",
        (change(WEB, "delete create", OPEN, OPEN),),
        (change(WEB, "delete create", CLOSED, OPEN),),
        CLOSING,
        f"{WEB} is to be replaced anyway",
    ),
    Case(
        "it goes anyway",
        (change(WEB, "delete", None, OPEN), STAYS),
        (change(WEB, "delete", None, OPEN), STAYS),
        CLOSING,
        f"no instance of {WEB}",
    ),
    Case(
        "the block makes no instance here",
        (STAYS,),
        (STAYS,),
        CLOSING,
        f"no instance of {WEB}",
    ),
    Case(
        "a facet that this type does not have",
        (),
        (change("aws_iam_role.app", "create", {"name": "a"}),),
        {"aws_iam_role.app": Expected(CREATE, allowing(OFFICE))},
        "ingress of aws_iam_role.app is not known",
    ),
    Case(
        "an output of the root changes",
        UNEDITED,
        (web(), STAYS),
        CLOSING,
        "output.rules changes too, and who reads it is not known",
        outputs=({"rules": 2, "same": 1}, {"rules": 1, "same": 1}),
    ),
    Case(
        "an output goes",
        UNEDITED,
        (web(), STAYS),
        CLOSING,
        "output.rules changes too",
        outputs=({"rules": 2}, {}),
    ),
    Case(
        "what is said to change besides, for a person to look at",
        UNEDITED,
        (web(), PENDING),
        {**CLOSING, DB: Expected(None)},
        f"it would update {DB} too",
    ),
    Case(
        "a module that nobody looks into",
        UNEDITED,
        (web(), STAYS, change(f'module.far["a"].module.b.{DB}', "create", DB_VALUES)),
        {**CLOSING, "module.far": Expected(None)},
        f'it would create module.far["a"].module.b.{DB} too',
    ),
]


def ids(cases: list[Case]) -> list[str]:
    return [case.name for case in cases]


@pytest.mark.parametrize("case", PASSING, ids=ids(PASSING))
def test_passes(case: Case) -> None:
    answer = case.answer()
    assert isinstance(answer, Check), answer
    assert (answer.name, answer.verdict, answer.limit) == ("plan", "pass", Disposition.AUTO), answer
    assert answer.detail.startswith("terraform plans exactly this for live/prod: ")
    assert all(text.split(".")[-1].split("[")[0] in answer.detail for text in case.expected)


@pytest.mark.parametrize("case", REFUSED, ids=ids(REFUSED))
def test_refuses(case: Case) -> None:
    answer = case.answer()
    assert isinstance(answer, Refusal), answer
    assert (answer.stage, answer.code) == ("prove", "plan-differs")
    assert case.said in answer.text
    assert "live/prod" in answer.text


@pytest.mark.parametrize("case", UNKNOWN, ids=ids(UNKNOWN))
def test_leaves_it_open(case: Case) -> None:
    answer = case.answer()
    assert isinstance(answer, Check), answer
    assert (answer.name, answer.verdict) == ("plan", Verdict.UNKNOWN), answer
    assert answer.limit is Disposition.REVIEW
    assert case.said in answer.detail
    assert "live/prod" in answer.detail


def test_at_least_a_third_is_refused() -> None:
    assert len(REFUSED) * 3 >= len(PASSING) + len(REFUSED) + len(UNKNOWN)


def test_what_is_wrong_outweighs_what_is_open() -> None:
    unknown = web(after={**CLOSED, "ingress": None}, unknown={"ingress": True})
    answer = judge(plan(*UNEDITED), plan(unknown, PENDING), CLOSING)
    assert isinstance(answer, Refusal)


@pytest.mark.parametrize(
    "flag", [{"complete": False}, {"errored": True}, {"deferred_changes": [{}]}], ids=str
)
@pytest.mark.parametrize("which", ["before", "after"])
def test_a_plan_that_is_not_whole_judges_nothing(flag: Json, which: str) -> None:
    whole, partly = plan(web(), STAYS), plan(web(), STAYS, **flag)
    before, after = (partly, whole) if which == "before" else (whole, partly)
    answer = judge(before, after, CLOSING)
    assert isinstance(answer, Check)
    assert (answer.verdict, "is not whole" in answer.detail) == (Verdict.UNKNOWN, True)


def test_the_order_of_the_entries_does_not_matter() -> None:
    exact = {f"{WEB}[1]": Expected(UPDATE, allowing(OFFICE)), WEB: Expected(UPDATE, allowing())}
    before = plan(*instances(COUNTED, "no-op", OPEN, "0", "1"))
    after = plan(
        *instances(COUNTED, "update", group(), "0"), *instances(COUNTED, "update", CLOSED, "1")
    )
    for entries in (exact, dict(reversed(exact.items()))):
        answer = judge(before, after, entries)
        assert isinstance(answer, Check)
        assert answer.verdict is Verdict.PASS


# Reading -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b'{"format_version": 1}',
        document()[:-1],
        document({"address": WEB}),
        document(change(WEB, "update", OPEN) | {"change": None}),
        document(change(WEB, "update", OPEN) | {"address": "no address"}),
        document(change(WEB, "update") | {"change": {"actions": "update"}}),
        document(format_version="2.0"),
        b"[" * 100_000,
    ],
    ids=range(13),
)
def test_what_is_no_plan_is_refused(data: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        read_plan(data, "live/prod")
    assert "live/prod" in str(caught.value)


def test_what_a_later_format_adds_is_passed_over() -> None:
    odd = change(WEB, "update", CLOSED, OPEN) | {"new": 1}
    found = read_plan(document(odd, format_version="1.9", brand_new={"a": []}), "live/prod")
    assert [str(p.address) for p in found.changes.values()] == [WEB]


def test_values_of_another_form_are_not_read() -> None:
    odd = [
        {**CLOSED, "ingress": "all"},
        {**CLOSED, "ingress": [1]},
        {**CLOSED, "ingress": [element(OFFICE, from_port="22")]},
        {**CLOSED, "ingress": [element(OFFICE, protocol="no-such")]},
        {**CLOSED, "ingress": [{**element(), "cidr_blocks": [22]}]},
    ]
    for values in odd:
        answer = judge(plan(*UNEDITED), plan(web(after=values), STAYS), CLOSING)
        assert isinstance(answer, Check)
        assert answer.verdict is Verdict.UNKNOWN, values


SECRET = "hunter2-0123456789"


def test_no_value_but_the_facets_is_kept() -> None:
    values = {"id": SECRET, "secret": SECRET, "ingress": [element(OFFICE, description=SECRET)]}
    made = plan(
        change(WEB, "update", {**values, "name": "x"}, values),
        change("aws_iam_access_key.a", "create", {"secret": SECRET}),
        outputs={"key": SECRET},
        variables={"password": {"value": SECRET}},
        planned_values={"outputs": {"key": {"value": SECRET}}},
        prior_state={"values": {"secret": SECRET}},
    )
    assert SECRET not in repr(made)
    assert made.changes[WEB, ""].after[INGRESS] == (f"tcp 22 from {OFFICE}",)


def test_no_value_is_told() -> None:
    hidden = {**CLOSED, "tags": {"token": SECRET}}
    answer = judge(plan(*UNEDITED), plan(web(after=hidden), STAYS), CLOSING)
    assert isinstance(answer, Refusal)
    assert "tags" in answer.text
    assert SECRET not in answer.text


def test_before_after_and_what_forces_a_replacement() -> None:
    made = plan(
        change(OLD, "delete create", CLOSED_RULE, OPEN_RULE, MADE, replace_paths=[["cidr_blocks"]])
    )
    found = made.changes[OLD, ""]
    assert (found.kind, found.replace_paths) == ("replace", ("cidr_blocks",))
    assert found.before[INGRESS] == (f"tcp 22 from {WORLD}",)  # it holds the office, too
    assert found.after[INGRESS] == (f"tcp 22 from {OFFICE}",)
    assert {"id", "security_group_rule_id"} <= found.unknown
