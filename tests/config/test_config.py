"""remediator.yaml: defaults, what is read, and what is refused with which sentence."""

from datetime import timedelta
from pathlib import Path

import pytest

from remediator.config import DEFAULT_RULES, Config, Mode, load
from remediator.model import ConfigurationError


def written(folder: Path, text: str) -> Path:
    path = folder / "remediator.yaml"
    path.write_text(text)
    return path


def refusal(folder: Path, text: str) -> str:
    path = written(folder, text)
    with pytest.raises(ConfigurationError) as caught:
        load(path)
    return "\n".join(p.replace(f"{folder}/", "") for p in caught.value.problems)


def test_without_a_file_it_observes(tmp_path: Path) -> None:
    config = load(directory=tmp_path)
    assert config.mode is Mode.OBSERVE
    assert config.repository.path == tmp_path
    assert config.exemptions == ()
    assert config.sources.aws_config is not None
    assert config.sources.aws_config.identifiers == frozenset(DEFAULT_RULES)
    assert config.limits.evidence_max_age == timedelta(hours=24)


def test_a_file_with_a_version_alone_is_the_defaults(tmp_path: Path) -> None:
    defaults = load(directory=tmp_path)
    assert load(written(tmp_path, "version: 1\n")) == defaults
    assert load(directory=tmp_path) == defaults


def test_default_exemptions_are_taken_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "exemptions.yaml").write_text("version: 1\nexemptions: []\n")
    assert load(directory=tmp_path).exemptions == (tmp_path / "exemptions.yaml",)
    assert load(written(tmp_path, "version: 1\n")).exemptions == (tmp_path / "exemptions.yaml",)


def test_a_broken_link_is_not_an_absent_list(tmp_path: Path) -> None:
    link = tmp_path / "exemptions.yaml"
    link.symlink_to(tmp_path / "gone")
    assert load(directory=tmp_path).exemptions == (link,)


def test_a_folder_of_a_repository_has_its_tops(tmp_path: Path) -> None:
    (tmp_path / "live/prod").mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    (tmp_path / "mine.yaml").write_text("")
    written(tmp_path, "version: 1\nmode: enforce\nexemptions: mine.yaml\n")
    config = load(directory=tmp_path / "live/prod")
    assert config.mode is Mode.ENFORCE
    assert config.repository.path.samefile(tmp_path)
    assert [p.samefile(tmp_path / "mine.yaml") for p in config.exemptions] == [True]


def test_the_nearest_one_holds_alone(tmp_path: Path) -> None:
    (tmp_path / "live/prod").mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    written(tmp_path, "version: 1\nmode: enforce\n")
    written(tmp_path / "live", "version: 1\n")
    (tmp_path / "live/prod/exemptions.yaml").write_text("version: 1\nexemptions: []\n")
    config = load(directory=tmp_path / "live/prod")
    assert (config.mode, config.exemptions) == (Mode.OBSERVE, ())
    assert config.repository.path.samefile(tmp_path / "live")


@pytest.mark.parametrize("git", [None, "live/.git", "live/prod/.git"])
def test_what_is_above_the_repository_is_not_looked_at(tmp_path: Path, git: str | None) -> None:
    (tmp_path / "live/prod").mkdir(parents=True)
    if git:
        (tmp_path / git).mkdir()
    written(tmp_path, "version: 1\nmode: enforce\n")
    assert load(directory=tmp_path / "live/prod").mode is Mode.OBSERVE


def test_a_configuration_that_is_a_broken_link_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "live").mkdir()
    (tmp_path / ".git").mkdir()
    written(tmp_path, "version: 1\n")
    (tmp_path / "live/remediator.yaml").symlink_to(tmp_path / "gone")
    with pytest.raises(ConfigurationError, match="there is no such file"):
        load(directory=tmp_path / "live")


def test_paths_are_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "mine.yaml").write_text("")
    text = """\
version: 1
repository: {path: ../infra}
exemptions: mine.yaml
policy: mine.yaml
roots:
  - {path: ./live/prod/, state: states/prod.tfstate}
  - {path: live/dev, state: [s3://states/dev/a.tfstate, /srv/b.tfstate]}
"""
    config = load(written(tmp_path / "conf", text))
    conf = tmp_path / "conf"
    assert config.repository.path == conf / "../infra"
    assert config.exemptions == (conf / "mine.yaml",)
    assert config.policy == conf / "mine.yaml"
    assert [(r.path, r.state) for r in config.roots] == [
        ("live/prod", (str(conf / "states/prod.tfstate"),)),
        ("live/dev", ("s3://states/dev/a.tfstate", "/srv/b.tfstate")),
    ]


def test_rules_by_identifier_and_by_name(tmp_path: Path) -> None:
    text = 'version: 1\nsources: {aws_config: {rules: [A_RULE, "name:restricted-rdp"]}}\n'
    source = load(written(tmp_path, text)).sources.aws_config
    assert source is not None
    assert source.identifiers == {"A_RULE"}
    assert source.names == {"restricted-rdp"}


def test_a_source_may_be_off(tmp_path: Path) -> None:
    text = "version: 1\nsources: {aws_config: null}\n"
    assert load(written(tmp_path, text)).sources.aws_config is None


def test_more_bastions_do_not_lose_those_known_by_name(tmp_path: Path) -> None:
    text = 'version: 1\nmarkers: {bastion: {arns: "*:sg-1"}, break-glass: {names: [emergency]}}\n'
    markers = load(written(tmp_path, text)).markers
    assert markers["bastion"].names == ("*bastion*", "*jump*")
    assert markers["bastion"].arns == ("*:sg-1",)
    assert markers["break-glass"].names == ("emergency",)


def test_exemptions_of_several_checkouts(tmp_path: Path) -> None:
    """One central list, beside the repository's own."""
    for folder in ("security", "infrastructure"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "exemptions.yaml").write_text("version: 1\nexemptions: []\n")
    text = "version: 1\nexemptions: [exemptions.yaml, ../security/exemptions.yaml]\n"
    found = load(written(tmp_path / "infrastructure", text)).exemptions
    assert [p.resolve().parent.name for p in found] == ["infrastructure", "security"]


def test_other_markers_leave_the_bastions(tmp_path: Path) -> None:
    text = "version: 1\nmarkers: {break-glass: {names: [emergency]}, pci: {names: [pay]}}\n"
    markers = load(written(tmp_path, text)).markers
    assert set(markers) == {"bastion", "break-glass", "production", "pci"}
    assert markers["break-glass"].names == ("emergency",)
    assert "BreakGlass" in markers["break-glass"].tags


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("203.0.113.7/32", "203.0.113.7/32"),
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("2001:DB8:0::/48", "2001:db8::/48"),
        ("fd00::/8", "fd00::/8"),
    ],
)
def test_approved_networks_are_kept_as_aws_writes_them(
    tmp_path: Path, given: str, kept: str
) -> None:
    config = load(written(tmp_path, f'version: 1\napproved_admin_cidrs: ["{given}"]\n'))
    assert config.approved_admin_cidrs == (kept,)


def test_terraform_by_name_and_by_path(tmp_path: Path) -> None:
    for given, kept in {
        "tofu": "tofu",
        "bin/terraform": str(tmp_path / "bin/terraform"),
        "/opt/terraform": "/opt/terraform",
    }.items():
        text = f"version: 1\nterraform: {{binary: {given}}}\n"
        assert load(written(tmp_path, text)).terraform.binary == kept


def test_variable_files_by_root(tmp_path: Path) -> None:
    text = "version: 1\nterraform: {var_files: {./live/prod/: [a.tfvars, ./b//c.tfvars], .: d}}\n"
    found = load(written(tmp_path, text)).terraform.files()
    assert found == {"live/prod": ("a.tfvars", "b/c.tfvars"), "": ("d",)}


def test_a_configuration_does_not_change() -> None:
    config = Config(version=1)
    with pytest.raises(ValueError, match="frozen"):
        setattr(config, "mode", Mode.ENFORCE)  # noqa: B010 - the type checker refuses it, too


CIDR = "write one such as 203.0.113.0/24"
ADMINS = "write the networks that administrators come from"

REFUSED = [
    ("mode: observe\n", "1: version is missing; write for example version: 1"),
    ("version: 2\n", "1: version: version 2 is not known here; write 1, or update Remediator"),
    ("version: yes\n", '1: version: "yes" is not a whole number; write one, without quotes'),
    ("version: true\n", "1: version: true is not a whole number; write one, without quotes"),
    ("- version: 1\n", "1: a list is not a mapping; write key: value, a line for each"),
    ("version: 1\nmoed: enforce\n", "2: moed: there is no such key; write mode"),
    (
        "version: 1\nlimits:\n  zzz: 1\n",
        (
            "3: limits.zzz: there is no such key; known are apply_within_hours, "
            "evidence_max_age_hours, grant_grace_days, max_changes, push_attempts, session_hours, "
            "session_margin_hours"
        ),
    ),
    (
        "version: 1\nlimits:\n  max_changes: 0\n",
        '3: limits.max_changes: "0" is no limit; write a number such as 20, or "10%"',
    ),
    (
        "version: 1\nlimits:\n  max_changes: 101%\n",
        '3: limits.max_changes: "101%" is no limit; write a number such as 20, or "10%"',
    ),
    (
        "version: 1\naws:\n  accounts: ['12']\n",
        '3: aws.accounts[0]: "12" is not an account; write its twelve digits, in quotes',
    ),
    (
        "version: 1\naws:\n  role: 'a role'\n",
        '3: aws.role: "a role" is not a role; write its name, with its path if it has one',
    ),
    (
        "version: 1\ntrusted_accounts: [vendor]\n",
        '2: trusted_accounts[0]: "vendor" is not an account; write its twelve digits, in quotes',
    ),
    (
        "version: 1\nroots:\n- path: a\n  stat: x\n",
        "4: roots[0].stat: there is no such key; write state",
    ),
    (
        "version: 1\nmarkers:\n  x:\n    name: y\n",
        "4: markers.x.name: there is no such key; write names",
    ),
    (
        "version: 1\nsources:\n  aws_config:\n    rule: [A]\n",
        "4: sources.aws_config.rule: there is no such key; write rules",
    ),
    (
        "version: 1\n\nmode: enforced\n",
        "3: mode: \"enforced\" is not known; write 'observe' or 'enforce'",
    ),
    ("version: 1\nmode:\n", "2: mode: has no value; write one, or remove the key"),
    (
        "version: 1\naws: [eu-west-1]\n",
        "2: aws: a list is not a mapping; write key: value, a line for each",
    ),
    (
        "version: 1\naws:\n  regions: eu-west-1\n",
        (
            '3: aws.regions: "eu-west-1" is not a list; write [first, second],'
            " or a line with a dash for each"
        ),
    ),
    (
        "version: 1\naws:\n  regions:\n  - eu-west-1\n  - Frankfurt\n",
        '5: aws.regions[1]: "Frankfurt" is not a region; write one such as eu-central-1',
    ),
    (
        "version: 1\naws: {endpoint_url: localhost}\n",
        '2: aws.endpoint_url: "localhost" is not an address; write http:// or https:// and a host',
    ),
    (
        "version: 1\nsources:\n  live_rules: yes\n",
        (
            '3: sources.live_rules: "yes" is neither true nor false; write one of the two,'
            " without quotes"
        ),
    ),
    (
        "version: 1\nsources: {aws_config: null, live_rules: false}\n",
        "2: sources: every source is off, so nothing would be found; leave one on",
    ),
    (
        "version: 1\nsources: {aws_config: {rules: []}}\n",
        (
            "2: sources.aws_config.rules: is empty; write a rule, or aws_config: null to switch the"
            " source off"
        ),
    ),
    (
        "version: 1\nsources: {aws_config: {rules: [restricted-ssh]}}\n",
        (
            '2: sources.aws_config.rules[0]: "restricted-ssh" is not a rule; write a managed'
            " rule's identifier such as INCOMING_SSH_DISABLED, or name: and the rule's name"
        ),
    ),
    (
        "version: 1\nrepository: {base: --force}\n",
        '2: repository.base: "--force" is not the name of a branch; write one such as main',
    ),
    (
        "version: 1\nrepository: {remote: --upload-pack=x}\n",
        (
            '2: repository.remote: "--upload-pack=x" is not the name of a remote;'
            " write one such as origin"
        ),
    ),
    ('version: 1\nrepository: {path: ""}\n', "2: repository.path: is empty; write a text"),
    (
        "version: 1\nrepository: {path: 3}\n",
        "2: repository.path: 3 is not text; put it in quotes",
    ),
    (
        "version: 1\nroots: [{state: a}]\n",
        "2: roots[0]: path is missing; write for example path: live/prod",
    ),
    (
        "version: 1\nroots:\n- path: ../other\n",
        (
            '3: roots[0].path: "../other" is not inside the repository;'
            " write a path from the repository's top such as live/prod"
        ),
    ),
    (
        "version: 1\nroots:\n- {path: a, state: 's3://b'}\n",
        '3: roots[0].state[0]: "s3://b" is not a state; write a file or s3://bucket/key',
    ),
    (
        "version: 1\nroots:\n- path: a\n- path: ./a\n",
        '2: roots: "a" with workspace "default" is listed twice; remove one of the two',
    ),
    (
        "version: 1\nmarkers: {x: {}}\n",
        "2: markers: x marks nothing; write its tags, names or arns",
    ),
    (
        "version: 1\nmarkers:\n  Break Glass: {names: [x]}\n",
        (
            '3: markers["Break Glass"]: "Break Glass" is not a name; write small letters,'
            " digits and single dashes"
        ),
    ),
    (
        "version: 1\nmarkers: {x: {arns: [sg-1]}}\n",
        (
            '2: markers.x.arns[0]: "sg-1" cannot match an ARN;'
            " write a pattern that begins with arn: or *"
        ),
    ),
    (
        'version: 1\nmarkers: {x: {names: [""]}}\n',
        "2: markers.x.names[0]: is empty, and an empty pattern matches nothing; remove the key",
    ),
    (
        "version: 1\napproved_admin_cidrs: [0.0.0.0/0]\n",
        f'2: approved_admin_cidrs[0]: "0.0.0.0/0" is the whole world; {ADMINS}',
    ),
    (
        "version: 1\napproved_admin_cidrs:\n- 10.0.0.0/8\n- '::/0'\n",
        f'4: approved_admin_cidrs[1]: "::/0" is the whole world; {ADMINS}',
    ),
    (
        "version: 1\napproved_admin_cidrs: [128.0.0.0/1]\n",
        f'2: approved_admin_cidrs[0]: "128.0.0.0/1" is wider than /8; {ADMINS}',
    ),
    (
        "version: 1\napproved_admin_cidrs: [12.0.0.0/8, 13.0.0.0/8]\n",
        (
            "2: approved_admin_cidrs: together these hold 12.0.0.0/7, which is wider than /8;"
            f" {ADMINS}"
        ),
    ),
    (
        "version: 1\napproved_admin_cidrs: [203.0.113.7]\n",
        f'2: approved_admin_cidrs[0]: "203.0.113.7" is not a CIDR; {CIDR}',
    ),
    (
        "version: 1\napproved_admin_cidrs: [300.0.0.0/8]\n",
        f'2: approved_admin_cidrs[0]: "300.0.0.0/8" is not a CIDR; {CIDR}',
    ),
    (
        "version: 1\napproved_admin_cidrs: [10.1.2.3/16]\n",
        '2: approved_admin_cidrs[0]: "10.1.2.3/16" has bits beyond its prefix; write 10.1.0.0/16',
    ),
    (
        "version: 1\nlimits: {push_attempts: 0}\n",
        "2: limits.push_attempts: 0 is too small; write at least 1",
    ),
    (
        "version: 1\nlimits: {push_attempts: 51}\n",
        "2: limits.push_attempts: 51 is too large; write at most 50",
    ),
    (
        "version: 1\nterraform:\n  var_files:\n    live/prod: ../prod.tfvars\n",
        (
            '4: terraform.var_files["live/prod"][0]: "../prod.tfvars" is not inside the repository;'
            " write a path from the repository's top such as live/prod"
        ),
    ),
    (
        "version: 1\nterraform: {plan: yes}\n",
        (
            '2: terraform.plan: "yes" is neither true nor false; write one of the two,'
            " without quotes"
        ),
    ),
    (
        "version: 1\nterraform: {timeout_seconds: 5}\n",
        "2: terraform.timeout_seconds: 5 is too small; write at least 10",
    ),
    (
        "version: 1\nterraform: {binary: ''}\n",
        "2: terraform.binary: is empty; write a text",
    ),
    (
        "version: 1\nterraform: {endpoint: x}\n",
        (
            "2: terraform.endpoint: there is no such key; known are binary, plan, refresh,"
            " timeout_seconds, var_files"
        ),
    ),
    (
        'version: 1\nlimits: {evidence_max_age_hours: "24"}\n',
        '2: limits.evidence_max_age_hours: "24" is not a whole number; write one, without quotes',
    ),
    (
        'version: 1\nidentity: {email: "a b@c"}\n',
        '2: identity.email: "a b@c" is not an e-mail address; write name@host',
    ),
    (
        'version: 1\nidentity: {name: "a <b"}\n',
        '2: identity.name: "a <b" has an angle bracket, which git cannot keep; remove it',
    ),
]


@pytest.mark.parametrize(("text", "sentence"), REFUSED)
def test_refused(tmp_path: Path, text: str, sentence: str) -> None:
    assert refusal(tmp_path, text) == f"remediator.yaml:{sentence}"


def test_what_cannot_be_seen_is_shown_escaped(tmp_path: Path) -> None:
    sentence = refusal(tmp_path, "version: 1\nmode: \u202eecrofne\n")
    assert '2: mode: "\\u202eecrofne" is not known' in sentence


def test_a_long_value_is_cut(tmp_path: Path) -> None:
    assert len(refusal(tmp_path, f"version: 1\nmode: {'x' * 5000}\n")) < 200


def test_all_that_is_wrong_is_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    sentences = refusal(tmp_path, "version: 1\nmode: on\nlimits: {push_attempts: 0}\nx: 1\n")
    assert [s.split(":")[1] for s in sentences.splitlines()] == ["2", "3", "4"]


def test_a_configuration_that_was_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path / "other.yaml")
    assert str(caught.value) == f"{tmp_path}/other.yaml: there is no such file"


def test_files_that_were_named_must_be_there(tmp_path: Path) -> None:
    text = "version: 1\nexemptions:\n- a.yaml\n- b.yaml\npolicy: p.yaml\n"
    (tmp_path / "a.yaml").write_text("")
    assert refusal(tmp_path, text).splitlines() == [
        "remediator.yaml:4: exemptions[1]: there is no file b.yaml; create it, or remove it here",
        "remediator.yaml:5: policy: there is no file p.yaml; create it, or remove it here",
    ]


def test_the_default_list_must_be_there_once_it_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path, "version: 1\nexemptions: exemptions.yaml\n") == (
        "remediator.yaml:2: exemptions[0]: there is no file exemptions.yaml;"
        " create it, or remove it here"
    )
