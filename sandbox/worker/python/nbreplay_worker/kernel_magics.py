"""The magics that Jupyter's kernel adds to IPython's, and those that would install packages."""
from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_magic, magics_class

from . import packages

_MANAGERS = ("conda", "mamba", "micromamba", "uv")
_SCRIPTS = ("bash", "sh")


@magics_class
class KernelMagics(Magics):
    @line_magic
    def clear(self, line):
        self.shell.system("clear")

    @line_magic
    def less(self, line):
        if not line:
            raise UsageError("Missing filename.")
        with open(line) as file:
            self.shell._page(file.read())

    line_magic("more")(less)

    @line_magic
    def man(self, line):
        from IPython.utils.process import getoutput
        self.shell._page(getoutput("man %s | col -b" % line))

    @line_magic
    def autosave(self, line):
        from IPython.display import Javascript, display
        try:
            seconds = int(line)
        except ValueError:
            raise UsageError("%%autosave requires an integer, got %r" % line)
        display(Javascript("IPython.notebook.set_autosave_interval(%i)" % (1000 * seconds)),
                include=["application/javascript"])
        print("Autosaving every %i seconds" % seconds if seconds else "Autosave disabled")


class _Guarded:
    """A magic that changes no environment."""

    def __init__(self, name, magic):
        self._name = name
        self._magic = magic

    def __call__(self, line, cell=None):
        if cell is not None:
            return self._magic(line, packages.without_changes(cell))
        if packages.system("%s %s" % (self._name, line)) is not None:
            return None
        if self._magic is None:
            raise UsageError("Line magic function `%%%s` not found." % self._name)
        return self._magic(line)


def guard(kind, name, magic):
    """`magic`, or what stands in its place: for %conda and the like, and for shell scripts.

    %pip needs no guard: it goes through the shell's `system`.
    """
    if isinstance(magic, _Guarded):
        return magic
    if kind == "line" and name in _MANAGERS:
        return _Guarded(name, magic)
    if kind == "cell" and name in _SCRIPTS and magic is not None:
        return _Guarded(name, magic)
    return magic
