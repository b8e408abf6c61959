"""docs/configuration.md: its examples load, and it leaves no key out."""

from pathlib import Path
from typing import Any, get_args

import pytest
from documents import KNOWN, page, yaml_examples
from pydantic import BaseModel

from remediator import yamlfile
from remediator.config import Config, load
from remediator.evaluate.exemptions import KEYS, exemptions_of
from remediator.evaluate.policy import policy_of

TEXT = page("docs/configuration.md")


def examples(name: str) -> list[str]:
    return yaml_examples(TEXT, name)


def test_there_are_examples_of_all_three_files() -> None:
    counted = [len(examples(n)) for n in ("remediator.yaml", "policy.yaml", "exemptions.yaml")]
    assert counted == [2, 1, 1]


@pytest.mark.parametrize("text", examples("remediator.yaml"))
def test_configurations_load(tmp_path: Path, text: str) -> None:
    (tmp_path / "remediator.yaml").write_text(text)
    assert load(tmp_path / "remediator.yaml").version == 1


def test_the_first_one_is_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "remediator.yaml").write_text(examples("remediator.yaml")[0])
    written = load(directory=tmp_path)
    (tmp_path / "remediator.yaml").unlink()
    assert written == load(directory=tmp_path)


def test_the_policy_loads() -> None:
    (text,) = examples("policy.yaml")
    assert len(policy_of(yamlfile.parse("policy.yaml", text.encode()), KNOWN).rows) == 10


def test_the_exemptions_load() -> None:
    (text,) = examples("exemptions.yaml")
    assert len(exemptions_of([yamlfile.parse("e.yaml", text.encode())], KNOWN).entries) == 2


def keys(model: type[BaseModel], prefix: str = "") -> list[str]:
    found = []
    for name, field in model.model_fields.items():
        inner = [m for m in _models(field.annotation) if m.__name__ not in ("Root", "Marker")]
        found += keys(inner[0], f"{prefix}{name}.") if inner else [prefix + name]
    return found


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [m for a in get_args(annotation) for m in _models(a)]


@pytest.mark.parametrize("key", [*keys(Config), *(f"match.{key}" for key in KEYS)])
def test_every_key_is_in_a_table(key: str) -> None:
    assert f"\n| `{key}` | " in TEXT
