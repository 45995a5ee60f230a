"""The grammar of spec/search.md, by recursive descent with limits on clauses and depth (security.md Y1)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from idp.foundation.kernel.errors import BadRequest
from idp.foundation.search.tree import And, Exact, Exists, Node, Not, Or, Range, Term, Test, Wildcard

MAX_CLAUSES = 100
MAX_DEPTH = 20
MIN_WILDCARD_LETTERS = 3
_STEP = r"(?:[\w\-]|\\.)+"
_FIELD = re.compile(rf"{_STEP}(?:\.{_STEP})*")
"""Letters of any script; whatever else is in the name of a member of metadata, escaped as in a value."""
_OPERATORS = {"AND": "AND", "&&": "AND", "OR": "OR", "||": "OR", "NOT": "NOT", "!": "NOT"}
_RANGE = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|[^\s"\]}]+)\s+TO\s+("(?:[^"\\]|\\.)*"|[^\s"\]}]+)\s*([\]}])""")


def parse(query: str, *, short_wildcards: bool = False) -> Node:
    """The tree of ``query``; ``short_wildcards`` lets stars stand before and between fewer letters than three, too.

    :raises BadRequest: ``invalid_query_string`` for bad syntax, unsupported operators, too many clauses or levels.
    """
    reader = _Reader(query, short_wildcards=short_wildcards)
    node = reader.alternatives(None, 0)
    reader.space()
    if reader.at < len(query):
        raise bad(f"unexpected '{query[reader.at]}' at position {reader.at}")
    return node


def bad(why: str) -> BadRequest:
    """400: the query can't be understood."""
    return BadRequest(f"Query validation error: 'Invalid search query: {why}' on property q.", "invalid_query_string")


@dataclass
class _Word:
    """A bare word: its literal parts around unescaped stars."""

    parts: list[str]


class _Reader:
    def __init__(self, query: str, *, short_wildcards: bool) -> None:
        self.query = query
        self._fewest_letters = 1 if short_wildcards else MIN_WILDCARD_LETTERS
        self.at = 0
        self._clauses = 0

    def alternatives(self, field: str | None, depth: int) -> Node:
        """Clauses joined by OR or by nothing (Lucene's default)."""
        if depth > MAX_DEPTH:
            raise bad("too deeply nested")
        nodes = [self._conjunction(field, depth)]
        while True:
            self._take("OR")
            self.space()
            if self.at >= len(self.query) or self.query[self.at] == ")":
                break
            nodes.append(self._conjunction(field, depth))
        return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))

    def _conjunction(self, field: str | None, depth: int) -> Node:
        nodes = [self._negation(field, depth)]
        while self._take("AND"):
            nodes.append(self._negation(field, depth))
        return nodes[0] if len(nodes) == 1 else And(tuple(nodes))

    def _negation(self, field: str | None, depth: int) -> Node:
        negated = False
        while True:
            self.space()
            if self._take("NOT") or self._literal("-"):
                negated = not negated
            elif not self._literal("+"):
                break
        node = self._clause(field, depth)
        return Not(node) if negated else node

    def _clause(self, field: str | None, depth: int) -> Node:
        self._clauses += 1
        if self._clauses > MAX_CLAUSES:
            raise bad(f"more than {MAX_CLAUSES} clauses")
        self.space()
        if self._literal("("):
            return self._group(field, depth)
        name = _FIELD.match(self.query, self.at)
        if field is None and name is not None and self.query[name.end() : name.end() + 1] == ":":
            self.at = name.end() + 1
            return self._of_field(_named(name[0]), depth)
        return Term(field, self._test())

    def _of_field(self, field: str, depth: int) -> Node:
        if field == "_exists_":
            name = _FIELD.match(self.query, self.at)
            if name is None:
                raise bad("_exists_ needs the name of a field")
            self.at = name.end()
            return Term(_named(name[0]), Exists())
        if self._literal("("):
            return self._group(field, depth)
        return Term(field, self._test())

    def _group(self, field: str | None, depth: int) -> Node:
        node = self.alternatives(field, depth + 1)
        self.space()
        if not self._literal(")"):
            raise bad("a parenthesis is not closed")
        return node

    def _test(self) -> Test:
        if self.at >= len(self.query):
            raise bad("a value is missing")
        if self.query[self.at] == '"':
            return Exact(self._quoted(), quoted=True)
        if self.query[self.at] in "[{":
            return self._range()
        return _classify(self._word(), self._fewest_letters)

    def _range(self) -> Range:
        opening = self.query[self.at]
        match = _RANGE.match(self.query, self.at + 1)
        if match is None:
            raise bad("a range is written [low TO high]")
        self.at = match.end()
        low, high = (None if text == "*" else _unquote(text) for text in (match[1], match[2]))
        return Range(low, high, opening == "[", match[3] == "]")

    def _quoted(self) -> str:
        match = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL).match(self.query, self.at)
        if match is None:
            raise bad("a quote is not closed")
        self.at = match.end()
        if self.query[self.at : self.at + 1] in {"~", "^"}:
            raise bad("proximity and boosts are not supported")
        return re.sub(r"\\(.)", r"\1", match[1], flags=re.DOTALL)

    def _word(self) -> _Word:
        parts = [""]
        begin = self.at
        while self.at < len(self.query) and not (char := self.query[self.at]).isspace() and char not in '()"':
            if char == "\\":
                self.at += 1
                parts[-1] += self.query[self.at : self.at + 1]
            elif char == "*":
                parts.append("")
            elif char in "?~^[]{}/<>=!":
                raise bad(f"'{char}' is not supported here; escape it with a backslash")
            elif char == ":" and not _is_time(self.query, self.at):
                raise bad("a colon inside a value must be quoted or escaped")
            else:
                parts[-1] += char
            self.at += 1
        if self.at == begin:
            raise bad("a value is missing")
        if self.query[begin : self.at] in _OPERATORS:
            raise bad(f"'{self.query[begin : self.at]}' joins nothing")
        return _Word(parts)

    def space(self) -> None:
        """Skip white space."""
        while self.at < len(self.query) and self.query[self.at].isspace():
            self.at += 1

    def _literal(self, text: str) -> bool:
        if not self.query.startswith(text, self.at):
            return False
        self.at += len(text)
        return True

    def _take(self, operator: str) -> bool:
        """Whether that operator stands here; words need a space or a parenthesis behind them."""
        self.space()
        for text, meaning in _OPERATORS.items():
            end = self.at + len(text)
            if meaning == operator and self.query.startswith(text, self.at):
                if (
                    text.isalpha()
                    and end < len(self.query)
                    and not (self.query[end].isspace() or self.query[end] == "(")
                ):
                    continue
                self.at = end
                return True
        return False


def _named(field: str) -> str:
    return re.sub(r"\\(.)", r"\1", field)


def _unquote(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') else text


def _is_time(query: str, at: int) -> bool:
    """Colons between digits, as in 2018-01-15T10:00, are part of a value."""
    return query[at - 1 : at].isdigit() and query[at + 1 : at + 2].isdigit()


def _classify(word: _Word, fewest_letters: int) -> Test:
    if len(word.parts) == 1:
        return Exact(word.parts[0], quoted=False)
    if not any(word.parts):
        return Exists()
    only_prefix = len(word.parts) == 2 and not word.parts[1]
    if not only_prefix and sum(map(len, word.parts)) < fewest_letters:
        raise bad(f"wildcards other than at the end need {fewest_letters} letters or more")
    return Wildcard(tuple(word.parts))
