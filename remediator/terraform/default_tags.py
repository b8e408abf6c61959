"""The tags that an AWS provider gives to all that it makes, as far as the code says them.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs#default_tags-configuration-block
A resource has the provider that it names, or the default one; a module has what its caller passes
on. https://developer.hashicorp.com/terraform/language/modules/develop/providers
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

from remediator.model import Refusal, SourceError
from remediator.terraform import json_syntax
from remediator.terraform.configuration import ModuleInstance
from remediator.terraform.content import Content, of_block
from remediator.terraform.evaluate import Scope, evaluate, nowhere
from remediator.terraform.expression import Expression
from remediator.terraform.module import JSON, Sources
from remediator.terraform.resolve import as_text as literal_text
from remediator.terraform.resolve import resolve
from remediator.terraform.syntax import Block, references
from remediator.terraform.value import Mapping, as_text, is_null

NAME = "default_tags"
IGNORED = "ignore_tags"
NAMES = (NAME, IGNORED)
"""What a file has that gives any, or leaves them to others."""
_TESTS = (".tftest.hcl", ".tofutest.hcl")
ESCAPE = "\\u"
"""A JSON text may write those so."""
_TAGS = re.compile(rb"\b(?:tags|tags_all|all)\b")
_REFERENCE = re.compile(r'"?([A-Za-z][\w-]*)(?:\.([A-Za-z][\w-]*))?"?')
Provider = tuple[str, str]
"""The local name, and the alias or ""."""
DEFAULT: Provider = ("aws", "")


@dataclass(frozen=True, slots=True)
class Given:
    """`whole`: there are no others than these. `unknown`: keys of others, of unknown values."""

    pairs: tuple[tuple[str, str], ...] = ()
    whole: bool = True
    unknown: frozenset[str] = frozenset()

    def below(
        self, own: tuple[tuple[str, str], ...] | None, *, surely: bool = True
    ) -> tuple[tuple[str, str], ...] | None:
        """With a resource's own tags over them, or beside them where they are not `surely` what
        they are; None where not all are known."""
        if own is None or not self.whole:
            return None
        names = {key for key, _ in own} if surely else set[str]()
        return tuple(sorted({*own, *(pair for pair in self.pairs if pair[0] not in names)}))


NONE, UNKNOWN = Given(), Given((), False)


@dataclass(frozen=True, slots=True)
class _Step:
    """A module on the way from a resource up to the root. `providers` is its call's argument;
    `tags` tells what a provider block in it gives."""

    directory: str
    is_called: bool
    providers: Expression | None
    tags: Callable[[Content], Given]


def given_by(provider: Provider | None, module: ModuleInstance) -> Given:
    """`provider` as a resource of this module has it; None is not known."""
    steps = [
        _Step(
            m.directory,
            m.call is not None,
            m.call.arguments.get("providers") if m.call is not None else None,
            partial(_tags_in, m),
        )
        for m in _callers(module)
    ]
    return _given(provider, steps, module.configuration.sources)


def given_on(provider: Provider | None, way: Sequence[str], sources: Sources) -> Given | None:
    """The same of a module that is reached from a root through these directories by plain calls
    (`Modules.plain_way`), without evaluation; None where it takes one."""
    if any(path.endswith(JSON) for directory in way for path in sources.paths(directory)):
        return None
    steps = [_Step(d, n > 0, None, _tags_written) for n, d in enumerate(way)]
    found = _given(provider, steps[::-1], sources)
    return found if found.whole else None


def _given(provider: Provider | None, steps: Sequence[_Step], sources: Sources) -> Given:
    found = _of_steps(provider, steps, sources)
    return replace(found, whole=found.whole and not _is_written_elsewhere(sources))


def _of_steps(provider: Provider | None, steps: Sequence[_Step], sources: Sources) -> Given:
    if not any(may_give(sources, step.directory) for step in steps):
        return NONE
    for step in steps:
        blocks = _providers(sources, step.directory)
        if provider is None or blocks is None:
            return UNKNOWN
        own = [block for name, block in blocks if name == provider]
        if len(own) > 1 or _by_another_name(provider, blocks):
            return UNKNOWN
        is_empty = bool(own) and step.is_called and _is_empty(own[0])
        if own and not is_empty:
            return step.tags(own[0])
        if step.is_called:
            named = not is_empty or step.providers is not None
            provider = _passed_on(step.providers, provider) if named else None
    return NONE if provider == DEFAULT else UNKNOWN


def may_give(sources: Sources, directory: str) -> bool:
    """Whether a file of the folder has the name, or may write it otherwise, as JSON can."""
    return any(sources.mentions(directory, text.encode()) for text in (*NAMES, ESCAPE))


def _is_written_elsewhere(sources: Sources) -> bool:
    """Terragrunt writes provider blocks, of texts that are not Terraform's."""
    return any(not path.endswith(_TESTS) for path in sources.naming(NAME, ".hcl"))


def provider_of(content: Content) -> Provider | None:
    """Of a resource; None where it is not plainly said."""
    expression = content.arguments.get("provider")
    return DEFAULT if expression is None else _read(expression)


def leaves_tags(resource: Content) -> bool:
    """Whether Terraform lets be what others make of its tags."""
    said = (block.arguments.get("ignore_changes") for block in resource.nested("lifecycle"))
    return any(_TAGS.search(one.text) for one in said if one is not None)


def passed_on(call: Content, provider: Provider) -> Provider | None:
    """What the caller of a module calls it. A list of `providers` replaces all that is passed on by
    itself."""
    return _passed_on(call.arguments.get("providers"), provider)


def _passed_on(given: Expression | None, provider: Provider) -> Provider | None:
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


_Blocks: TypeAlias = Sequence[tuple[Provider, Content]]


def _providers(sources: Sources, directory: str) -> _Blocks | None:
    """The provider blocks of a folder; None where some may be there that are not read here."""
    found: list[tuple[Provider, Content]] = []
    try:
        for path in sources.paths(directory):
            if path.endswith(JSON):
                if json_syntax.has(json_syntax.read(sources.tree.read(path)), "provider"):
                    return None
                continue
            if b"provider" not in sources.tree.read(path):
                continue
            for block in (b for b in sources.file(path).blocks if b.type == "provider"):
                name = _of_block(block)
                if name is None:
                    return None
                found.append((name, of_block(block)))
    except (SourceError, ValueError):
        return None
    return found


def _of_block(block: Block) -> Provider | None:
    alias = block.body.attribute("alias")
    text = literal_text(resolve(alias.value)) if alias is not None else ""
    return (block.labels[0], text) if len(block.labels) == 1 and text is not None else None


def _by_another_name(provider: Provider, blocks: _Blocks) -> bool:
    """AWS's provider may have several local names, and only `required_providers` says which."""
    others = (block for name, block in blocks if name[0] != provider[0])
    return any(block.nested(NAME) or block.dynamic(NAME) for block in others)


def _is_empty(block: Content) -> bool:
    """Of a module that is called: such a block stands for what the caller passes on."""
    return not block.blocks and not {*block.arguments} - {"alias", "version"}


def _tags_in(module: ModuleInstance, provider: Content) -> Given:
    return _tags(provider, module.scope, lambda expression: is_said(expression, module))


def _tags_written(provider: Content) -> Given:
    """Of literals alone."""
    return _tags(provider, nowhere(), lambda expression: next(references(expression), None) is None)


def _tags(provider: Content, scope: Scope, said: Callable[[Expression], bool]) -> Given:
    pairs, unknown = dict[str, str](), set[str]()
    blocks = provider.nested(NAME)
    unsure = (*provider.dynamic(NAME), *provider.nested(IGNORED), *provider.dynamic(IGNORED))
    whole = not unsure and len(blocks) <= 1 and NAME not in provider.arguments
    for expression in (block.arguments.get("tags") for block in blocks):
        if expression is None:
            continue
        value = evaluate(expression, scope)
        if not isinstance(value, Mapping):
            whole = False
            continue
        texts = ((key, as_text(item)) for key, item in value.entries.items())
        known = {key: text for key, text in texts if text is not None}
        pairs |= known
        unknown |= {k for k, v in value.entries.items() if k not in known and not is_null(v)}
        whole = whole and not value.open and len(known) == len(value.entries)
        whole = whole and said(expression)
    return Given(tuple(pairs.items()), whole, frozenset(unknown))


def is_said(expression: Expression, module: ModuleInstance) -> bool:
    """By literals and locals alone. Whoever applies may give a variable another value than its
    default, which may choose between values as well as be one."""
    if isinstance(module.declared, Refusal):
        return False
    waiting, seen = [expression], set[str]()
    while waiting:
        one = waiting.pop()
        if one.file.path.endswith(JSON):
            return False
        for head, *rest in (reference.parts for reference in references(one)):
            if head == "path":
                continue
            named = module.declared.locals.get(rest[0]) if head == "local" and rest else None
            if named is None:
                return False
            if rest[0] not in seen:
                seen.add(rest[0])
                waiting.append(named)
    return True
