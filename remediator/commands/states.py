"""Where each root's state is: as the configuration names it, or as its backend says."""

from __future__ import annotations

from pathlib import Path

from remediator.aws.session import AwsSession
from remediator.commands.assembly import Fetch
from remediator.config import Config
from remediator.config import Root as RootEntry
from remediator.model import Refusal
from remediator.terraform.backend import DEFAULT, S3Object, read_file, read_object, state_object
from remediator.terraform.roots import Root

_S3 = "s3://"


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


def _directory(entry: RootEntry) -> str:
    text = str(entry.path).strip("/")
    return "" if text == "." else text
