"""The table of dispositions for security groups, a row by its name and through the whole loop.

On the demo's groups and the embedded AWS, with what the demo's other scanner reports.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from commandline import Ran, run

from remediator.embedded import reported
from remediator.embedded.stage import Stage


@dataclass(frozen=True)
class Ended:
    ran: Ran
    names: dict[str, str]

    def of(self, name: str, finding_class: str) -> list[dict[str, object]]:
        """The outcomes of a group's findings, by the group's name."""
        return [
            o
            for o in self.ran.outcomes
            if o["finding"]["class"] == finding_class
            and self.names.get(o["finding"]["resource"].rpartition("/")[2]) == name
        ]


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ended]:
    folder = tmp_path_factory.mktemp("world")
    with Stage(folder, False, datetime.now(UTC).date()) as stage:
        stage.prepare_aws()
        stage.apply()
        ran = run(stage, "--findings", reported.report(stage))
        yield Ended(ran, stage.groups())


@pytest.mark.parametrize(
    ("name", "finding_class", "outcome", "row"),
    [
        pytest.param(name, finding_class, outcome, row, id=label)
        for label, name, finding_class, outcome, row in (
            (
                "0.0.0.0/0 ingress on 22",
                *("web-admin", "open-admin-port", "merged", "open-admin-port: auto"),
            ),
            (
                "0.0.0.0/0 ingress on 3389, ::/0 on 22",
                *("windows-jobs", "open-admin-port", "merged", "open-admin-port: auto"),
            ),
            (
                "the same on a bastion's group",
                *("bastion-eu", "open-admin-port", "proposed", "open-admin-port-bastion: review"),
            ),
            (
                "0.0.0.0/0 ingress on 80 or 443",
                *("public-web", "open-web-port", "alerted", "open-web-port: alert"),
            ),
            (
                "0.0.0.0/0 ingress on another port",
                *("metrics", "open-port", "proposed", "open-port: review"),
            ),
            (
                "0.0.0.0/0 ingress on a range wider than 22",
                *(
                    "legacy-appliance",
                    "open-admin-port",
                    "proposed",
                    "open-admin-port-wider: review",
                ),
            ),
            (
                "egress rules",
                *("public-web", "open-egress", "exempted", "open-egress: exempt"),
            ),
        )
    ],
)
def test_a_row_of_the_table(
    ended: Ended, name: str, finding_class: str, outcome: str, row: str
) -> None:
    found = ended.of(name, finding_class)
    assert {o["outcome"] for o in found} == {outcome}
    for one in found:
        checks = one["checks"]
        assert isinstance(checks, list)
        said = [c["detail"] for c in checks if c["name"] == "policy"]
        assert any(text.startswith(row) for text in said), said
        assert bool(one["edits"]) is (outcome in ("merged", "proposed"))


def test_anything_on_the_exemption_list(ended: Ended) -> None:
    (found,) = ended.of("partner-transfer", "open-admin-port")
    assert (found["outcome"], found["edits"]) == ("exempted", [])
