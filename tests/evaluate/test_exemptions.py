"""exemptions.yaml: what is exempt, what only may be, and what is refused with which sentence."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediator import yamlfile
from remediator.evaluate.exemptions import (
    Exempt,
    Exemptions,
    NotExempt,
    Subject,
    Undecided,
    exemptions_of,
    lint,
    load_exemptions,
)
from remediator.fields import matches
from remediator.model import ConfigurationError, Finding, Resource

CLASSES = ("open-admin-port", "open-port")
TODAY = date(2026, 6, 15)
ARN = "arn:aws:ec2:eu-central-1:123456789012:security-group/sg-1"
GROUP = Resource("AWS::EC2::SecurityGroup", "sg-1", ARN, "123456789012", "eu-central-1", "web")
FINDING = Finding(
    "f", "open-admin-port", "live", GROUP, {}, None, datetime(2026, 6, 15, tzinfo=UTC)
)
ADDRESS = 'module.a["x.y"].aws_security_group.web[0]'
SUBJECT = Subject.of(FINDING, [ADDRESS])
IN_CODE = Subject.of(replace(FINDING, resource=Resource(GROUP.type, "")), [ADDRESS])


def entry(match: str, name: str = "one", expires: str = "2026-12-31") -> str:
    return f"""\
- id: {name}
  owner: platform
  reason: accepted
  expires: {expires}
  match: {match}
"""


def listed(*entries: str) -> Exemptions:
    text = "version: 1\nexemptions:\n" + "".join(entries)
    return exemptions_of([yamlfile.parse("exemptions.yaml", text.encode())], CLASSES)


@pytest.mark.parametrize(
    "match",
    [
        "{class: open-admin-port}",
        '{class: "open-*"}',
        "{account: 123456789012}",
        '{account: "123456789012", region: eu-central-1}',
        '{account: "1234*"}',
        '{account: "????????????"}',
        "{resource: sg-1}",
        '{resource: "sg-?"}',
        f"{{arn: '{ARN}'}}",
        "{arn: 'arn:aws:ec2:*:123456789012:security-group/*'}",
        "{arn: '*:security-group/sg-1'}",
        f"{{address: '{ADDRESS}'}}",
        "{address: 'module.a[\"x.y\"].aws_security_group.web'}",
        "{address: module.a.aws_security_group.web}",
        "{address: 'module.a[*].aws_security_group.web[0]'}",
        "{address: 'module.*'}",
        "{region: 'eu-*', resource: '*'}",
    ],
)
def test_exempt(match: str) -> None:
    answer = listed(entry(match)).exempt_on(TODAY, SUBJECT)
    assert isinstance(answer, Exempt)
    assert answer.by.id == "one"


OF_IAM = "arn:aws:iam::123456789012:role/team/Legacy-Batch"


@pytest.mark.parametrize(
    ("pattern", "holds"),
    [
        ("arn:aws:iam::123456789012:role/team/legacy-batch", True),
        ("arn:aws:iam::123456789012:role/TEAM/LEGACY-*", True),
        ("arn:*:role/team/legacy-batch", True),
        ("*/LEGACY-BATCH", True),
        ("arn:aws:IAM::123456789012:role/team/legacy-batch", False),
        ("arn:aws:iam::123456789012:role/team/legacy", False),
        ("arn:aws:iam::210987654321:role/team/legacy-batch", False),
    ],
)
def test_two_names_of_iam_that_differ_in_case_are_one(pattern: str, holds: bool) -> None:
    found = Subject.of(replace(FINDING, resource=Resource("AWS::IAM::Role", "r", OF_IAM)))
    answer = listed(entry(f"{{arn: '{pattern}'}}")).exempt_on(TODAY, found)
    assert isinstance(answer, NotExempt) is not holds


@pytest.mark.parametrize(
    "match",
    [
        "{class: open-port}",
        "{resource: sg-10}",
        "{resource: 'sg'}",
        "{resource: '?sg-1'}",
        "{resource: SG-1}",
        "{arn: '*:security-group/SG-1'}",
        "{account: 123456789012, region: us-east-1}",
        "{account: 210987654321, resource: sg-1}",
        "{arn: 'arn:aws:ec2:*:210987654321:*'}",
        "{address: aws_security_group.web}",
        "{address: 'module.a[\"x.y\"].aws_security_group.web[1]'}",
        "{address: 'module.b.*'}",
    ],
)
def test_not_exempt(match: str) -> None:
    assert listed(entry(match)).exempt_on(TODAY, SUBJECT) == NotExempt()


@pytest.mark.parametrize(
    ("match", "lacking"),
    [
        ("{account: 123456789012}", ("account",)),
        ("{class: open-admin-port, arn: 'arn:*'}", ("arn",)),
        ("{region: eu-*, account: 123456789012}", ("account", "region")),
        ("{resource: sg-1, address: 'module.*'}", ("resource",)),
    ],
)
def test_what_is_not_known_may_be_exempt(match: str, lacking: tuple[str, ...]) -> None:
    answer = listed(entry(match)).exempt_on(TODAY, IN_CODE)
    assert isinstance(answer, Undecided)
    assert (answer.candidate.id, answer.lacking) == ("one", lacking)


@pytest.mark.parametrize(
    "match",
    [
        "{account: 123456789012, class: open-port}",
        "{resource: sg-1, address: 'module.b.*'}",
    ],
)
def test_what_is_not_known_does_not_matter_where_the_rest_differs(match: str) -> None:
    assert listed(entry(match)).exempt_on(TODAY, IN_CODE) == NotExempt()


def test_anything_is_matched_by_a_star_even_what_is_not_known() -> None:
    answer = listed(entry("{class: open-admin-port, account: '*'}")).exempt_on(TODAY, IN_CODE)
    assert isinstance(answer, Exempt)


def test_account_and_region_are_read_from_the_arn() -> None:
    resource = replace(GROUP, account=None, region=None)
    subject = Subject.of(replace(FINDING, resource=resource))
    text = "{account: 123456789012, region: eu-central-1}"
    assert isinstance(listed(entry(text)).exempt_on(TODAY, subject), Exempt)


def test_an_address_is_not_known_before_the_owner_is() -> None:
    answer = listed(entry("{address: 'module.*'}")).exempt_on(TODAY, Subject.of(FINDING))
    assert isinstance(answer, Undecided)


BLOCK = Subject.of(
    replace(FINDING, address="aws_security_group.web", file="modules/a/main.tf"),
    ["aws_security_group.web"],
)


@pytest.mark.parametrize(
    "pattern",
    [
        "module.a.aws_security_group.web",
        "module.a[*].aws_security_group.web",
        "module.a[0].aws_security_group.web",
        "module.a.module.b.aws_security_group.*",
        "module.a.*",
        "module.*",
        "mod*web",
        "*.aws_security_group.web",
        "?odule.a.aws_security_group.web",
        "aws_security_group.web[0]",
    ],
)
def test_what_modules_are_around_a_block_is_not_known_from_it(pattern: str) -> None:
    answer = listed(entry(f"{{address: '{pattern}'}}")).exempt_on(TODAY, BLOCK)
    assert isinstance(answer, Undecided)
    assert answer.lacking == ("address",)


@pytest.mark.parametrize(
    "pattern",
    [
        "module.a.aws_security_group.other",
        "module.a.aws_security_group_rule.*",
        "aws_*.x.aws_security_group.web",
        "aws_security_group.webs",
        "aws_security_group.web.web",
    ],
)
def test_no_module_makes_it_another_block(pattern: str) -> None:
    assert listed(entry(f"{{address: '{pattern}'}}")).exempt_on(TODAY, BLOCK) == NotExempt()


@pytest.mark.parametrize("pattern", ["aws_security_group.web", "aws_security_group.*"])
def test_a_block_is_exempt_by_its_address_in_its_module(pattern: str) -> None:
    answer = listed(entry(f"{{address: '{pattern}'}}")).exempt_on(TODAY, BLOCK)
    assert isinstance(answer, Exempt)


def test_a_sure_exemption_wins_over_one_that_may_hold() -> None:
    both = listed(entry("{account: 123456789012}"), entry("{class: open-admin-port}", "two"))
    answer = both.exempt_on(TODAY, IN_CODE)
    assert isinstance(answer, Exempt)
    assert answer.by.id == "two"


@pytest.mark.parametrize(
    ("expires", "holds"),
    [("2026-06-14", False), ("2026-06-15", True), ("2026-06-16", True), ('"2026-06-15"', True)],
)
def test_the_last_day_is_included(expires: str, holds: bool) -> None:
    exemptions = listed(entry("{resource: sg-1}", expires=expires))
    answer = exemptions.exempt_on(TODAY, SUBJECT)
    assert isinstance(answer, Exempt) is holds
    assert len(exemptions.expired(TODAY)) == (not holds)
    if isinstance(answer, NotExempt):
        assert [e.id for e in answer.expired] == ["one"]


HOLDER = "module.web.aws_security_group.admin"
HEAD = "version: 1\nexemptions:\n"
OF_ADDRESS = "cannot match a Terraform address; write one such as " + HOLDER
OF_ACCOUNT = "cannot match an account; write its twelve digits"
OF_KEYS = "write one of class, account, region, arn, resource, address"

REFUSED = [
    ("version: 1\n", "1: exemptions is missing; write for example exemptions: []"),
    ("version: 1\nexemptions:\n", "2: exemptions: has no value; write one, or remove the key"),
    (
        HEAD + entry("{resource: sg-1}") + "  ownr: x\n",
        "8: exemptions[0].ownr: there is no such key; write owner",
    ),
    (
        HEAD + entry("{resuorce: sg-1}"),
        "7: exemptions[0].match.resuorce: there is no such key; write resource",
    ),
    (
        HEAD + entry("{resource: a}").replace("  owner: platform\n", ""),
        "3: exemptions[0]: owner is missing; write for example owner: platform-team",
    ),
    (
        HEAD + entry("{resource: a}").replace("platform", "'  '"),
        "4: exemptions[0].owner: is empty; write a text",
    ),
    (
        HEAD + entry("{resource: a}").replace("platform", ""),
        "4: exemptions[0].owner: has no value; write one, or remove the key",
    ),
    (
        HEAD + entry("{resource: a}").replace("  reason: accepted\n", ""),
        (
            "3: exemptions[0]: reason is missing;"
            " write for example reason: why the finding is accepted"
        ),
    ),
    (
        HEAD + entry("{resource: a}").replace("  expires: 2026-12-31\n", ""),
        "3: exemptions[0]: expires is missing; write for example expires: 2027-03-31",
    ),
    (
        HEAD + entry("{resource: a}", expires="never"),
        '6: exemptions[0].expires: "never" is not a date; write YYYY-MM-DD',
    ),
    (
        HEAD + entry("{resource: a}", expires="20261231"),
        "6: exemptions[0].expires: 20261231 is not a date; write YYYY-MM-DD",
    ),
    (
        HEAD + entry("{resource: a}", expires="2026-12-31T00:00:00Z"),
        '6: exemptions[0].expires: "2026-12-31T00:00:00Z" is not a date; write YYYY-MM-DD',
    ),
    (
        HEAD + entry("{resource: a}", expires="2026-02-30"),
        '6: exemptions[0].expires: "2026-02-30" is no day of the calendar; write one that is',
    ),
    (
        HEAD + entry("{resource: a}", expires="31.12.2026"),
        '6: exemptions[0].expires: "31.12.2026" is not a date; write YYYY-MM-DD',
    ),
    (HEAD + entry("{}"), f"7: exemptions[0].match: would exempt everything; {OF_KEYS}"),
    (
        HEAD + entry("{class: '*', arn: '**'}"),
        f"7: exemptions[0].match: would exempt everything; {OF_KEYS}",
    ),
    (
        HEAD + entry("sg-1"),
        '7: exemptions[0].match: "sg-1" is not a mapping; write key: value, a line for each',
    ),
    (
        HEAD + entry("{class: open-prt}"),
        '7: exemptions[0].match.class: there is no class "open-prt"; write open-port',
    ),
    (
        HEAD + entry("{class: 'iam-*'}"),
        (
            '7: exemptions[0].match.class: there is no class "iam-*";'
            " known are open-admin-port, open-port"
        ),
    ),
    (
        HEAD + entry("{account: 12345678901}"),
        f'7: exemptions[0].match.account: "12345678901" {OF_ACCOUNT}',
    ),
    (
        HEAD + entry("{account: prod}"),
        f'7: exemptions[0].match.account: "prod" {OF_ACCOUNT}',
    ),
    (
        HEAD + entry("{account: '1234567890123*'}"),
        f'7: exemptions[0].match.account: "1234567890123*" {OF_ACCOUNT}',
    ),
    (
        HEAD + entry("{region: EU}"),
        (
            '7: exemptions[0].match.region: "EU" cannot match a region;'
            " write one such as eu-central-1 or eu-*"
        ),
    ),
    (
        HEAD + entry("{arn: sg-1}"),
        (
            '7: exemptions[0].match.arn: "sg-1" cannot match an ARN;'
            " write a pattern that begins with arn: or *"
        ),
    ),
    (
        HEAD + entry("{arn: 'arn:aws:ec2:sg-1'}"),
        (
            '7: exemptions[0].match.arn: "arn:aws:ec2:sg-1" cannot match an ARN;'
            " write arn:partition:service:region:account:resource"
        ),
    ),
    (
        HEAD + entry(f"{{resource: '{ARN}'}}"),
        f'7: exemptions[0].match.resource: "{ARN}" is an ARN; write it under arn',
    ),
    (
        HEAD + entry("{resource: sg-1 sg-2}"),
        (
            '7: exemptions[0].match.resource: "sg-1 sg-2" has a space, which no id has;'
            " write the resource's id"
        ),
    ),
    (
        HEAD + entry('{resource: ""}'),
        (
            "7: exemptions[0].match.resource: is empty, and an empty pattern matches nothing;"
            " remove the key"
        ),
    ),
    (
        HEAD + entry("{resource: [sg-1, sg-2]}"),
        "7: exemptions[0].match.resource: a list stands where a text belongs",
    ),
    (
        HEAD + entry("{address: live/prod/main.tf}"),
        f'7: exemptions[0].match.address: "live/prod/main.tf" {OF_ADDRESS}',
    ),
    (HEAD + entry("{address: web}"), f'7: exemptions[0].match.address: "web" {OF_ADDRESS}'),
    (
        HEAD + entry("{resource: a}") + entry("{resource: b}"),
        "8: one: the id is taken by the exemption at exemptions.yaml:3; write another",
    ),
    (
        HEAD + entry("{resource: a}", name="Legacy SSH"),
        (
            '3: exemptions[0].id: "Legacy SSH" is not a name;'
            " write small letters, digits and single dashes"
        ),
    ),
]


@pytest.mark.parametrize(("text", "sentence"), REFUSED)
def test_refused(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "exemptions.yaml"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        load_exemptions([path], CLASSES)
    assert str(caught.value).replace(f"{tmp_path}/", "") == f"exemptions.yaml:{sentence}"
    assert [str(p) for p in lint([path], CLASSES, TODAY)] == list(caught.value.problems)


def test_several_lists_are_one(tmp_path: Path) -> None:
    for name in ("a", "b"):
        text = HEAD + entry(f"{{resource: sg-{name}}}", name)
        (tmp_path / f"{name}.yaml").write_text(text)
    both = load_exemptions([tmp_path / "a.yaml", tmp_path / "b.yaml"], CLASSES)
    assert [(e.id, Path(e.file).name, e.line) for e in both.entries] == [
        ("a", "a.yaml", 3),
        ("b", "b.yaml", 3),
    ]


def test_what_is_wrong_in_each_list_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(HEAD + entry("{}"))
    (tmp_path / "b.yaml").write_text("")
    with pytest.raises(ConfigurationError) as caught:
        load_exemptions([tmp_path / n for n in ("a.yaml", "b.yaml", "c.yaml")], CLASSES)
    assert {p.split(":")[0][-6:] for p in caught.value.problems} == {"a.yaml", "b.yaml", "c.yaml"}


def test_an_id_is_taken_in_all_lists() -> None:
    documents = [
        yamlfile.parse(name, (HEAD + entry("{resource: a}")).encode()) for name in ("a", "b")
    ]
    with pytest.raises(ConfigurationError) as caught:
        exemptions_of(documents, CLASSES)
    assert str(caught.value) == "b:3: one: the id is taken by the exemption at a:3; write another"


def test_lint_tells_what_expired_and_what_is_about_to(tmp_path: Path) -> None:
    days = {"gone": -1, "last": 0, "next": 1, "soon": 14, "later": 15}
    path = tmp_path / "e.yaml"
    path.write_text(
        HEAD
        + "".join(
            entry("{resource: sg-1}", name, str(TODAY + timedelta(days=n)))
            for name, n in days.items()
        )
    )
    problems = lint([path], CLASSES, TODAY)
    assert {p.severity for p in problems} == {"warning"}
    assert [(p.line, p.text) for p in problems] == [
        (3, "gone: expired on 2026-06-14 and no longer exempts; remove it"),
        (8, "last: expires today, on 2026-06-15; close the finding, or renew it"),
        (13, "next: expires tomorrow, on 2026-06-16; close the finding, or renew it"),
        (18, "soon: expires in 14 days, on 2026-06-29; close the finding, or renew it"),
    ]


def test_lint_tells_what_matches_nothing_that_is_known(tmp_path: Path) -> None:
    path = tmp_path / "e.yaml"
    path.write_text(
        HEAD
        + entry("{resource: sg-2}", "idle")
        + entry("{resource: sg-1}", "used")
        + entry("{address: 'module.b.*'}", "maybe")
    )
    problems = lint([path], CLASSES, TODAY, [Subject.of(FINDING)])
    assert [(p.line, p.text, p.severity) for p in problems] == [
        (3, "idle: matches none of the 1 known findings; correct or remove it", "warning")
    ]


def test_the_list_of_this_repository_is_valid_and_clean() -> None:
    path = Path(__file__).parents[2] / "exemptions.yaml"
    assert load_exemptions([path], CLASSES) == Exemptions()
    assert lint([path], CLASSES, TODAY) == []


@given(st.sets(st.sampled_from(["account", "region", "arn", "resource"])))
def test_to_know_less_never_turns_a_match_into_none(forgotten: set[str]) -> None:
    """Rule 1: what is not known may lower an answer to "unknown", never to "not exempt"."""
    known = {
        "account": GROUP.account,
        "region": GROUP.region,
        "arn": GROUP.arn,
        "resource": GROUP.id,
    }
    some = {key: None if key in forgotten else value for key, value in known.items()}
    resource = replace(
        GROUP,
        account=some["account"],
        region=some["region"],
        arn=some["arn"],
        id=some["resource"] or "",
    )
    subject = Subject.of(replace(FINDING, resource=resource))
    match = f"{{account: 123456789012, region: eu-*, arn: '{ARN}', resource: sg-1}}"
    answer = listed(entry(match)).exempt_on(TODAY, subject)
    assert isinstance(answer, Exempt if not forgotten else (Exempt, Undecided))


@given(st.text(alphabet='ab.[]"0*?\\', max_size=12), st.text(alphabet='ab.[]"0', max_size=12))
def test_globs_are_stars_and_question_marks_alone(pattern: str, value: str) -> None:
    translated = "".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern)
    assert matches(pattern, value) is (re.fullmatch(translated, value, re.DOTALL) is not None)
