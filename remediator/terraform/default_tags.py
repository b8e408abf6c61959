"""The tags that an AWS provider gives to all that it makes, as far as the code says them.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs#default_tags-configuration-block
A resource has the provider that it names, or the default one; a module has what its caller passes
on. https://developer.hashicorp.com/terraform/language/modules/develop/providers
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from remediator.model import Refusal
from remediator.terraform.configuration import ModuleInstance
from remediator.terraform.content import Content, of_block
from remediator.terraform.evaluate import Scope, evaluate
from remediator.terraform.expression import Expression
from remediator.terraform.module import Sources
from remediator.terraform.resolve import as_text as literal_text
from remediator.terraform.resolve import resolve
from remediator.terraform.syntax import Block
from remediator.terraform.value import Known, Mapping, Value, as_text

NAME = "default_tags"
_REFERENCE = re.compile(r'"?([A-Za-z][\w-]*)(?:\.([A-Za-z][\w-]*))?"?')
Provider = tuple[str, str]
"""The local name, and the alias or ""."""
DEFAULT: Provider = ("aws", "")


@dataclass(frozen=True, slots=True)
class Given:
    """`whole`: there are no others than these."""

    pairs: tuple[tuple[str, str], ...] = ()
    whole: bool = True

    def below(self, own: tuple[tuple[str, str], ...] | None) -> tuple[tuple[str, str], ...] | None:
        """With a resource's own tags over them; None where not all are known."""
        if own is None or not self.whole:
            return None
        names = {key for key, _ in own}
        return tuple(sorted({*own, *(pair for pair in self.pairs if pair[0] not in names)}))


NONE, UNKNOWN = Given(), Given((), False)


def given_by(provider: Provider | None, module: ModuleInstance) -> Given:
    """`provider` as a resource of this module has it; None is not known."""
    sources = module.configuration.sources
    if not any(sources.mentions(m.directory, NAME.encode()) for m in _callers(module)):
        return NONE
    for here in _callers(module):
        blocks = _providers(sources, here.directory)
        if provider is None or blocks is None:
            return UNKNOWN
        named = [(_of_block(block), block) for block in blocks]
        if any(name is None for name, _ in named):
            return UNKNOWN
        own = [block for name, block in named if name == provider]
        if own:
            return _tags(of_block(own[0]), here.scope) if len(own) == 1 else UNKNOWN
        if here.call is not None:
            provider = passed_on(here.call, provider)
    return NONE if provider == DEFAULT else UNKNOWN


def provider_of(content: Content) -> Provider | None:
    """Of a resource; None where it is not plainly said."""
    expression = content.arguments.get("provider")
    return DEFAULT if expression is None else _read(expression)


def passed_on(call: Content, provider: Provider) -> Provider | None:
    """What the caller of a module calls it. A list of `providers` replaces all that is passed on by
    itself."""
    given = call.arguments.get("providers")
    if given is None:
        return provider if not provider[1] else None
    if given.kind != "object":
        return None
    found = [entry.value for entry in given.entries if _read(entry.key) == provider]
    return _read(found[0]) if len(found) == 1 else None


def _callers(module: ModuleInstance) -> Iterator[ModuleInstance]:
    """The module itself, and who calls it, up to the root."""
    here: ModuleInstance | None = module
    while here is not None:
        yield here
        here = here.caller


def _read(expression: Expression) -> Provider | None:
    found = _REFERENCE.fullmatch(expression.text.decode(errors="replace"))
    return (found[1], found[2] or "") if found else None


def _providers(sources: Sources, directory: str) -> list[Block] | None:
    """The provider blocks of a folder; None where some may be there that are not read here."""
    module = sources.module(directory)
    if isinstance(module, Refusal):
        return None
    if any(b'"provider"' in sources.tree.read(path) for path, _ in module.json_files):
        return None
    return [b for file in module.files for b in file.blocks if b.type == "provider"]


def _of_block(block: Block) -> Provider | None:
    alias = block.body.attribute("alias")
    if alias is None:
        return block.labels[0], ""
    text = literal_text(resolve(alias.value))
    return (block.labels[0], text) if text is not None else None


def _tags(provider: Content, scope: Scope) -> Given:
    pairs: dict[str, str] = {}
    whole = not provider.dynamic(NAME)
    for block in provider.nested(NAME):
        expression = block.arguments.get("tags")
        value = evaluate(expression, scope) if expression is not None else None
        if not isinstance(value, Mapping):
            whole = whole and expression is None
            continue
        texts = ((key, as_text(item)) for key, item in value.entries.items())
        known = {key: text for key, text in texts if text is not None}
        pairs |= known
        written = all(map(_is_written, (value, *value.entries.values())))
        whole = whole and written and not value.open and len(known) == len(value.entries)
    return Given(tuple(pairs.items()), whole)


def _is_written(value: Value) -> bool:
    """In the folder, and by no variable: whoever applies may give that another value."""
    source = value.source if isinstance(value, Known | Mapping) else None
    return source is not None and not any(hop.text.startswith("var.") for hop in source.via)
