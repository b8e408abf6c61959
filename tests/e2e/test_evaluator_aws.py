"""The evaluator against the real AWS provider: what it holds after an apply to the embedded AWS."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from judged import configuration
from judged_aws import judged_aws

if TYPE_CHECKING:
    from conftest import NewTerraform

    from remediator.embedded.aws import EmbeddedAws

pytestmark = pytest.mark.e2e

CONFIGURATIONS = Path(__file__).parent / "configurations" / "aws"


def test_no_known_value_differs(
    embedded_server: EmbeddedAws, terraform_cli: NewTerraform, tmp_path: Path
) -> None:
    embedded_server.reset()
    folder = tmp_path / "root"
    shutil.copytree(CONFIGURATIONS, folder)
    of = configuration(folder)
    terraform = terraform_cli(folder)
    terraform.init()
    terraform.apply()
    verdict = judged_aws(of, terraform.show()["values"])
    values = verdict.known + verdict.unknown
    sys.stdout.write(f"AWS: {values} values, {verdict.unknown} of them unknown\n")
    assert not verdict.wrong, "\n".join(verdict.wrong)
    assert verdict.unknown <= values * 0.06
