"""Reads the states: from where the configuration names them, or where each backend says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType

from remediator.aws.session import AwsSession
from remediator.config import Config
from remediator.config import Root as RootEntry
from remediator.estate import Estate, States
from remediator.model import Refusal, SourceError, UpstreamError
from remediator.terraform.backend import DEFAULT, S3Object, read_file, read_object, state_object
from remediator.terraform.configurations import Configurations
from remediator.terraform.module import Sources
from remediator.terraform.roots import Modules, Root, discover, named_roots
from remediator.terraform.state import State, StateIndex, read_state
from remediator.tree import Tree
from remediator.workplace import Workplace

_S3 = "s3://"
_AT_ONCE = 8
Fetch = Callable[[Root], Sequence[bytes | Refusal]]
"""Reads a root's raw states, one a workspace. Raises UpstreamError where one is away."""


def state_fetcher(config: Config, session: AwsSession) -> Fetch:
    """Reads the state of a root: from where `roots` says, else from the root's own S3 backend."""

    def fetch(root: Root) -> list[bytes | Refusal]:
        entries = [e for e in config.roots if _directory(e) == root.directory]
        found: list[bytes | Refusal] = []
        for entry in entries:
            found += [_named(where) for where in entry.state]
        workspaces = [e.workspace for e in entries if not e.state]
        for workspace in workspaces if entries else [DEFAULT]:
            place = state_object(root.backend, workspace, root.directory)
            found.append(place if isinstance(place, Refusal) else _from_s3(place))
        return found

    def _named(where: str) -> bytes | Refusal:
        if not where.startswith(_S3):
            return read_file(Path(where))
        bucket, _, key = where.removeprefix(_S3).partition("/")
        return _from_s3(S3Object(bucket, key))

    def _from_s3(place: S3Object) -> bytes | Refusal:
        client = session.client("s3", place.region or session.regions[0])
        return read_object(client, place)

    return fetch


def root_directories(config: Config) -> list[str]:
    """The roots that the configuration names; none: all that there are."""
    return [_directory(entry) for entry in config.roots]


def _directory(entry: RootEntry) -> str:
    text = str(entry.path).strip("/")
    return "" if text == "." else text


class StateReader:
    """Reads each root's states once a run, several at a time.

    `named` are the directories of the roots to look at; without any, all that there are.
    `var_files`: by root, what is given with -var-file.
    """

    def __init__(
        self,
        fetch: Fetch,
        named: Sequence[str] = (),
        var_files: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ) -> None:
        self._fetch, self._named = fetch, tuple(dict.fromkeys(named))
        self._var_files = var_files
        self._read: dict[str, Sequence[State | Refusal]] = {}
        self._index: States | None = None
        self._last: Estate | None = None
        self.problems: list[UpstreamError] = []

    def estate(self, workplace: Workplace) -> Estate:
        """The estate of the workplace's tree; what was read for this very tree is kept."""
        tree = workplace.tree()
        if self._last is None or self._last.sources.tree is not tree:
            self._last = self._estate(tree)
        return self._last

    def _estate(self, tree: Tree) -> Estate:
        modules = Modules(tree)
        roots = named_roots(tree, self._named) if self._named else discover(tree, modules)
        fresh = [r for r in roots if r.directory not in self._read]
        if fresh or self._index is None:
            with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
                for root, answer in zip(fresh, pool.map(self._one, fresh), strict=True):
                    self._read[root.directory] = answer
            self._index = self._states()
        modules.search()
        sources = Sources(tree)
        configurations = Configurations(sources, modules, self._var_files)
        return Estate(sources, modules, self._index, configurations)

    def _states(self) -> States:
        answers = [(root, a) for root, several in self._read.items() for a in several]
        states = [(root, a) for root, a in answers if isinstance(a, State)]
        missing = {root: a for root, a in answers if isinstance(a, Refusal)}
        read = frozenset(self._read) - frozenset(missing)
        single = frozenset(root for root in read if len(self._read[root]) == 1)
        return States(StateIndex.of(states), read, single, missing)

    def _one(self, root: Root) -> Sequence[State | Refusal]:
        """A state that cannot be read is a value here: the other roots go on."""
        where = f"the state of {root.directory or 'the top folder'}"
        try:
            raw = self._fetch(root)
            return [a if isinstance(a, Refusal) else read_state(a, where) for a in raw]
        except UpstreamError as fault:
            self.problems.append(fault)
            return [Refusal("locate", "state-away", str(fault))]
        except SourceError as broken:
            return [Refusal("locate", "state-unreadable", str(broken))]
