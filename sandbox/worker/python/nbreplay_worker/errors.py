"""An exception as plain data: what protocol::CellDone says of it."""
import linecache
import os

from . import wire
from .cells import cells

_OWN = os.path.dirname(os.path.abspath(__file__)) + os.sep


class _Frames:
    """Frames of a traceback, outermost first, without nbreplay's and IPython's at the top."""

    def __init__(self):
        self._ipython = None

    def hidden_at_top(self, file):
        if self._ipython is None:
            import sys
            module = sys.modules.get("IPython")
            self._ipython = os.path.dirname(module.__file__) + os.sep if module else _OWN
        return file.startswith((self._ipython, _OWN))

    def of(self, traceback):
        """[(frame, line)]"""
        frames = []
        while traceback is not None:
            frames.append((traceback.tb_frame, traceback.tb_lineno or 0))
            traceback = traceback.tb_next
        start = 0
        while start < len(frames) and self.hidden_at_top(frames[start][0].f_code.co_filename):
            start += 1
        return [pair for pair in frames[start:]
                if not pair[0].f_code.co_filename.startswith(_OWN)]


frames_of = _Frames().of


def function_name(code):
    return getattr(code, "co_qualname", code.co_name)


def source_line(frame, line):
    file = frame.f_code.co_filename
    return wire.clip(linecache.getline(file, line, frame.f_globals).strip(), 1000)


def _wire_frame(frame, line):
    code = frame.f_code
    position, cell_line = cells.locate(code.co_filename, line)
    text = source_line(frame, line)
    if position >= 0 and not text and position == cells.position:
        text = _line_of(cells.source, cell_line)
    module = frame.f_globals.get("__name__", "")
    return (wire.clip(code.co_filename, 4096), wire.clip(str(module), 1000),
            wire.clip(function_name(code), 1000), text, cell_line, position)


def _line_of(source, line):
    lines = source.splitlines()
    return lines[line - 1].strip() if 0 < line <= len(lines) else ""


def _wire_frames(error):
    frames = frames_of(error.__traceback__)
    if len(frames) > wire.MAX_FRAMES:
        half = wire.MAX_FRAMES // 2
        frames = frames[:half] + frames[-half:]
    converted = [_wire_frame(frame, line) for frame, line in frames]
    if isinstance(error, SyntaxError):
        converted += _syntax_frame(error)
    return converted


def _syntax_frame(error):
    """The place that a SyntaxError names, when that is in a cell: no frame ever ran there."""
    file, line = error.filename, error.lineno
    if not isinstance(file, str) or not isinstance(line, int):
        return []
    position, cell_line = cells.locate(file, line)
    if position < 0:
        return []
    text = error.text if isinstance(error.text, str) else ""
    return [(file, "__main__", "<module>", wire.clip(text.strip(), 1000), cell_line, position)]


def following(error):
    """(the exception that `error` came from, whether by `raise … from`), or (None, False)."""
    if error.__cause__ is not None:
        return error.__cause__, True
    if error.__suppress_context__:
        return None, False
    return error.__context__, False


def _chain(error):
    links, seen = [], {id(error)}
    while len(links) < 50:
        error, explicit = following(error)
        if error is None or id(error) in seen:
            break
        seen.add(id(error))
        links.append((type(error).__name__, wire.safe_str(error), explicit))
    return links


def qualified_name(kind):
    module = getattr(kind, "__module__", "") or ""
    name = getattr(kind, "__qualname__", kind.__name__)
    return name if module in ("builtins", "") else "%s.%s" % (module, name)


def describe(error):
    """The fields of CellDone from `type` to `chain`."""
    try:
        return _describe(error)
    except Exception:  # a notebook's class may answer any question with an exception
        name = type(error).__name__
        return name, name, [], wire.safe_str(error), [], []


def _describe(error):
    kind = type(error)
    bases = [base.__name__ for base in kind.__mro__[1:] if base is not object]
    return (kind.__name__, qualified_name(kind), bases[:50], wire.safe_str(error),
            _wire_frames(error), _chain(error))


NOTHING = ("", "", [], "", [], [])
