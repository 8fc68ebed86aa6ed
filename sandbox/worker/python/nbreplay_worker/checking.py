"""Does Python take a text? Asked without running it."""
import ast

_FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_MAX_NESTED = 12
REFUSALS = (SyntaxError, ValueError, RecursionError, MemoryError)


def safe_to_compile(tree):
    """CPython 3.13 dies of some twenty comprehensions inside each other."""
    stack = [(tree, 0)]
    while stack:
        node, depth = stack.pop()
        depth += isinstance(node, _COMPREHENSIONS)
        if depth > _MAX_NESTED:
            return False
        stack.extend((child, depth) for child in ast.iter_child_nodes(node))
    return True


def compile_code(code):
    """Raises what Python raises of a text or tree; `break` outside of a loop is seen here only."""
    compile(code, "<cell>", "exec", _FLAGS, dont_inherit=True)


def accepted(check, code):
    try:
        check(code)
        return True
    except REFUSALS:
        return False
