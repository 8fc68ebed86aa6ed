"""Whatever the source, there is an answer, and it fits the protocol."""
import random

import pytest

from cell_facts import facts_of
from corpus import SOURCES
from nbreplay_worker import facts, wire

HOSTILE = {
    "null byte": "a\0b",
    "parentheses": "x=" + "(" * 5000 + ")" * 5000,
    "unary": "x=" + "-" * 50000 + "1",
    "long sum": "x=" + "+".join(["a"] * 3000),
    "longer sum": "x=" + "+".join(["a"] * 50000),
    "chain": "x=a" + ".b()" * 3000,
    "lines": "x=1\n" * 30000,
    "elements": "x=[" + ",".join("1" * 50000) + "]",
    "indentation": "".join(" " * i + "if a:\n" for i in range(300)) + " " * 300 + "x\n",
    "elif": "if a: pass\n" + "elif b: pass\n" * 1500,
    "lambda": "x=" + "lambda: " * 600 + "1",
    "comprehensions": "x=" + "[" * 50 + "1" + " for a in b]" * 50,
    "quotes": "'" * 100001,
    "too long": "x" * (facts.MAX_SOURCE + 1),
    "magics": "%time x\n" * 5000,
    "backslash": "\\",
    "continued magic": "!a \\",
    "only %%": "%%",
    "only %": "%\n!\n?\n",
    "only =!": "x =!",
    "surrogates": "\udcff\ud800 = '\udfff'",
    "surrogate name": "x\ud800 = 1",
    "form feed": "\x0cx = 1\n\x0c\n",
    "carriage returns": "x = 1\ry = 2\r",
    "byte order mark": "\ufeffx = 1",
    "placeholder": "__nbreplay_magic_1__\n!ls",
    "int": "x = " + "9" * 20000,
    "escape": "'\\N{NO SUCH NAME}'",
    "tabs": "if a:\n\tb\n        c\n",
    "encoding": "# -*- coding: utf-7 -*-\nx = 1",
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_there_is_an_answer(name):
    found = facts_of(HOSTILE[name])
    size = len(HOSTILE[name].encode("utf-8", "surrogatepass"))
    for field in ("definitions", "uses", "statements", "edits", "files", "string_keys"):
        assert len(found[field]) <= wire.MAX_FACTS
    for statement in found["statements"]:
        assert 0 <= statement[1] <= statement[2] <= size
    assert len(found["problem"]) < 2000


def test_one_strange_cell_leaves_the_others_alone():
    answers = facts.parse_cells([HOSTILE["parentheses"], "x = 1", HOSTILE["long sum"]])
    assert answers[1][1] == [("x", 1)]


def test_no_cells():
    assert facts.parse_cells([]) == []


def test_mutated_sources_are_answered():
    """Sources with pieces cut, doubled and swapped: an answer each time, and edits that hold."""
    generator = random.Random(7)
    strange = ["\0", "'", '"""', "(", ")", "\\", "\n", "%", "!", "%%", "\r", "\ud800", "{", ":"]
    for _ in range(400):
        source = generator.choice(SOURCES)
        for _ in range(generator.randint(1, 4)):
            at, other = sorted(generator.randint(0, len(source)) for _ in range(2))
            source = generator.choice([
                source[:at] + source[other:],
                source[:at] + source[at:other] * 2 + source[other:],
                source[:at] + generator.choice(strange) + source[at:],
            ])
        found = facts_of(source)
        size = len(source.encode("utf-8", "surrogatepass"))
        for _, begin, end, _, _ in found["edits"]:
            assert 0 <= begin < end <= size


def test_problem_names_the_line():
    assert facts_of("x = 1\ny = = 2")["problem"].endswith("(line 2)")
    assert "outside function" in facts_of("x = 1\nreturn 2")["problem"]
    assert facts_of("for i in x:\n    await i")["problem"] == ""
