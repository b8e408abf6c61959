"""Where a root's state is kept, and the adapters that read it from there.

https://developer.hashicorp.com/terraform/language/backend/s3
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from remediator.aws.faults import error_code, upstream
from remediator.aws.permissions import Permission
from remediator.model import Refusal

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PERMISSIONS = (Permission("s3:GetObject", "to read the states in your S3 backends"),)

MAX_STATE_BYTES = 512 * 1024 * 1024
DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Backend:
    """`kind` is the backend's type. A None argument was not written as a literal."""

    kind: str
    bucket: str | None = None
    key: str | None = None
    region: str | None = None
    prefix: str = "env:"
    path: str | None = None


@dataclass(frozen=True, slots=True)
class S3Object:
    bucket: str
    key: str
    region: str | None = None

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


def state_object(
    backend: Backend | Refusal | None, workspace: str, root: str
) -> S3Object | Refusal:
    """The object that holds the state of a workspace."""
    if isinstance(backend, Refusal):
        return backend
    where = root or "the top folder"
    if backend is None or backend.kind != "s3":
        kind = f'backend "{backend.kind}"' if backend else "no backend"
        return _no_state(f"{where} has {kind}, which this version does not read")
    if backend.bucket is None or backend.key is None:
        return _no_state(f"the S3 backend of {where} has no literal bucket and key")
    prefix = "" if workspace == DEFAULT else f"{backend.prefix}/{workspace}/"
    return S3Object(backend.bucket, prefix + backend.key, backend.region)


def _no_state(text: str) -> Refusal:
    return Refusal("locate", "no-state", f"{text}; name its state under `roots`")


def read_object(client: S3Client, place: S3Object) -> bytes | Refusal:
    """Raises UpstreamError where S3 refuses or is away."""
    from botocore.exceptions import ClientError

    with upstream("s3", "GetObject", client.meta.region_name):
        try:
            answer = client.get_object(Bucket=place.bucket, Key=place.key)
        except ClientError as error:
            if error_code(error) in ("NoSuchKey", "NoSuchBucket"):
                return _no_state(f"there is no state at {place}")
            raise
        if answer["ContentLength"] > MAX_STATE_BYTES:
            return _too_large(str(place))
        return answer["Body"].read()


def read_file(path: Path) -> bytes | Refusal:
    try:
        if path.stat().st_size > MAX_STATE_BYTES:
            return _too_large(str(path))
        return path.read_bytes()
    except OSError as why:
        return _no_state(f"the state {path} cannot be read: {why.strerror}")


def _too_large(where: str) -> Refusal:
    limit = MAX_STATE_BYTES // 1024**2
    return _no_state(f"the state {where} is larger than {limit} MiB")
