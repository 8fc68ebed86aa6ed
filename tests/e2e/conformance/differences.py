"""Every difference from nbclient with ipykernel that is known, with its reason.

docs/conformance.md lists the same; the test compares the two lists, and that each still differs.
"""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Difference:
    case: str
    #: The differing parts: cells by number, or "widgets".
    parts: tuple
    reason: str
    #: True where the kernel's side depends on timing, so that a run may agree.
    sometimes: bool = False


DIFFERENCES = [
    Difference(
        "arguments", ("cell 1", "cell 3"),
        "nbclient gives its kernel one argument more, to keep history in memory"),
    Difference(
        "argument-parser-name", ("cell 1",),
        "sys.argv[0] is nbreplay's own name (decided)"),
    Difference(
        "interpreter-state", ("cell 2", "cell 3"),
        "nbreplay's handler of SIGINT, which also cancels awaits, raises "
        "KeyboardInterrupt as Python's does; no bytecode is written, so that runs leave "
        "environments as they are"),
    Difference(
        "no-threads-at-first", ("cell 1",),
        "no Python thread exists before the notebook's own (decided: a fork must stay "
        "possible)"),
    Difference(
        "surrogate-output", ("cell 1",),
        "the kernel fails to send lone surrogates and loses the text; nbreplay keeps it, "
        "escaped"),
    Difference(
        "descriptor-bytes", ("cell 1",),
        "a run of bytes that are not UTF-8 becomes one replacement character, not one for "
        "each"),
    Difference(
        "descriptor-order", ("cell 1",),
        "descriptor and Python output stay in the order in which they were written "
        "(decided); a kernel reads descriptors in a thread",
        sometimes=True),
    Difference(
        "descriptor-before-result", ("cell 1",),
        "the same, before a result",
        sometimes=True),
    Difference(
        "redirected", ("cell 3",),
        "the kernel loses what is printed after sys.stdout was replaced in one cell and "
        "put back in another; nbreplay keeps it"),
    Difference(
        "late-thread-output", ("cell 1", "cell 2"),
        "what a thread prints belongs to the cell that runs then, and is kept (decided); "
        "in a kernel it belongs to the cell that started the thread, or is lost",
        sometimes=True),
    Difference(
        "too-much-output", ("cell 1",),
        "nbreplay keeps 1 MiB per stream and cell and says so (--output-limit)"),
    Difference(
        "wrong-types", ("cell 3",),
        "the kernel warns about its own messages when JSON holds NaN; both store the text "
        "nan"),
    Difference(
        "chained-errors", ("cell 1", "cell 2"),
        "of a frame that goes on after an error IPython shows the line where it stopped; "
        "nbreplay shows the line that raised"),
    Difference(
        "own-handlers", ("cell 1",),
        "the same, for an error that was caught"),
    Difference(
        "odd-exceptions", ("cell 1",),
        "for an exception whose str() raises IPython reports its own failure; nbreplay "
        "names the exception"),
    Difference(
        "recursion", ("cell 2",),
        "nbreplay shortens repeated frames, also a few hundred of them"),
    Difference(
        "exit-call", ("cell 2", "cell 3"),
        "no cell runs after exit() (decided); in a kernel some still do until it has "
        "stopped",
        sometimes=True),
    Difference(
        "exit-word", ("cell 3",),
        "the same, for exit without a call",
        sometimes=True),
    Difference(
        "history-magics", ("cell 7",),
        "%history -l reads the history database, and nbreplay keeps none"),
    Difference(
        "process-ends", ("cell 2",),
        "the count of a cell that ends its process reaches nbclient or not",
        sometimes=True),
]
