"""Statements stand where they are said to stand; every edit leaves a cell that parses."""
import ast
import random

import pytest

from cell_facts import data_of, edited, facts_of, results_of
from corpus import SOURCES


def node_of(text, indent):
    """The one statement that a slice of a source is, at the indentation that it has there."""
    if text.startswith("elif"):
        text = text[2:]
    body = ast.parse("if 1:\n" + indent + text).body[0].body if indent else ast.parse(text).body
    assert len(body) == 1
    return body[0]


@pytest.mark.parametrize("source", SOURCES)
def test_a_statement_is_its_slice(source):
    data = data_of(source).replace(b"\xed\xa0\x80", b"???")
    found = facts_of(source)
    assert found["problem"] == ""
    for index, (parent, begin, end, first, last, kind, _, _) in enumerate(found["statements"]):
        assert parent < index and begin < end <= len(data)
        assert first == data.count(b"\n", 0, begin) + 1
        assert last == data.count(b"\n", 0, end) + 1
        if parent >= 0:
            outer = found["statements"][parent]
            assert outer[1] <= begin and end <= outer[2]
        if kind == "Magic" or source.startswith(">>>"):
            continue
        line = data[:begin].rpartition(b"\n")[2].decode()
        indent = line[:len(line) - len(line.lstrip())]
        text = data[begin:end].decode()
        if "!" in source or "%" in source:
            continue  # a magic may stand inside of it
        assert type(node_of(text, indent)).__name__ == kind


@pytest.mark.parametrize("source", SOURCES)
def test_every_edit_parses_and_is_another_text(source):
    found = facts_of(source)
    for edit in found["edits"]:
        statement, begin, end, _, kind = edit
        assert 0 <= statement < len(found["statements"])
        assert kind in ("remove", "unwrap", "pass", "argument", "call", "literal")
        result = edited(source, edit)
        assert result != source
        assert facts_of(result)["problem"] == "", edit


@pytest.mark.parametrize("source", SOURCES)
def test_every_statement_can_go(source):
    found = facts_of(source)
    removable = {edit[0] for edit in found["edits"] if edit[4] in ("remove", "unwrap")}
    for index, statement in enumerate(found["statements"]):
        if statement[5] != "Pass":
            assert index in removable, statement


def test_removals_of_one_level_can_be_applied_together():
    """Any subset of the removals of a level's siblings, applied from the end, parses."""
    generator = random.Random(1)
    for source in SOURCES:
        found = facts_of(source)
        tops = [edit for edit in found["edits"]
                if edit[4] == "remove" and found["statements"][edit[0]][0] < 0]
        for _ in range(8):
            chosen = [edit for edit in tops if generator.random() < 0.5]
            result, limit = source, len(data_of(source))
            for edit in sorted(chosen, key=lambda edit: -edit[1]):
                if edit[2] <= limit:  # of two that overlap one waits
                    result, limit = edited(result, edit), edit[1]
            assert facts_of(result)["problem"] == "", (source, result)


@pytest.mark.parametrize("source, kind, results", [
    ("a\nb\n", "remove", {"b\n", "a\n"}),
    ("a; b; c", "remove", {"b; c", "a; c", "a; b"}),
    ("a  # why\nb", "remove", {"b", "a  # why\n"}),
    ("if a:\n    b\n", "remove", {"", "if a:\n    pass\n"}),
    ("if a:\n    b\nelse:\n    c\n", "remove",
     {"", "if a:\n    pass\nelse:\n    c\n", "if a:\n    b\n", "if a:\n    b\nelse:\n    pass\n"}),
    ("if a: b\n", "unwrap", {"b\n"}),
    ("if a:\n    b\n    c\n", "unwrap", {"b\nc\n"}),
    ("for i in a:\n    b\n    break\n", "unwrap", set()),
    ("with a as b:\n    c\n", "unwrap", {"c\n"}),
    ("try:\n    a\nexcept E:\n    b\n", "unwrap", {"a\n", "b\n"}),
    ("@d\ndef f(): pass\n", "unwrap", {"def f(): pass\n"}),
    ("if a:\n    s = '''\n    t'''\n", "unwrap", {"s = '''\n    t'''\n"}),
    ("def f():\n    a\n    b\n", "pass", {"def f():\n    pass\n"}),
    ("if a:\n    pass\n", "pass", set()),
    ("f(a, b=1)", "argument", {"f(b=1)", "f(a)"}),
    ("f(a,)", "argument", {"f()"}),
    ("f(*a, **b)", "argument", {"f(**b)", "f(*a)"}),
    ("f(a == b, c = d)", "argument", {"f(c = d)", "f(a == b)"}),
    ("a.b(1).c(2)", "call", {"a.b(1)", "a.c(2)", "2", "1.c(2)"} - {"1.c(2)"}),
    ("f(a)", "call", {"a"}),
    ("x = [aa, bb]", "literal", {"x = [aa]", "x = [bb]"}),
    ("x = {1: aa, 1: bb}", "literal", {"x = {1: aa}", "x = {1: bb}"}),
    ("x = a, b", "literal", {"x = a,", "x = b", "x = a"} - {"x = a,"}),
    ("x = 1000", "literal", {"x = 1"}),
    ("x = 'a long string'", "literal", {"x = ''"}),
    ("x = 'short'", "literal", set()),
    ("if f(1, b):\n    c\n", "argument", {"if f(b):\n    c\n", "if f(1):\n    c\n"}),
])
def test_edits(source, kind, results):
    assert results_of(source, kind) == results
