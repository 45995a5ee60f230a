"""Liquid: the language of templates that a tenant's administrators write, for mails, the page around our forms, and
pieces of pages. Nothing in it reaches files, code or other templates; how long it runs and how much it makes is limited
(security.md TI, decision 0216).

python-liquid is imported with the first template: a process of tenants without any never pays for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
    environment = _environment(escape=escape)
    try:
        return environment.from_string(source)
    except RecursionError as error:
        raise TemplateError("The template is nested too deep") from error
    except Exception as error:  # what the parser says of a template of somebody's
        raise TemplateError(_reason(error)) from error


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
            return super().get(*arguments, **options)

        def raise_for_loop_limit(self, length: int = 1) -> None:
            """See the library; here the turns of all loops count, those that follow each other too."""
            super().raise_for_loop_limit(length)
            self.turns += length
            if self.turns > MAX_ITERATIONS:
                raise ResourceLimitError("its loops turn too often", token=None)

    class Template(BoundTemplate):
        """With that context."""

        context_class = Context

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


def _limited(name: str, found: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that takes and makes no more than :data:`MAX_VALUE`."""
    from liquid.exceptions import ResourceLimitError

    @wraps(found)
    def limited(value: Any, *arguments: Any, **options: Any) -> Any:
        if _size(value) > MAX_VALUE or _made(name, value, arguments) > MAX_VALUE:
            raise ResourceLimitError(f"the filter {name} makes too much", token=None)
        result = found(value, *arguments, **options)
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
