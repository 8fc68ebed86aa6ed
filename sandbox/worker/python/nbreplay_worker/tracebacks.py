"""The `traceback` list of an error output, in the form of a current kernel.

IPython's own formatter reads and tokenises every file of the stack, which costs up to hundreds
of milliseconds per failing cell; here a line of context costs one look into linecache.
"""
import inspect
import linecache
import os

from . import wire
from .errors import following, frames_of, function_name

_WIDTH = 75
_NUMBERS = 7
_CONTEXT = 2
_SHOWN = 40


class Painter:
    def __init__(self, colours):
        self._colours = colours

    def paint(self, code, text):
        return "\x1b[%dm%s\x1b[39m" % (code, text) if self._colours and text else text

    def red(self, text):
        return self.paint(31, text)

    def green(self, text):
        return self.paint(32, text)

    def cyan(self, text):
        return self.paint(36, text)

    def blue(self, text):
        return self.paint(34, text)


def format_exception(error, file_numbers, colours=True):
    """`file_numbers` maps a cell's file to the n of In[n]."""
    painter = Painter(colours)
    parts = []
    chain, seen = [(error, None)], {id(error)}
    while len(chain) < 20:
        cause, explicit = following(chain[-1][0])
        if cause is None or id(cause) in seen:
            break
        seen.add(id(cause))
        chain.append((cause, explicit))
    parts.append(painter.red("-" * _WIDTH))
    for index in range(len(chain) - 1, -1, -1):
        parts += _format_one(chain[index][0], file_numbers, painter)
        explicit = chain[index][1]
        if explicit is not None:
            parts.append("\nThe above exception was the direct cause of the following exception:\n"
                         if explicit else
                         "\nDuring handling of the above exception, "
                         "another exception occurred:\n")
    return parts


def format_syntax_error(error, file_numbers, with_stack, colours=True):
    """Of a SyntaxError; the stack is shown when running code met it, in an import for example."""
    painter = Painter(colours)
    parts = []
    if with_stack:
        parts += _format_frames(frames_of(error.__traceback__), file_numbers, painter)
    place = ""
    if isinstance(error.filename, str) and isinstance(error.lineno, int):
        place = "%s\n" % _place(error.filename, error.lineno, file_numbers, painter)
        # What compiling finds, after parsing, comes without the text of its line.
        text = error.text if isinstance(error.text, str) else linecache.getline(
            error.filename, error.lineno)
        stripped = wire.clip(text.strip(), 1000)
        if stripped:
            place += "    %s\n" % stripped
        if stripped and isinstance(error.offset, int):
            column = error.offset - 1 - (len(text) - len(text.lstrip()))
            place += "    %s^\n" % (" " * min(max(column, 0), 1000))
    message = wire.safe_str(error.msg) if error.msg is not None else ""
    parts.append("%s%s: %s" % (place, painter.red(type(error).__name__), message))
    return parts


def _format_one(error, file_numbers, painter):
    name = type(error).__name__
    title = "Traceback (most recent call last)"
    parts = [painter.red(name) + title.rjust(_WIDTH - len(name))]
    frames = frames_of(error.__traceback__)
    parts += _format_frames(frames, file_numbers, painter)
    last = "%s: %s" % (painter.red(name), wire.safe_str(error))
    notes = getattr(error, "__notes__", None)
    if isinstance(notes, (list, tuple)):
        last = "\n".join([last] + [wire.safe_str(note) for note in notes])
    parts.append(last)
    return parts


def _format_frames(frames, file_numbers, painter):
    """Repeated frames of a recursion, and the middle of a deep stack, become one line."""
    parts, index = [], 0
    while index < len(frames):
        frame, line = frames[index]
        same = index
        while same < len(frames) and frames[same][0].f_code is frame.f_code \
                and frames[same][1] == line:
            same += 1
        shown = min(same, index + 3) if same - index > 5 else same
        for number in range(index, shown):
            parts.append(_format_frame(frames[number][0], line, file_numbers, painter))
        if shown < same:
            parts.append("    " + painter.red("[... skipping similar frames: %s at line %d (%d "
                                              "times)]" % (frame.f_code.co_name, line,
                                                           same - shown)))
        index = same
    if len(parts) > 2 * _SHOWN:
        hidden = len(parts) - 2 * _SHOWN
        parts[_SHOWN:-_SHOWN] = ["    " + painter.red("[... skipping %d frames]" % hidden)]
    return parts


def _format_frame(frame, line, file_numbers, painter):
    code = frame.f_code
    place = _place(code.co_filename, line, file_numbers, painter)
    if code.co_name != "<module>":
        place += ", in %s%s" % (painter.cyan(function_name(code)), painter.blue(_arguments(code)))
    return place + "\n" + _context(frame, line, painter)


def _place(file, line, file_numbers, painter):
    if file in file_numbers:
        return "%s%s" % (painter.cyan("Cell "), painter.green(
            "In[%s], line %d" % (file_numbers[file], line)))
    return "%s%s" % (painter.cyan("File "), painter.green("%s:%d" % (_short(file), line)))


def _short(path):
    home = os.path.expanduser("~")
    return "~" + path[len(home):] if home != "/" and path.startswith(home + os.sep) else path


def _arguments(code):
    names = list(code.co_varnames[:code.co_argcount + code.co_kwonlyargcount])
    rest = code.co_argcount + code.co_kwonlyargcount
    if code.co_flags & inspect.CO_VARARGS:
        names.insert(code.co_argcount, "*" + code.co_varnames[rest])
        rest += 1
    if code.co_flags & inspect.CO_VARKEYWORDS:
        names.append("**" + code.co_varnames[rest])
    return "(%s)" % ", ".join(names)


def _context(frame, line, painter):
    lines = linecache.getlines(frame.f_code.co_filename, frame.f_globals)
    if not 0 < line <= len(lines):
        return ""
    first, last = max(1, line - _CONTEXT), min(len(lines), line + _CONTEXT)
    text = ""
    for number in range(first, last + 1):
        source = wire.clip(lines[number - 1].rstrip("\n"), 1000)
        if number == line:
            arrow = "-" * (_NUMBERS - len(str(number)) - 2) + "> "
            text += "%s %s\n" % (painter.green(arrow + str(number)), source)
        else:
            text += "%s %s\n" % (painter.green(str(number).rjust(_NUMBERS)), source)
    return text
