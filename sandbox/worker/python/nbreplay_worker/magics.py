"""A cell's source as plain Python of the same lines, so that ast's places are the source's.

IPython's own transformer rewrites magics into calls of other lengths, which loses the places;
here each magic or shell line becomes a placeholder name on its line. The rules are those of
IPython.core.inputtransformer2; what a magic reads and binds is known for IPython's own.
"""
import ast
import re

from .checking import REFUSALS

_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_PROMPTS = (
    (re.compile(r">>>( |$)"), re.compile(r"(>>>|\.\.\.)( |$)")),
    (re.compile(r"In \[\d+\]: "), re.compile(r"(In \[\d+\]: |\s*\.{3,}: ?)")),
)
_ASSIGNED = re.compile(r"([^=#'\"(!<>]+?)=\s*([%!])(?![=%])\s*(\S.*)?$", re.S)
_HELP = re.compile(r"(%{0,2})((?!\d)[\w*]+(?:\.(?!\d)[\w*]+|\[[^\]]*\])*)\?\??$")
_TOKEN = re.compile(r"#|\"\"\"|'''|[\"'\[({\])}]|\\\n?")
_BRACED = re.compile(r"\{([^{}]+)\}")
_DOLLAR = re.compile(r"\$(?!\$)\{?([A-Za-z_]\w*)")
_OPTION = re.compile(r"-{1,2}[A-Za-z][\w-]*(?:=\S+)?")

# Magics whose argument or body is Python that runs in the notebook's namespace ...
_RUNS = {"time", "prun", "capture", "debug", "memit", "mprun", "snakeviz", "pyinstrument"}
# ... or in one of its own: it reads, but binds nothing.
_READS = {"timeit", "lprun", "prun", "pdef", "pdoc", "pfile", "pinfo", "pinfo2", "psource", "page"}
# Options of those that take a value.
_VALUED = {"timeit": "nrtp", "prun": "lsTDq", "lprun": "fmTDsuz", "memit": "rti", "time": "",
           "capture": ""}
_HARMLESS = {
    "matplotlib", "load_ext", "reload_ext", "unload_ext", "autoreload", "aimport", "config", "cd",
    "pwd", "ls", "ll", "la", "lf", "mkdir", "rmdir", "rm", "cp", "mv", "cat", "less", "more",
    "man", "env", "set_env", "who", "whos", "who_ls", "history", "hist", "pip", "conda", "mamba",
    "micromamba", "uv", "system", "sx", "sc", "bookmark", "dirs", "pushd", "popd", "dhist",
    "colors", "color", "precision", "pprint", "xmode", "pdb", "quickref", "lsmagic", "magic",
    "automagic", "autocall", "alias", "unalias", "rehashx", "logstart", "logstop", "logon",
    "logoff", "logstate", "save", "notebook", "gui", "doctest_mode", "connect_info", "qtconsole",
    "tb", "tensorboard", "watermark", "version_information", "psearch", "subplots"}
# Cell magics whose body is another language, and binds no name unless it says so (--out x).
_FOREIGN = {"bash", "sh", "script", "html", "HTML", "javascript", "js", "latex", "markdown",
            "svg", "SVG", "writefile", "file", "perl", "ruby", "python", "python2", "python3",
            "pypy", "cmd", "system", "sx", "!"}
_AUTOMAGIC = {"cd", "ls", "ll", "pwd", "pip", "conda", "mkdir", "rm", "cp", "mv", "cat", "who",
              "whos", "time", "timeit", "env", "run", "matplotlib", "history", "lsmagic"}


class Magic:
    """A magic or shell line; `begin` and `end` are byte offsets into the cell's source."""

    def __init__(self, begin, end, first_line, last_line):
        self.begin, self.end = begin, end
        self.first_line, self.last_line = first_line, last_line
        self.binds = []   # names
        self.deletes = []
        self.reads = []   # names
        self.code = []    # (Python source, whether what it binds stays bound)
        self.writes = []  # files
        self.opaque = False


class Plain:
    """`text` parses as Python when the cell does; `tree` is None and `problem` says why if not."""

    def __init__(self, source):
        self.lines = split_lines(_SURROGATE.sub("\ufffd", source))
        self._starts, at = [], 0
        for line in self.lines:
            self._starts.append(at)
            at += len(line.encode("utf-8"))
        self.size = at
        self.shifts = [0] * len(self.lines)
        self.magics = {}   # line: Magic
        self.local = False  # %%timeit: the cell's bindings are lost with it
        self.tree, self.problem, self.problem_line = None, "", 0

    @property
    def text(self):
        return "".join(self.lines)

    def offset(self, line, column):
        """The byte offset in the source of a place as ast tells it."""
        if line > len(self.lines):
            return self.size
        magic = self.magics.get(line)
        if magic:  # of its placeholder only the two ends mean anything
            return magic.end if self.lines[line - 1][:column].strip() else magic.begin
        return min(self._starts[line - 1] + self.shifts[line - 1] + column, self.size)

    def line_start(self, line):
        return self._starts[line - 1] if line <= len(self._starts) else self.size

    def cut(self, index, length):
        """Leaves out the first `length` characters of a line (ASCII ones)."""
        self.lines[index] = self.lines[index][length:]
        self.shifts[index] += length


def split_lines(text):
    """Lines as Python's tokenizer sees them, with their ends."""
    return _LINE.findall(text)


def transform(source):
    """A Plain with its tree; never raises for any source."""
    plain = Plain(source)
    first = next((i for i, line in enumerate(plain.lines) if line.strip()), None)
    if first is None:
        plain.tree = ast.parse("")
        return plain
    indent = len(plain.lines[first]) - len(plain.lines[first].lstrip(" \t"))
    if indent:
        _cut_indent(plain, plain.lines[first][:indent])
    _cut_prompts(plain, first)
    if not _parse(plain):
        problem = plain.problem, plain.problem_line
        if _place_magics(plain, first):
            _parse(plain)
        else:
            plain.problem, plain.problem_line = problem
    return plain


def _parse(plain):
    try:
        plain.tree = ast.parse(plain.text)
        plain.problem = ""
        return True
    except SyntaxError as error:
        plain.problem, plain.problem_line = str(error.msg), error.lineno or 0
    except ValueError as error:  # a null byte, before 3.12
        plain.problem = str(error)
    except (RecursionError, MemoryError):
        plain.problem = "it is nested too deeply"
    return False


def _cut_indent(plain, indent):
    for index, line in enumerate(plain.lines):
        if line.startswith(indent):
            plain.cut(index, len(indent))


def _cut_prompts(plain, first):
    for initial, prompt in _PROMPTS:
        if not initial.match(plain.lines[first].rstrip("\r\n")):
            continue
        for index, line in enumerate(plain.lines):
            found = prompt.match(line.rstrip("\r\n"))
            if found:
                plain.cut(index, found.end())
        return


def _place_magics(plain, first):
    at = first
    while at < len(plain.lines) and plain.lines[at].startswith("%%"):
        if _HELP.match(plain.lines[at].strip()):
            break
        if not _cell_magic(plain, at):
            return True
        at += 1
    found = at > first
    state = _Scanner()
    index = at
    while index < len(plain.lines):
        if state.at_start():
            last = index
            while last + 1 < len(plain.lines) and plain.lines[last].rstrip("\r\n").endswith("\\"):
                last += 1
            text = "".join(plain.lines[index:last + 1]).strip()
            magic = _line_magic(plain, index, last, text)
            if magic:
                found = True
                _place(plain, index, last, magic)
                index = last + 1
                continue
        state.take(plain.lines[index])
        index += 1
    lines = [line for line in plain.lines if line.strip()]
    if not found and len(lines) == 1 and lines[0].split()[0] in _AUTOMAGIC:
        text = "%" + plain.lines[first].strip()
        _place(plain, first, first, _line_magic(plain, first, first, text))
        found = True
    return found


def placeholder(line):
    return "__nbreplay_magic_%d__" % line


def _place(plain, index, last, magic):
    line = plain.lines[index]
    indent = line[:len(line) - len(line.lstrip())] if line.strip() else ""
    plain.lines[index] = indent + placeholder(index + 1) + "\n"
    for other in range(index + 1, last + 1):
        plain.lines[other] = "\n"
    plain.magics[index + 1] = magic


class _Scanner:
    """Follows strings, brackets and continued lines, to know where statements may start."""

    def __init__(self):
        self._quote, self._depth, self._continued = "", 0, False

    def at_start(self):
        return not (self._quote or self._depth or self._continued)

    def take(self, line):
        line = line.rstrip("\r\n")
        self._continued = line.endswith("\\")
        at = 0
        while True:
            found = _TOKEN.search(line, at)
            if not found:
                break
            token, at = found.group(), found.end()
            if token[0] == "\\":
                at = found.start() + 2
            elif self._quote:
                if token == self._quote:
                    self._quote = ""
                elif token[:1] == self._quote:
                    self._quote, at = "", found.start() + 1
            elif token == "#":
                self._continued = False
                break
            elif token[0] in "\"'":
                # An empty string followed by a quote reads as a triple quote only where one is.
                self._quote = token
            elif token in "[({":
                self._depth += 1
            else:
                self._depth = max(0, self._depth - 1)
        if len(self._quote) == 1 and not self._continued:
            self._quote = ""


def _magic_at(plain, index, last):
    line = plain.lines[index]
    begin = plain.offset(index + 1, len(line) - len(line.lstrip()))
    text = plain.lines[last].rstrip()
    end = plain.offset(last + 1, len(text.encode("utf-8")))
    return Magic(begin, max(begin, end), index + 1, last + 1)


def _line_magic(plain, index, last, text):
    """The Magic that lines `index` to `last` are, or None."""
    if not text or text[0] == "#":
        return None
    magic = _magic_at(plain, index, last)
    if text[0] in "%!?":
        _describe(magic, text)
        return magic
    if text[0] in ",;/" and len(text) > 1 and (text[1].isalpha() or text[1] == "_"):
        magic.code.append((text[1:].split()[0], False))
        return magic
    if text.endswith("?"):
        found = _HELP.search(text)
        if found:
            magic.code.append((found.group(2), False))
            return magic
    found = _ASSIGNED.match(text)
    if found and _assignable(found.group(1)):
        magic.code.append((found.group(1) + "= None", True))
        _describe(magic, found.group(2) + (found.group(3) or ""))
        return magic
    return None


def _assignable(target):
    try:
        ast.parse(target.strip() + " = None")
        return True
    except REFUSALS:
        return False


def _interpolated(magic, text):
    """{expression} and $name, which IPython puts into shell and magic lines."""
    for expression in _BRACED.findall(text):
        magic.code.append((expression, False))
    magic.reads += _DOLLAR.findall(text)


def _describe(magic, text):
    if text[0] == "!":
        _interpolated(magic, text)
        return
    if text[0] == "?":
        magic.code.append((text.strip("?").strip(), False))
        return
    name, _, rest = text.lstrip("%").partition(" ")
    if name.endswith("?"):
        return
    rest = rest.strip().replace("\\\r\n", "").replace("\\\n", "")
    if name in _RUNS or name in _READS:
        magic.code.append((_without_options(name, rest), name in _RUNS and name not in _READS))
    elif name in _HARMLESS:
        _interpolated(magic, rest)
    elif name == "xdel":
        magic.deletes += [word for word in rest.split() if word.isidentifier()]
    elif name == "store" and not rest.startswith("-r"):
        magic.reads += [word for word in rest.split() if word.isidentifier()]
    else:  # %run, %load, %reset, %pylab, and whatever an extension brought
        _interpolated(magic, rest)
        magic.opaque = True


def _without_options(name, text):
    valued = _VALUED.get(name, "")
    while True:
        found = _OPTION.match(text)
        if not found:
            return text
        option = found.group()
        text = text[found.end():].lstrip()
        if len(option) == 2 and option[1] in valued:
            text = text.partition(" ")[2].lstrip()


def _cell_magic(plain, index):
    """Places the cell magic at line `index`; returns whether Python follows it."""
    name, _, rest = plain.lines[index][2:].strip().partition(" ")
    python = name in _RUNS or name in _READS
    magic = _magic_at(plain, index, index if python else len(plain.lines) - 1)
    if not python:
        if name in ("writefile", "file"):
            magic.writes += [word for word in rest.split() if not word.startswith("-")][:1]
        elif name not in _FOREIGN:
            magic.opaque = True
        magic.binds += re.findall(r"--(?:out|err|proc)[ =]([A-Za-z_]\w*)", rest)
        if name in _FOREIGN and name not in ("writefile", "file", "html", "HTML", "latex",
                                             "markdown", "javascript", "js", "svg", "SVG"):
            _interpolated(magic, rest)
        _place(plain, index, len(plain.lines) - 1, magic)
        return False
    if name == "capture":
        magic.binds += [word for word in rest.split() if word.isidentifier()][:1]
    elif rest:
        magic.code.append((_without_options(name, rest), True))
    if name == "timeit":
        plain.local = True
    _place(plain, index, index, magic)
    return True
