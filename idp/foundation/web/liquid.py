"""Liquid: the language of templates that a tenant's administrators write, for mails, the page around our forms, and
pieces of pages. Nothing in it reaches files, code or other templates; how long it runs and how much it makes is limited
(security.md TI, decision 0216).

python-liquid is imported with the first template: a process of tenants without any never pays for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import cache, lru_cache, wraps
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from liquid import BoundTemplate, Environment

MAX_SOURCE: Final = 100_000
"""Characters of a template."""
MAX_OUTPUT: Final = 400_000
"""Characters that a template may make."""
MAX_ITERATIONS: Final = 10_000
"""Turns of all loops of one rendering together."""
MAX_LOOKUPS: Final = 50_000
"""Names that one rendering may look up."""
MAX_VALUE: Final = 100_000
"""Characters of a value, members of a list, that a filter takes or makes."""
MAX_WORK: Final = 1_000_000
"""What one rendering may cost: about a microsecond each of what tags say in loops, names, filters and the texts they go
over.
"""
_SAYS: Final = 2
"""Characters of a tag that are as good as one operation: conditions, cases and lines can be as short as that."""
MAX_TAG: Final = 5_000
"""Characters of a tag or an output."""
_BLANKS: Final = re.compile(r"\s{101}")
_PARENTHESES: Final = 50
"""What the library's parser takes the square of the time for: blanks in a row and parentheses of one tag."""
_OPENS: Final = re.compile(r"\{\{|\{%-?\s{0,100}(?P<verbatim>raw|doc)?")
_TAGS: Final = frozenset({"include", "render"})
"""Tags that would load other templates."""
_FILTERS: Final = frozenset({"safe", "escapejs"})
"""Filters by which a value would escape being escaped."""


class TemplateError(ValueError):
    """The template can't be read, or what it asks for is beyond its limits; the text says what, for whoever wrote
    it.
    """


def check(source: str) -> None:
    """Whether it can be read, and its filters are known. Raises TemplateError."""
    template = _parsed(source, escape=True)
    known = _environment(escape=True).filters
    if odd := sorted(name for name in template.analyze().filters if name not in known):
        raise TemplateError(f"unknown filter '{odd[0][:40]}'")


def html(source: str, values: Mapping[str, Any]) -> str:
    """The rendered template; whatever stands in ``values`` is escaped. Raises TemplateError."""
    return _rendered(source, values, escape=True)


def text(source: str, values: Mapping[str, Any]) -> str:
    """The rendered template where no HTML is made: a subject, an address, a text message. Raises TemplateError."""
    return _rendered(source, values, escape=False)


def _rendered(source: str, values: Mapping[str, Any], *, escape: bool) -> str:
    template = _parsed(source, escape=escape)
    _work.set([MAX_WORK])
    try:
        return template.render(**values)
    except RecursionError as error:
        raise TemplateError("The template is nested too deep") from error
    except Exception as error:  # a template is foreign code: whatever it raises, it failed
        raise TemplateError(_reason(error)) from error


@lru_cache(maxsize=256)
def _parsed(source: str, *, escape: bool) -> BoundTemplate:
    if len(source) > MAX_SOURCE:
        raise TemplateError(f"The template is longer than {MAX_SOURCE} characters")
    said = _refuse_endless(source)
    environment = _environment(escape=escape)
    try:
        made = environment.from_string(source)
    except RecursionError as error:
        raise TemplateError("The template is nested too deep") from error
    except Exception as error:  # what the parser says of a template of somebody's
        raise TemplateError(_reason(error)) from error
    made.turn = 1 + said // _SAYS  # type: ignore[attr-defined]
    return made


def _refuse_endless(source: str) -> int:
    """What the library would read for minutes: tags that go on and on, or never end. One walk over the source; answers
    how many characters its tags have.
    """
    at = said = 0
    while opens := _OPENS.search(source, at):
        begin = opens.start()
        end = source.find("}}" if opens[0] == "{{" else "%}", opens.end())
        if end < 0:
            raise TemplateError("A tag or an output is never closed")
        tag = source[begin:end]
        if len(tag) > MAX_TAG or _BLANKS.search(tag) or tag.count("(") > _PARENTHESES:
            raise TemplateError(f"A tag is longer than {MAX_TAG} characters, or has too many blanks or parentheses")
        at, said = end + 2, said + len(tag)
        if opens["verbatim"]:
            ends = _ends(opens["verbatim"]).search(source, at)
            if ends is None:
                raise TemplateError(f"The tag {opens['verbatim']} is never closed")
            at = ends.end()
    return said


@cache
def _ends(tag: str) -> re.Pattern[str]:
    return re.compile(r"\{%-?\s{0,100}end" + tag + r"\s{0,100}-?%\}")


def _reason(error: Exception) -> str:
    """What went wrong, in one line, without the lines of the template around it."""
    said = str(getattr(error, "message", None) or error).strip().partition("\n")[0]
    return (said or type(error).__name__)[:300]


@cache
def _environment(*, escape: bool) -> Environment:
    import liquid
    from liquid import BoundTemplate, DictLoader, RenderContext
    from liquid.exceptions import ResourceLimitError

    class Context(RenderContext):
        """Counts what a rendering does."""

        turns = lookups = 0

        def get(self, *arguments: Any, **options: Any) -> object:
            """See the library."""
            self.lookups += 1
            if self.lookups > MAX_LOOKUPS:
                raise ResourceLimitError("it looks up too much", token=None)
            found = super().get(*arguments, **options)
            _spend(_size(found) // 100)
            return found

        def assign(self, key: str, val: Any) -> None:
            """See the library, which adds up all that there is each time."""
            _spend(len(self.locals))
            super().assign(key, val)

        def raise_for_loop_limit(self, length: int = 1) -> None:
            """See the library; here the turns of all loops count, those that follow each other too."""
            super().raise_for_loop_limit(length)
            self.turns += length
            _spend(length * getattr(self.template, "turn", 1))
            if self.turns > MAX_ITERATIONS:
                raise ResourceLimitError("its loops turn too often", token=None)

    class Template(BoundTemplate):
        """With that context."""

        context_class = Context
        turn = 1
        """What one turn of a loop costs, however much of the template is in it."""

    class Limited(liquid.Environment):
        """The library's limits, set."""

        loop_iteration_limit = MAX_ITERATIONS
        output_stream_limit = MAX_OUTPUT
        local_namespace_limit = MAX_OUTPUT
        template_class = Template

    made = Limited(autoescape=escape, loader=DictLoader({}))
    for name in _TAGS:
        made.tags.pop(name, None)
    for name in _FILTERS:
        made.filters.pop(name, None)
    made.filters.update({name: _limited(name, found) for name, found in made.filters.items()})
    return made


_work: ContextVar[list[int]] = ContextVar("work")
"""What the rendering that goes on may still cost."""


def _spend(units: int) -> None:
    from liquid.exceptions import ResourceLimitError

    left = _work.get()
    left[0] -= units + 1
    if left[0] < 0:
        raise ResourceLimitError("it takes too long", token=None)


def _limited(name: str, found: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that takes and makes no more than :data:`MAX_VALUE`."""
    from liquid.exceptions import ResourceLimitError

    @wraps(found)
    def limited(value: Any, *arguments: Any, **options: Any) -> Any:
        if _size(value) > MAX_VALUE or _made(name, value, arguments) > MAX_VALUE:
            raise ResourceLimitError(f"the filter {name} makes too much", token=None)
        result = found(value, *arguments, **options)
        _spend((_size(value) + _size(result)) // 100)
        if _size(result) > MAX_VALUE:
            raise ResourceLimitError(f"the filter {name} makes too much", token=None)
        return result

    return limited


def _size(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value.bit_length() // 3
    return len(value) if isinstance(value, str | range | list | tuple | dict) else 0


def _made(name: str, value: Any, arguments: tuple[Any, ...]) -> int:
    """How much the two filters that multiply would make."""
    texts = [str(each) for each in arguments[:2] if isinstance(each, str | int)]
    if name == "replace" and texts:
        return (
            str(value).count(texts[0]) * len(texts[-1] if len(texts) > 1 else "") if texts[0] else _blank(value, texts)
        )
    if name == "join" and not isinstance(value, str) and texts:
        return _size(value) * max(len(texts[0]), 1)
    return 0


def _blank(value: Any, texts: list[str]) -> int:
    """Replacing the empty text puts the other one between all letters."""
    return (len(str(value)) + 1) * len(texts[-1] if len(texts) > 1 else "")
