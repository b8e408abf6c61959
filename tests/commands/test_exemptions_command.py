"""`remediator exemptions check`: the list, linted like code."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from commandline import Ran, remediator

TODAY = datetime.now(UTC).date()
ENTRY = """\
  - id: {id}
    owner: team@example.com
    reason: The vendor's gateway is not there yet
    expires: {expires}
    match:
      class: open-admin-port
      address: aws_security_group.partner
"""


def written(folder: Path, *entries: str, head: str = "version: 1\nexemptions:\n") -> Path:
    file = folder / "exemptions.yaml"
    file.write_text(head + "".join(entries))
    return file


def entry(name: str = "one", days: int = 200, **replaced: str) -> str:
    text = ENTRY.format(id=name, expires=TODAY + timedelta(days=days))
    for old, new in replaced.items():
        text = "".join(
            f"{line[: len(line) - len(line.lstrip())]}{new}\n" if f"{old}:" in line else f"{line}\n"
            for line in text.splitlines()
            if new or f"{old}:" not in line
        )
    return text


def check(*files: Path) -> Ran:
    return remediator("exemptions", "check", *files)


def test_a_good_list(tmp_path: Path) -> None:
    ran = check(written(tmp_path, entry()))
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.endswith("exemptions.yaml: nothing to correct\n")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (entry(owner=""), 3, "owner"),
        (entry(reason=""), 3, "reason"),
        (entry(expires=""), 3, "expires"),
        (entry(expires="expires: someday"), 6, "someday"),
        (entry(expires="expires: 2026-02-30"), 6, "2026-02-30"),
        (entry(reason="reason: Because\n    colour: red"), 6, "colour"),
        (entry(**{"class": "class: open-umbrella"}), 8, "open-umbrella"),
        (entry() + entry(), 10, "one"),
        (entry(days=-3), 3, "expired on"),
    ],
    ids=["owner", "reason", "expiry", "no date", "no day", "key", "class", "twice", "expired"],
)
def test_what_is_wrong_has_its_line_and_status_1(
    tmp_path: Path, text: str, line: int, words: str
) -> None:
    ran = check(written(tmp_path, text))
    assert ran.status == 1
    (problem,) = ran.out.splitlines()
    assert f"exemptions.yaml:{line}:" in problem
    assert words in problem


def test_one_that_expires_soon_is_only_told(tmp_path: Path) -> None:
    ran = check(written(tmp_path, entry(days=3)))
    assert ran.status == 0
    assert "exemptions.yaml:3: one: expires in 3 days" in ran.out


PLACES = [("a", 3), ("a", 9), ("b", 3), ("b", 9)]


def test_every_problem_of_every_file_is_told(tmp_path: Path) -> None:
    one, two = tmp_path / "a", tmp_path / "b"
    one.mkdir()
    two.mkdir()
    files = [
        written(one, entry(owner=""), entry("b", reason="")),
        written(two, entry("c", owner=""), entry("d", reason="")),
    ]
    ran = check(*files)
    assert ran.status == 1
    places = [line.partition(": ")[0].removeprefix(f"{tmp_path}/") for line in ran.out.splitlines()]
    assert places == [f"{name}/exemptions.yaml:{line}" for name, line in PLACES]


def test_an_expired_entry_is_told_beside_one_that_is_wrong(tmp_path: Path) -> None:
    ran = check(written(tmp_path, entry(owner=""), entry("b", days=-1)))
    assert "owner" in ran.out
    assert "exemptions.yaml:9: b: expired on" in ran.out


def test_an_id_is_told_to_be_taken_beside_an_entry_that_is_wrong(tmp_path: Path) -> None:
    ran = check(written(tmp_path, entry(owner=""), entry("b"), entry("b")))
    assert len(ran.out.splitlines()) == 2
    assert "b: the id is taken by the exemption at" in ran.out


def test_nothing_is_said_of_entries_whose_meaning_is_not_known(tmp_path: Path) -> None:
    ran = check(written(tmp_path, entry(days=-1), head="version: 2\nexemptions:\n"))
    (problem,) = ran.out.splitlines()
    assert "version" in problem


@pytest.mark.parametrize("text", ["version: 1\nexemptions: [", "- 1\n", "\0", "a: &a [*a]\n"])
def test_what_is_no_list_at_all(tmp_path: Path, text: str) -> None:
    ran = check(written(tmp_path, head=text))
    assert ran.status in (1, 2)
    assert "exemptions.yaml:" in ran.out + ran.err


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    ran = check(tmp_path / "none.yaml")
    assert ran.status in (1, 2)
    assert "none.yaml" in ran.out + ran.err


def test_the_list_of_the_configuration_is_taken(tmp_path: Path) -> None:
    written(tmp_path, entry(owner=""))
    (tmp_path / "remediator.yaml").write_text("version: 1\n")
    ran = remediator("exemptions", "check", folder=tmp_path)
    assert ran.status == 1
    assert "owner" in ran.out


def test_no_list_at_all_says_what_to_do(tmp_path: Path) -> None:
    ran = remediator("exemptions", "check", folder=tmp_path)
    assert ran.status == 2
    assert "there is no exemption list: name a file" in ran.err
