"""The demo's world: an emulated AWS, an infrastructure repository with findings, a bare remote.

Used by `remediator demo` and by the end-to-end tests, with the demo's own applier or with the
real terraform.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from importlib.resources import as_file, files
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from remediator.embedded.applier import Applier, OwnApplier, RealApplier
from remediator.embedded.aws import EmbeddedAws
from remediator.model import ConfigurationError

T = TypeVar("T")

REGION = "us-east-1"
BUCKET = "example-terraform-states"
ROOTS = ("live/data", "live/prod", "live/staging")
CONFIG_RULES = {
    "restricted-ssh": "INCOMING_SSH_DISABLED",
    "restricted-rdp": "RESTRICTED_INCOMING_TRAFFIC",
}
EXPECTED: Mapping[str, tuple[str, ...]] = {
    "web-admin": ("merged",),
    "windows-jobs": ("merged", "merged"),
    "build-box-prod": ("merged",),
    "build-box-staging": ("merged",),
    "workbench-data": ("merged",),
    "public-web": ("alerted",),
    "bastion-eu": ("proposed",),
    "legacy-appliance": ("proposed",),
    "metrics": ("proposed",),
    "partner-transfer": ("exempted",),
    "support": ("refused",),
    "warehouse": ("drifted",),
    "console-made": ("unmanaged",),
}
"""By group name: how its findings must end in the first run."""

_EXEMPTIONS = """\
version: 1
exemptions:
  - id: partner-transfer
    owner: partner-team@example.com
    reason: The partner's addresses change daily until its gateway is replaced
    expires: {expires}
    match:
      class: open-admin-port
      address: aws_security_group.partner
"""

_CONFIGURATION = """\
version: 1
mode: enforce # without this line a run only observes
repository:
  path: infrastructure
aws:
  regions: [{region}]
  endpoint_url: {endpoint} # the emulated AWS of the demo
exemptions: infrastructure/exemptions.yaml
"""


class Stage:
    """A context manager. `folder` must be there, and empty. After it the folder stays.

    The repository is that of `source`, or else of the folders that are `shipped` here.
    """

    def __init__(
        self,
        folder: Path,
        terraform: bool,
        today: date,
        source: Path | None = None,
        roots: Sequence[str] = ROOTS,
        shipped: Sequence[str] = ("infrastructure",),
    ) -> None:
        self.folder, self._terraform, self._today = folder, terraform, today
        self._source, self._shipped, self.roots = source, tuple(shipped), tuple(roots)
        self.checkout, self.remote = folder / "infrastructure", folder / "remote.git"
        self.config = folder / "remediator.yaml"
        self.aws = EmbeddedAws()

    def __enter__(self) -> Self:
        self.aws.__enter__()
        self._applier = self._make_applier()
        self.session = self.aws.session([REGION])
        self._repository()
        text = _CONFIGURATION.format(region=REGION, endpoint=self.aws.endpoint)
        self.config.write_text(text, encoding="utf-8")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.aws.__exit__(kind, error, trace)

    @property
    def ec2(self) -> Any:
        return self.client("ec2")

    def client(self, service: str) -> Any:
        """Of boto3, for any service of the embedded AWS."""
        make: Any = self.session.client
        return make(service, REGION)

    def git(self, *arguments: str, folder: Path | None = None) -> str:
        return _git(folder or self.checkout, *arguments)

    def apply(self) -> None:
        """Applies the remote's main branch, as a pipeline would, and stores the states in S3."""
        place = self._pipeline()
        s3 = self.client("s3")

        def one(root: str) -> None:
            state = self._applier.apply(place, root, self.client)
            s3.put_object(Bucket=BUCKET, Key=f"{root}.tfstate", Body=state)

        self._each(self.roots, one)

    def plan(
        self, *branches: str, roots: Sequence[str] = ()
    ) -> dict[str, dict[str, tuple[str, ...]]]:
        """What applying main would do now, by root and address, were these branches merged too.

        Of these roots, or of all. Only the real terraform can say.
        """
        applier = self._applier
        assert isinstance(applier, RealApplier)
        place = self._pipeline()
        for branch in branches:
            _git(place, "merge", "--quiet", "--no-edit", f"origin/{branch}")
        wanted = tuple(roots) or self.roots
        plans = self._each(wanted, lambda root: applier.plan(place, root))
        return dict(zip(wanted, plans, strict=True))

    def _pipeline(self) -> Path:
        """A clone of its own, at the remote's main branch as it is now."""
        place = self.folder / "applied"
        if not place.exists():
            _git(self.folder, "clone", "--quiet", str(self.remote), str(place))
        _git(place, "fetch", "--quiet", "--prune", "origin")
        _git(place, "reset", "--quiet", "--hard", "origin/main")
        return place

    def _each(self, roots: Sequence[str], work: Callable[[str], T]) -> list[T]:
        """terraform takes its time, so two of them at once; our own applier is quick."""
        with ThreadPoolExecutor(max_workers=2 if self._terraform else 1) as pool:
            return list(pool.map(work, roots))

    def open_by_hand(self) -> None:
        """What somebody did in the console: a rule in a managed group, and a group of its own."""
        ec2 = self.ec2
        named = [{"Name": "group-name", "Values": ["warehouse"]}]
        (warehouse,) = ec2.describe_security_groups(Filters=named)["SecurityGroups"]
        made = ec2.create_security_group(GroupName="console-made", Description="A quick test")
        for group in (warehouse["GroupId"], made["GroupId"]):
            ec2.authorize_security_group_ingress(
                GroupId=group,
                IpPermissions=[
                    {
                        "IpProtocol": "tcp",
                        "FromPort": 22,
                        "ToPort": 22,
                        "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
                    }
                ],
            )

    def prepare_aws(self) -> None:
        """The state bucket and the AWS Config rules."""
        s3 = self.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        config = self.client("config")
        for name, identifier in CONFIG_RULES.items():
            source = {"Owner": "AWS", "SourceIdentifier": identifier}
            config.put_config_rule(ConfigRule={"ConfigRuleName": name, "Source": source})

    def groups(self) -> dict[str, str]:
        """Security group names by id."""
        found = self.ec2.describe_security_groups()["SecurityGroups"]
        return {g["GroupId"]: g["GroupName"] for g in found}

    @property
    def environment(self) -> Mapping[str, str]:
        """For a terraform that judges: what leads it here. None where there is none."""
        applier = self._applier
        return applier.environment if isinstance(applier, RealApplier) else {}

    def _make_applier(self) -> Applier:
        if not self._terraform:
            return OwnApplier()
        return RealApplier(self.folder, self.aws.endpoint, REGION, os.environ)

    def _repository(self) -> None:
        with as_file(files("remediator.embedded")) as here:
            for place in [self._source] if self._source else [here / n for n in self._shipped]:
                shutil.copytree(place, self.checkout, dirs_exist_ok=True)
        expires = self._today + timedelta(days=90)
        exemptions = self.checkout / "exemptions.yaml"
        exemptions.write_text(_EXEMPTIONS.format(expires=expires), encoding="utf-8")
        _git(self.folder, "init", "--quiet", "--bare", "-b", "main", str(self.remote))
        for arguments in (
            ("init", "--quiet", "-b", "main"),
            ("add", "--all"),
            ("commit", "--quiet", "-m", "Infrastructure as it was found"),
            ("remote", "add", "origin", str(self.remote)),
            ("push", "--quiet", "origin", "main"),
        ):
            _git(self.checkout, *arguments)


def _git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Engineer", "-c", "user.email=engineer@example.com")
    done = subprocess.run(
        ["git", "-C", str(folder), *identity, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if done.returncode:
        raise ConfigurationError(f"git {arguments[0]} failed: {done.stderr.strip()}")
    return done.stdout
