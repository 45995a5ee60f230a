"""Templates of administrators cost little to read and to render, whatever is in them: others are served by the same
process (security.md TI; docs/decisions/0216).
"""

from __future__ import annotations

import pytest

from idp.foundation.web import liquid

ENDLESS = {
    "parentheses": "{% if " + "(" * 90_000 + " %}x{% endif %}",
    "parentheses of an output": "{{ " + "(" * 90_000 + " }}",
    "blanks": "{% assign " + " " * 90_000 + " %}",
    "outputs that never end": ("{{" + " " * 500) * 190,
    "braces": "{" * 99_000,
    "braces with an end": "{" * 90_000 + "}}",
    "raw that never ends": "{% raw %}" * 11_000,
    "raw that ends before it begins": "{% endraw %}" * 4_000 + "{% raw %}" * 4_000,
    "doc that never ends": "{%- doc -%}" * 9_000,
    "a literal": "{{ '" + "x" * 90_000 + "' }}",
}
"""What the library would read for more than half a minute each, or may be repeated in loops."""
LOOP = "{% for i in (1..9000) %}"
GROWN = "{% assign a = 'xy' %}{% for i in (1..15) %}{% assign a = a | append: a %}{% endfor %}"
COSTLY = {
    "many tags in a loop": LOOP + "{% if true %}{% endif %}" * 3_900 + "{% endfor %}",
    "many filters of a long text": GROWN + LOOP + "{% assign b = a" + " | upcase" * 200 + " %}{% endfor %}",
    "comparisons of a long text": GROWN + LOOP + "{% if a contains 'xyy' %}{% endif %}{% endfor %}",
    "filters of a literal": LOOP + "{{ '" + "x" * 4_800 + "' | upcase | downcase | size }}{% endfor %}",
    "many comparisons in one tag": LOOP + "{% if " + " and ".join(["1 == 1"] * 450) + " %}{% endif %}{% endfor %}",
    "many values of a case": LOOP + "{% case 0 %}{% when " + ",".join("1" * 2_300) + " %}{% endcase %}{% endfor %}",
    "many lines of one tag": "{% liquid\nfor i in (1..9000)\n" + "if 1\nendif\n" * 440 + "endfor\n%}",
    "many names": "".join(f"{{% assign a{number} = 1 %}}" for number in range(4_500)),
}


@pytest.mark.parametrize("source", ENDLESS.values(), ids=ENDLESS.keys())
def test_what_would_be_read_for_minutes_is_refused(source: str) -> None:
    with pytest.raises(liquid.TemplateError, match=r"never closed|is longer than"):
        liquid.check(source)


@pytest.mark.parametrize("source", COSTLY.values(), ids=COSTLY.keys())
def test_what_would_run_for_minutes_is_given_up(source: str) -> None:
    liquid.check(source)
    with pytest.raises(liquid.TemplateError, match="it takes too long"):
        liquid.html(source, {})


def test_what_is_usual_is_read_and_rendered() -> None:
    rows = "{% for row in rows %}<tr><td>{{ row | upcase | escape }}</td><td>{% cycle 'a', 'b' %}</td></tr>{% endfor %}"
    verbatim = "{% raw %}{{ left {% alone {% endraw %}{{ name | default: 'nobody', allow_false: true }}"
    spread = "{%- if name == 'Ada'\n      and rows.size > 2\n  -%}\n  yes\n{%- endif -%}"
    shown = liquid.html(rows + verbatim + spread, {"rows": ["<a>", "b", "c"] * 300, "name": "Ada"})
    assert shown.count("<tr>") == 900
    assert shown.endswith("{{ left {% alone Adayes")


def test_the_cost_of_one_rendering_is_nothing_to_the_next() -> None:
    source = LOOP + "{{ i }}" * 60 + "{% endfor %}"
    for _ in range(3):
        assert liquid.text("{% for i in (1..300) %}{{ i }}{% endfor %}", {}).startswith("123")
    with pytest.raises(liquid.TemplateError):
        liquid.text(source, {})
    assert liquid.text("{{ 'a' | upcase }}", {}) == "A"
