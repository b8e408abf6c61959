"""A repository of Terraform files as large companies have them: pure, and the same for one seed.

Roots under live/<environment>/<team>/<service>, shared modules under modules/, 3 to 8 files a
directory, 2.2 KB a file on average. The first `findings` roots hold an offending group each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from benchmarks import blocks

ENVIRONMENTS = ("prod", "staging", "dev")
TEAMS = (
    *("payments", "identity", "search", "checkout", "catalog", "billing", "logistics", "fraud"),
    *("data", "media", "mobile", "web", "platform", "security", "support", "partners", "maps"),
)
WORDS = (
    *("api", "worker", "queue", "cache", "ingest", "export", "report", "audit", "ledger"),
    *("index", "proxy", "batch", "stream", "mirror", "gateway", "relay", "router", "broker"),
    *("runner", "vault", "store", "archive", "metrics", "events", "profile", "session"),
)
SIZES = ("large", "xlarge", "2xlarge", "4xlarge")
MEAN_FILE_BYTES = 2200
ADDRESS = "aws_security_group.admin"

_ROOT_FILES = ("versions.tf", "main.tf", "variables.tf")
_MODULE_FILES = ("variables.tf", "main.tf", "outputs.tf")
_MORE_FILES = (
    *("iam.tf", "storage.tf", "security_groups.tf"),
    *("compute.tf", "locals.tf", "outputs.tf"),
)
_FILLERS: Mapping[str, tuple[str, ...]] = {
    "main.tf": (blocks.INSTANCE, blocks.BUCKET, blocks.SECURITY_GROUP),
    "variables.tf": (blocks.VARIABLE,),
    "outputs.tf": (blocks.OUTPUT,),
    "locals.tf": (blocks.LOCALS,),
    "iam.tf": (blocks.ROLE, blocks.ROLE, blocks.HEREDOC_POLICY),
    "compute.tf": (blocks.INSTANCE,),
    "storage.tf": (blocks.BUCKET,),
    "security_groups.tf": (blocks.SECURITY_GROUP,) * 5 + (blocks.WEB_RULE,),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A directory: a root module, or a shared one where `environment` is empty."""

    directory: str
    environment: str
    team: str
    service: str
    files: tuple[str, ...]

    @property
    def is_root(self) -> bool:
        return bool(self.environment)


@dataclass(frozen=True, slots=True)
class Offence:
    """An offending group: its name in AWS, its root, its address and file in it."""

    group: str
    root: str
    address: str
    file: str


def group_name(number: int) -> str:
    """What the offending group of the finding with this number, from 0, is called in AWS."""
    return f"admin-{number:04d}"


def planned(files: int, findings: int, seed: int) -> tuple[Place, ...]:
    """Directories with `files` files together. Raises ValueError for more findings than roots."""
    rng = Random(f"places:{seed}")  # noqa: S311 - the same repository again, no secret
    places: list[Place] = []
    left = files
    while left:
        size = left if left <= 8 else min(rng.randint(3, 8), left - 3)
        places.append(_place(len(places), size, rng, findings))
        left -= size
    fit = sum(map(_fits, places))
    if fit < findings:
        raise ValueError(f"{files} files have room for {fit} findings, not for {findings}")
    return tuple(places)


def offences(places: tuple[Place, ...], findings: int) -> tuple[Offence, ...]:
    roots = [place for place in places if _fits(place)][:findings]
    return tuple(
        Offence(group_name(n), root.directory, ADDRESS, f"{root.directory}/security_groups.tf")
        for n, root in enumerate(roots)
    )


def contents(places: tuple[Place, ...], findings: int, seed: int) -> Iterator[tuple[str, str]]:
    """(path, text) of every file, sorted by directory as planned."""
    groups = {o.root: o.group for o in offences(places, findings)}
    modules = [place.directory for place in places if not place.is_root]
    for place in places:
        rng = Random(f"{place.directory}:{seed}")  # noqa: S311
        for name in place.files:
            yield f"{place.directory}/{name}", _text(place, name, rng, modules, groups)


def closed(text: str) -> str:
    """The file with the offending rule taken out, as a person would do it."""
    return text.replace(blocks.OFFENDING_BLOCK, "", 1)


def _fits(place: Place) -> bool:
    return place.is_root and "security_groups.tf" in place.files


def _place(number: int, size: int, rng: Random, findings: int) -> Place:
    """Every sixth directory is a shared module; the first roots have room for their finding."""
    word = rng.choice(WORDS)
    more = rng.sample(_MORE_FILES, len(_MORE_FILES))
    if number % 6 == 5:
        files = tuple(dict.fromkeys((*_MODULE_FILES, *more)))[:size]
        return Place(f"modules/{word}-{number:04d}", "", "shared", word, files)
    environment, team = rng.choice(ENVIRONMENTS), rng.choice(TEAMS)
    service = f"{word}-{rng.choice(WORDS)}-{number:04d}"
    if number <= 2 * findings and size > 3:
        more.sort(key="security_groups.tf".__ne__)
    files = (*_ROOT_FILES, *more)[:size]
    return Place(f"live/{environment}/{team}/{service}", environment, team, service, files)


def _text(
    place: Place, name: str, rng: Random, modules: Sequence[str], groups: Mapping[str, str]
) -> str:
    values = {
        "directory": place.directory,
        "environment": place.environment or "dev",
        "team": place.team,
        "service": place.service,
        "size": rng.choice(SIZES),
        "octet": str(rng.randrange(256)),
    }
    stem = name.removesuffix(".tf")
    parts = list(_opening(place, name, rng, modules, values))
    goal = MEAN_FILE_BYTES * rng.uniform(0.3, 1.75)
    size = sum(map(len, parts))
    for word in rng.sample(WORDS, len(WORDS)):
        if size > goal or name not in _FILLERS:
            break
        values |= _names(word, stem, rng)
        parts.append(blocks.filled(rng.choice(_FILLERS[name]), values))
        size += len(parts[-1])
    if name == "security_groups.tf" and place.directory in groups:
        values["group"] = groups[place.directory]
        parts.append(blocks.filled(blocks.OFFENDING_GROUP, values))
    return "\n".join(parts)


def _names(word: str, stem: str, rng: Random) -> dict[str, str]:
    return {
        "name": f"{word}_{stem}",
        "label": f"{word}-{stem.replace('_', '-')}",
        "number": str(rng.randrange(100, 1000)),
        "hex": f"{rng.getrandbits(68):017x}",
        "octet": str(rng.randrange(256)),
    }


def _opening(
    place: Place, name: str, rng: Random, modules: Sequence[str], values: Mapping[str, str]
) -> Iterator[str]:
    """What a file of this name begins with, whatever fills it afterwards."""
    if name == "versions.tf":
        yield blocks.filled(blocks.VERSIONS, values)
    elif name == "variables.tf":
        yield blocks.filled(blocks.VARIABLES, values)
    elif name == "main.tf" and place.is_root and modules:
        up = "../" * (place.directory.count("/") + 1)
        for module in rng.sample(modules, min(2, len(modules))):
            called = {"name": module.rpartition("/")[2].replace("-", "_"), "source": up + module}
            yield blocks.filled(blocks.MODULE_CALL, {**values, **called})
