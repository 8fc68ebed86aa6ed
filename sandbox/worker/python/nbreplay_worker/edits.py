"""Changes of a cell's source that make it smaller: what statement reduction may try.

Each edit was checked to leave text that Python takes: within a simple statement or a compound
one's header by parsing that alone, else by compiling the top-level statements that it touches.
"""
import ast

from .checking import accepted, compile_code, safe_to_compile
from .magics import transform
from .statements import blocks

_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_WITHS = (ast.With, ast.AsyncWith)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_SHORT_TEXT = 8   # characters: shorter strings are left as they are
_SINGLY = 12      # elements: of longer collections only halves are left out


class Editor:
    def __init__(self, plain, source, statements, most, most_work):
        self._plain = plain
        self._data = source.encode("utf-8", "surrogatepass")
        self._statements = statements
        self._most = most
        self._work = most_work  # bytes that checking may still compile
        self._edits = []
        self._check = compile_code if safe_to_compile(plain.tree) else ast.parse
        self._places = {id(statement.node): statement for statement in statements}
        self._chunks = self._top_level_chunks()

    def edits(self):
        """[(statement, begin, end, replacement, kind)]"""
        for index, statement in enumerate(self._statements):
            if len(self._edits) >= self._most or self._work <= 0:
                break
            self._index = index
            self._remove(statement)
            if statement.kind == "Magic":
                continue
            self._unwrap(statement)
            self._pass(statement)
            self._inside(statement)
        return self._edits

    # ---- checking ---------------------------------------------------------------------------

    def _top_level_chunks(self):
        """For each statement the bytes of the lines of its top-level statement."""
        chunks, current = [], None
        for statement in self._statements:
            if statement.parent < 0:
                begin = self._line_start(statement.begin)
                end = self._line_end(statement.end)
                if current and begin < current[1]:  # a; b
                    current[1] = max(current[1], end)
                else:
                    current = [begin, end]
            chunks.append(current)
        return chunks

    def _line_start(self, at):
        return max(self._data.rfind(b"\n", 0, at), self._data.rfind(b"\r", 0, at)) + 1

    def _line_end(self, at):
        """After the end of the line."""
        ends = [found for found in (self._data.find(b"\n", at), self._data.find(b"\r", at))
                if found >= 0]
        if not ends:
            return len(self._data)
        end = min(ends)
        return end + (2 if self._data[end:end + 2] == b"\r\n" else 1)

    def _spend(self, size):
        self._work -= size + 50
        return self._work > 0

    def _compiles(self, begin, end, replacement):
        chunk_begin, chunk_end = self._chunks[self._index]
        chunk_end = max(chunk_end, end)
        data = self._data[chunk_begin:begin] + replacement + self._data[end:chunk_end]
        if not self._spend(len(data)):
            return False
        text = data.decode("utf-8", "replace")
        if not self._plain.magics and not any(self._plain.shifts):
            return accepted(self._check, text)
        tree = transform(text).tree
        return tree is not None and (self._check is ast.parse or accepted(compile_code, tree))

    def _add(self, begin, end, replacement, kind):
        if begin < end and replacement != self._data[begin:end]:
            try:
                text = replacement.decode("utf-8")
            except UnicodeDecodeError:
                return  # a lone surrogate, which has no form on the wire
            if self._compiles(begin, end, replacement):
                self._edits.append((self._index, begin, end, text, kind))

    # ---- whole statements -------------------------------------------------------------------

    def _siblings(self, statement):
        """(the block that holds the statement, the compound statement around it or None)"""
        if statement.parent < 0:
            return self._plain.tree.body, None
        parent = self._statements[statement.parent].node
        for block in blocks(parent):
            if any(node is statement.node for node in block):
                return block, parent
        return [statement.node], parent

    def _is_elif(self, statement):
        return isinstance(statement.node, ast.If) and self._data.startswith(b"elif",
                                                                            statement.begin)

    def _remove(self, statement):
        block, parent = self._siblings(statement)
        if self._is_elif(statement):
            end = self._clause_end(statement.node.body)
            self._add(self._line_start(statement.begin), end, b"", "remove")
            return
        begin, end = statement.begin, statement.end
        if parent is not None and len(block) == 1:
            if block is getattr(parent, "orelse", None) or block is getattr(parent, "finalbody", 0):
                self._drop_clause(parent, block)
            if statement.kind != "Pass":
                self._add(begin, end, b"pass", "remove")
            return
        before = self._data[self._line_start(begin):begin]
        rest = self._data[end:self._line_end(end)]
        after = rest.strip()
        alone_before, alone_after = not before.strip(b" \t\f>.:"), not after or after[:1] == b"#"
        if after == b";":
            alone_after = True
        if alone_before and alone_after:
            self._add(self._line_start(begin), self._line_end(end), b"", "remove")
        elif after[:1] == b";" and after != b";":
            skipped = len(rest) - len(rest.lstrip())
            tail = rest[skipped + 1:]
            self._add(begin, end + skipped + 1 + len(tail) - len(tail.lstrip(b" \t")), b"",
                      "remove")
        else:
            at = self._data.rfind(b";", 0, begin)
            if at >= 0:
                self._add(at, end, b"", "remove")

    def _clause_end(self, block):
        last = self._places.get(id(block[-1]))
        return self._line_end(last.end) if last else 0

    def _drop_clause(self, parent, block):
        """Leaves out `else:` or `finally:` with the block under it."""
        found = blocks(parent)
        position = next(index for index, other in enumerate(found) if other is block)
        if position == 0:
            return
        self._add(self._clause_end(found[position - 1]), self._clause_end(block), b"", "remove")

    # ---- compound statements ----------------------------------------------------------------

    def _unwrap(self, statement):
        node = statement.node
        if self._is_elif(statement):
            return
        if isinstance(node, (ast.If,) + _LOOPS + _WITHS) or type(node).__name__ in ("Try",
                                                                                    "TryStar"):
            for block in blocks(node):
                self._replace_by(statement, block)
            found = blocks(node)
            for index in range(len(found) - 1, 0, -1):  # clauses after the first
                if len(found[index]) > 1 or type(node).__name__ in ("Try", "TryStar"):
                    first = self._places.get(id(found[index][0]))
                    if first and not self._is_elif(first):
                        self._add(self._clause_end(found[index - 1]),
                                  self._clause_end(found[index]), b"", "unwrap")
        for decorator in getattr(node, "decorator_list", None) or []:
            begin = self._plain.line_start(decorator.lineno)
            end = self._line_end(self._plain.offset(decorator.end_lineno,
                                                    decorator.end_col_offset))
            self._add(begin, end, b"", "unwrap")

    def _replace_by(self, statement, block):
        """The statement replaced by a block of its own, moved out to its indentation."""
        first, last = self._places.get(id(block[0])), self._places.get(id(block[-1]))
        if not first or not last or self._is_elif(first):
            return
        start = self._line_start(first.begin)
        if start <= statement.begin:  # if x: a; b
            self._add(statement.begin, statement.end, self._data[first.begin:last.end], "unwrap")
            return
        inner = self._data[start:first.begin]
        outer = self._data[self._line_start(statement.begin):statement.begin]
        if inner.strip() or outer.strip() or not inner.startswith(outer):
            return
        kept = self._text_lines(block)
        lines = self._data[first.begin:last.end].split(b"\n")
        number = first.first_line
        moved = [lines[0]]
        for offset, line in enumerate(lines[1:], 1):
            if number + offset not in kept and line.startswith(inner):
                line = outer + line[len(inner):]
            moved.append(line)
        self._add(statement.begin, statement.end, b"\n".join(moved), "unwrap")

    @staticmethod
    def _text_lines(block):
        """Lines that begin inside of a string."""
        lines = set()
        for node in block:
            for inner in ast.walk(node):
                if isinstance(inner, (ast.Constant, ast.JoinedStr)):
                    lines.update(range(inner.lineno + 1, (inner.end_lineno or 0) + 1))
        return lines

    def _pass(self, statement):
        for block in blocks(statement.node):
            first, last = self._places.get(id(block[0])), self._places.get(id(block[-1]))
            if not first or not last or (first is last and first.kind == "Pass"):
                continue
            if len(block) == 1 and not blocks(block[0]):
                continue  # the same as removing its only statement
            if not self._is_elif(first):
                self._add(first.begin, last.end, b"pass", "pass")

    # ---- expressions ------------------------------------------------------------------------

    def _inside(self, statement):
        """Edits of a simple statement's expressions, or of a compound one's header."""
        inner = blocks(statement.node)
        end, tail = statement.end, b""
        if inner:
            first = self._places.get(id(inner[0][0]))
            if not first or type(statement.node).__name__ in ("Match", "Try", "TryStar"):
                return
            end, tail = first.begin, b"pass"
        begin = statement.begin + (2 if self._is_elif(statement) else 0)
        if len(self._plain.magics) and self._data[begin:end].find(b"\n") >= 0 and tail:
            return
        skipped = {id(node) for block in inner for node in block}
        stack = [statement.node]
        while stack:
            node = stack.pop()
            if len(self._edits) >= self._most or self._work <= 0:
                return
            for edit_begin, edit_end, replacement, kind in self._expression(node):
                self._try(begin, end, tail, edit_begin, edit_end, replacement, kind)
            if isinstance(node, ast.JoinedStr):
                continue  # before 3.12 the places inside of it are not the source's
            stack.extend(child for child in reversed(list(ast.iter_child_nodes(node)))
                         if id(child) not in skipped
                         and not isinstance(child, (ast.stmt, ast.ExceptHandler)))

    def _try(self, begin, end, tail, edit_begin, edit_end, replacement, kind):
        if not begin <= edit_begin < edit_end <= end:
            return
        data = self._data[begin:edit_begin] + replacement + self._data[edit_end:end] + tail
        if replacement == self._data[edit_begin:edit_end] or not self._spend(len(data)):
            return
        try:
            text, changed = data.decode("utf-8", "replace"), replacement.decode("utf-8")
        except UnicodeDecodeError:
            return
        if any(shift for shift in self._plain.shifts):  # prompts stand between its lines
            if self._compiles(edit_begin, edit_end, replacement):
                self._edits.append((self._index, edit_begin, edit_end, changed, kind))
        elif accepted(ast.parse, text):
            self._edits.append((self._index, edit_begin, edit_end, changed, kind))

    def _span(self, node):
        return (self._plain.offset(node.lineno, node.col_offset),
                self._plain.offset(node.end_lineno, node.end_col_offset))

    def _expression(self, node):
        if isinstance(node, ast.Call):
            yield from self._arguments(node)
            yield from self._chain(node)
        elif isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            spans = [self._span(element) for element in node.elts]
            yield from self._elements(spans, self._span(node))
        elif isinstance(node, ast.Dict) and None not in node.keys:
            spans = [(self._span(key)[0], self._span(value)[1])
                     for key, value in zip(node.keys, node.values)]
            yield from self._elements(spans, self._span(node))
        elif isinstance(node, ast.Constant):
            begin, end = self._span(node)
            if isinstance(node.value, (str, bytes)) and end - begin > _SHORT_TEXT + 2:
                yield begin, end, b"b''" if isinstance(node.value, bytes) else b"''", "literal"
            elif isinstance(node.value, int) and node.value > 1:
                yield begin, end, b"1", "literal"

    def _arguments(self, call):
        spans = sorted([self._span(argument) for argument in call.args]
                       + [self._keyword(keyword) for keyword in call.keywords])
        closing = self._span(call)[1] - 1
        for index in range(len(spans) - 1, -1, -1):
            begin, end = _without(spans, index, index + 1, closing)
            yield begin, end, b"", "argument"

    def _keyword(self, keyword):
        begin, end = self._span(keyword.value)
        if hasattr(keyword, "lineno"):
            return self._plain.offset(keyword.lineno, keyword.col_offset), end
        if keyword.arg is None:
            return max(self._data.rfind(b"**", 0, begin), 0), end
        at = self._data.rfind(b"=", 0, begin)
        return max(self._data.rfind(keyword.arg.encode("utf-8"), 0, at), 0), end

    def _chain(self, call):
        begin, end = self._span(call)
        if isinstance(call.func, ast.Attribute):
            inner = self._span(call.func.value)[1]
            if self._data[inner:inner + 1] not in (b")", b""):
                yield inner, end, b"", "call"
        if len(call.args) == 1 and not call.keywords and not isinstance(call.args[0], ast.Starred):
            inner = self._span(call.args[0])
            if not isinstance(call.args[0], ast.GeneratorExp):
                yield begin, end, self._data[inner[0]:inner[1]], "call"

    def _elements(self, spans, whole):
        count = len(spans)
        if count < 2:
            return
        closing = whole[1] - 1 if self._data[whole[1] - 1:whole[1]] in b")]}" else whole[1]
        if count >= 4:
            half = count // 2
            yield _without(spans, half, count, closing) + (b"", "literal")
            yield _without(spans, 0, half, closing) + (b"", "literal")
        if count <= _SINGLY:
            for index in range(count - 1, -1, -1):
                yield _without(spans, index, index + 1, closing) + (b"", "literal")


def _without(spans, first, last, closing):
    """The bytes to leave out so that elements [first, last) go with their commas."""
    if last < len(spans):
        return spans[first][0], spans[last][0]
    if first > 0:
        return spans[first - 1][1], spans[-1][1]
    return spans[0][0], closing
