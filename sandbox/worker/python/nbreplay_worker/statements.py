"""The statements of a cell and where they stand in its source."""
import ast

from .magics import placeholder

_BODIES = ("body", "handlers", "orelse", "finalbody", "cases")


class Statement:
    def __init__(self, node, parent, kind, place, lines):
        self.node = node
        self.parent = parent  # index or -1
        self.kind = kind
        self.begin, self.end = place
        self.first_line, self.last_line = lines


def blocks(node):
    """Lists of statements directly inside a statement, in the order of the source."""
    found = []
    for field in _BODIES:
        for block in [getattr(node, field, None)]:
            if not isinstance(block, list) or not block:
                continue
            if isinstance(block[0], ast.stmt):
                found.append(block)
            else:  # handlers and cases
                found.extend(inner.body for inner in block if inner.body)
    return found


def statements_of(plain, source, most):
    """At most `most` Statements of a Plain with a tree: parents first, else in source order."""
    data = source.encode("utf-8", "surrogatepass")
    found = []
    stack = [(node, -1) for node in reversed(plain.tree.body)]
    while stack and len(found) < most:
        node, parent = stack.pop()
        index = len(found)
        found.append(_statement(plain, data, node, parent))
        for block in reversed(blocks(node)):
            stack.extend((inner, index) for inner in reversed(block))
    return found


def _statement(plain, data, node, parent):
    magic = plain.magics.get(node.lineno)
    if magic and isinstance(node, ast.Expr) and isinstance(node.value, ast.Name) \
            and node.value.id == placeholder(node.lineno):
        return Statement(node, parent, "Magic", (magic.begin, magic.end),
                         (magic.first_line, magic.last_line))
    line, begin = node.lineno, plain.offset(node.lineno, node.col_offset)
    decorators = getattr(node, "decorator_list", None)
    if decorators:
        first = decorators[0]
        at = data.rfind(b"@", 0, plain.offset(first.lineno, first.col_offset))
        if at >= 0:
            begin = at
            line = first.lineno - data.count(b"\n", at, plain.offset(first.lineno,
                                                                    first.col_offset))
    end = plain.offset(node.end_lineno, node.end_col_offset)
    closing = plain.magics.get(node.end_lineno)
    return Statement(node, parent, type(node).__name__, (begin, max(begin, end)),
                     (line, closing.last_line if closing else node.end_lineno))
