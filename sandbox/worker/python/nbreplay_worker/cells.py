"""Which code belongs to which execution of which cell."""
import os

import _nbreplay


def temporary_folder():
    # tempfile.gettempdir() would test the folder by writing a file into it.
    for variable in ("TMPDIR", "TEMP", "TMP"):
        if os.environ.get(variable):
            return os.environ[variable]
    return "/tmp"


class Cells:
    """Knows the file name that each execution's code was compiled under.

    Names are what a kernel gives: <tmp>/ipykernel_<pid>/<hash of the source>.py. Equal sources
    share a name; a frame of such code belongs to the latest execution of it.
    """

    def __init__(self):
        self.moved()
        self._files = {}
        # The n of In[n] by file name, as tracebacks show it.
        self.numbers = {}
        self.position = -1
        self.source = ""

    def moved(self):
        """Another process, or another folder for temporary files, before the first cell."""
        self._folder = os.path.join(temporary_folder(), "ipykernel_%d" % os.getpid())

    def start(self, position, source):
        self.position = position
        self.source = source

    def file_name(self, source, number):
        """The file name for code of the current execution, whose count is `number`."""
        digest = _nbreplay.murmur2(source.encode("utf-8", "surrogatepass"))
        name = os.path.join(self._folder, "%d.py" % digest)
        self._files[name] = (self.position, self._line_offset(source))
        self.numbers[name] = number
        return name

    def _line_offset(self, source):
        """How many lines of the cell come before `source`: the body of a cell magic."""
        if source == self.source or not source.strip():
            return 0
        at = self.source.find(source.rstrip("\n"))
        return self.source.count("\n", 0, at) if at > 0 else 0

    def locate(self, file, line):
        """(position, line in the cell) of code; (-1, line) when it is no cell's."""
        if file in self._files:
            position, offset = self._files[file]
            return position, line + offset
        if file == "<timed exec>" and self.source.lstrip().startswith("%%time"):
            before = len(self.source) - len(self.source.lstrip())
            return self.position, line + 1 + self.source.count("\n", 0, before)
        return -1, line


cells = Cells()
