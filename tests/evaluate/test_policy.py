"""policy.yaml: which row decides, and what is refused with which sentence."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediator import yamlfile
from remediator.evaluate.policy import PACKAGED, Policy, Row, load_policy, matching, policy_of
from remediator.model import ConfigurationError, Disposition
from remediator.remediate.iam.policy_class import FACTS
from remediator.remediate.registry import registry

TRAITS = frozenset({"bastion", "wider", "world-in-pieces"})
DOORS = ("open-admin-port", "open-port", "open-web-port", "open-egress")
KNOWN: Mapping[str, frozenset[str]] = {
    "open-admin-port": TRAITS,
    "open-port": frozenset({"bastion"}),
    "open-web-port": frozenset({"bastion"}),
    "open-egress": frozenset({"bastion"}),
    **{
        name: FACTS | {"public", "unused-password", "unused-role"}
        for name in registry().known()
        if name not in DOORS
    },
}


@pytest.mark.parametrize(
    ("finding_class", "traits", "disposition", "row"),
    [
        ("open-admin-port", "", "auto", "open-admin-port"),
        ("open-admin-port", "bastion", "review", "open-admin-port-bastion"),
        ("open-admin-port", "wider", "review", "open-admin-port-wider"),
        ("open-admin-port", "world-in-pieces", "review", "open-admin-port-in-pieces"),
        ("open-admin-port", "bastion wider", "review", "open-admin-port-bastion"),
        ("open-admin-port", "break-glass", "auto", "open-admin-port"),
        ("open-web-port", "", "alert", "open-web-port"),
        ("open-web-port", "bastion", "alert", "open-web-port"),
        ("open-port", "", "review", "open-port"),
        ("open-port", "bastion", "review", "open-port-bastion"),
        ("open-egress", "bastion", "exempt", "open-egress"),
        ("open-to-world-policy", "", "review", "open-to-world-policy"),
        ("wildcard-grant", "", "alert", "wildcard-grant"),
        ("unused-credentials", "service-role", "auto", "unused-credentials"),
        ("unused-credentials", "human-user", "review", "unused-credentials-human"),
        ("unused-credentials", "unused-password", "review", "unused-password"),
        ("unused-credentials", "unused-role", "review", "unused-role"),
        ("unused-credentials", "break-glass", "exempt", "unused-credentials-break-glass"),
        ("unused-credentials", "active-session", "review", "unused-credentials-active-session"),
        ("unused-credentials", "root-account", "review", "unused-credentials-root-account"),
        ("external-access", "unknown-account", "auto", "external-access-unknown"),
        ("external-access", "known-account", "alert", "external-access-known"),
        ("external-access", "unknown-account active-session", "review", "external-access-active"),
        ("external-access", "public", "review", "external-access-public"),
        ("external-access", "break-glass", "exempt", "external-access-break-glass"),
        ("external-access", "root-account", "review", "external-access-root-account"),
        (
            "external-access",
            "unknown-account production-database",
            "review",
            "external-access-production-database",
        ),
        ("unused-permissions", "service-role", "auto", "unused-permissions"),
        ("unused-permissions", "pass-role-unused", "auto", "unused-pass-role"),
        ("unused-permissions", "human-user", "review", "unused-permissions-human"),
        (
            "unused-permissions",
            "human-user escalation",
            "review",
            "unused-permissions-human-escalation",
        ),
        ("unused-permissions", "break-glass", "exempt", "unused-permissions-break-glass"),
        (
            "unused-permissions",
            "pass-role-unused active-session",
            "review",
            "unused-permissions-active-session",
        ),
        ("unused-permissions", "root-account", "review", "unused-permissions-root-account"),
        (
            "unused-permissions",
            "production-database",
            "review",
            "unused-permissions-production-database",
        ),
    ],
)
def test_the_packaged_rows(finding_class: str, traits: str, disposition: str, row: str) -> None:
    verdict = load_policy(None, KNOWN).verdict(finding_class, frozenset(traits.split()))
    assert (verdict.disposition.word, verdict.id) == (disposition, row)


def test_the_digest_is_that_of_the_file() -> None:
    policy = load_policy(None, KNOWN)
    assert policy.digest == hashlib.sha256(PACKAGED.read_bytes()).hexdigest()
    assert policy.path == "policy.yaml (packaged)"


def test_rationales_are_one_line() -> None:
    for row in load_policy(None, KNOWN).rows:
        assert row.rationale == " ".join(row.rationale.split())


def test_a_class_that_no_row_has() -> None:
    with pytest.raises(ConfigurationError, match="no row holds for the class new-class"):
        load_policy(None, KNOWN).verdict("new-class", frozenset())


def test_a_users_policy_may_be_laxer(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(HEAD + ROW.replace("review", "auto"))
    policy = load_policy(path, {"open-port": frozenset()})
    assert policy.verdict("open-port", frozenset()).disposition is Disposition.AUTO
    assert policy.path == str(path)


HEAD = "version: 1\nrows:\n"
ROW = """\
- id: one
  class: open-port
  disposition: review
  rationale: why
  source: whence
"""
BASTION = ROW.replace("one", "two") + "  when: [bastion]\n"

REFUSED = [
    ("version: 1\n", "1: rows is missing; write for example rows: the list of rows"),
    (
        "version: 1\nrows: []\n",
        (
            "2: rows: no row holds for every open-port;"
            " write a row with class: open-port and without when"
        ),
    ),
    (
        HEAD + BASTION,
        (
            "2: rows: no row holds for every open-port;"
            " write a row with class: open-port and without when"
        ),
    ),
    (
        HEAD + ROW + ROW.replace("one", "two").replace("open-port", "open-prot"),
        '9: rows[1].class: there is no class "open-prot"; write open-port',
    ),
    (
        HEAD + ROW + BASTION.replace("[bastion]", "[bastoin]"),
        '13: rows[1].when[0]: open-port has no trait "bastoin"; write bastion',
    ),
    (
        HEAD + ROW + BASTION.replace("two", "one"),
        "8: rows[1].id: one is the id of the row on line 3 too; write another",
    ),
    (
        HEAD + ROW + ROW.replace("one", "two"),
        "8: rows[1]: has the class and the traits of one; remove one of the two",
    ),
    (
        HEAD + ROW.replace("review", "Automatic"),
        (
            '5: rows[0].disposition: "Automatic" is not a disposition;'
            " known are alert, auto, exempt, review"
        ),
    ),
    (
        HEAD + ROW.replace("review", "revew"),
        '5: rows[0].disposition: "revew" is not a disposition; write review',
    ),
    (
        HEAD + ROW.replace("review", "3"),
        "5: rows[0].disposition: 3 is not a disposition; known are alert, auto, exempt, review",
    ),
    (
        HEAD + ROW.replace("  rationale: why\n", ""),
        (
            "3: rows[0]: rationale is missing;"
            " write for example rationale: why this is the disposition"
        ),
    ),
    (
        HEAD + ROW.replace("why", '"  "'),
        "6: rows[0].rationale: is empty; write a text",
    ),
    (
        HEAD + ROW.replace("why", '"a\\u202eb"'),
        "6: rows[0].rationale: holds U+202E, which cannot be seen; remove it",
    ),
    (
        HEAD + ROW.replace("  source: whence\n", ""),
        (
            "3: rows[0]: source is missing;"
            " write for example source: CIS AWS Foundations Benchmark v3.0.0, 5.2"
        ),
    ),
    (
        HEAD + ROW.replace("class:", "clas:"),
        (
            "3: rows[0]: class is missing; write for example class: open-admin-port\n"
            "policy.yaml:4: rows[0].clas: there is no such key; write class"
        ),
    ),
    (
        HEAD + ROW.replace("one", "One Row"),
        '3: rows[0].id: "One Row" is not a name; write small letters, digits and single dashes',
    ),
]


@pytest.mark.parametrize(("text", "sentence"), REFUSED)
def test_refused(text: str, sentence: str) -> None:
    document = yamlfile.parse("policy.yaml", text.encode())
    with pytest.raises(ConfigurationError) as caught:
        policy_of(document, {"open-port": frozenset({"bastion"})})
    assert str(caught.value) == f"policy.yaml:{sentence}"


def test_a_missing_policy_stops(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_policy(tmp_path / "none.yaml", KNOWN)
    assert str(caught.value) == f"{tmp_path}/none.yaml: there is no such file"


_TRAIT_SETS = st.frozensets(st.sampled_from(sorted(TRAITS)))
_ROWS = st.lists(
    st.builds(
        Row,
        id=st.text("abc", min_size=1, max_size=3),
        finding_class=st.sampled_from(["open-admin-port", "open-port"]),
        when=_TRAIT_SETS,
        disposition=st.sampled_from(Disposition),
        rationale=st.just("why"),
        source=st.just("whence"),
    ),
    max_size=8,
).map(tuple)
_ALWAYS = Row("always", "open-port", frozenset(), Disposition.AUTO, "why", "whence")


@given(_ROWS, _TRAIT_SETS, _TRAIT_SETS)
def test_another_trait_never_raises(
    rows: tuple[Row, ...], traits: frozenset[str], more: frozenset[str]
) -> None:
    policy = Policy((*rows, _ALWAYS), "", "p")
    few, many = (policy.verdict("open-port", t) for t in (traits, traits | more))
    assert many.disposition <= few.disposition


@given(_ROWS, _TRAIT_SETS)
def test_the_verdict_is_the_lowest_and_of_equals_the_most_specific(
    rows: tuple[Row, ...], traits: frozenset[str]
) -> None:
    policy = Policy((*rows, _ALWAYS), "", "p")
    verdict = policy.verdict("open-port", traits)
    for row in matching(policy.rows, "open-port", traits):
        assert row.disposition >= verdict.disposition
        if row.disposition == verdict.disposition:
            assert len(row.when) <= len(verdict.when)
