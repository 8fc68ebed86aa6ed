"""Messages as tuples, in the field order of include/nbreplay/protocol/fields.h; caps on text."""

# Index of each request in protocol::Request.
(CONFIGURE, RUN_CELL, PARSE_CELLS, PROCEED, FINISH, TAKE_SNAPSHOT, FORK_RUNNER,
 REAP_RUNNER, ENTER_VIEW) = range(9)
# protocol::OutputKind.
DISPLAY, RESULT, UPDATE, CLEAR, CLEAR_WAIT, ERROR = range(6)
# protocol::CellStatus.
COMPLETED, RAISED, EXIT_REQUESTED = range(3)

MAX_MESSAGE = 64 * 1024
MAX_DISPLAY = 16 * 1024 * 1024
# Of a frame's 64 MiB; JSON that is ASCII only.
MAX_WIDGETS = 48 * 1024 * 1024
MAX_FRAMES = 200
MAX_FACTS = 20000


class Configuration:
    """The fields of protocol::Configure."""

    def __init__(self, fields):
        (self.version, self.python_executable, self.worker_package, self.append_path,
         self.prepend_path, shell, self.hash_seed, self.random_seed, self.parse_only,
         self.placeholder_modules, self.preload, _sandboxed, _closed) = fields
        self.plain = shell == 1


class SetupError(Exception):
    """The worker cannot serve; `stage` as in protocol::SetupFailed."""

    def __init__(self, stage, message):
        super().__init__(message)
        self.stage = stage


def clip(text, limit=MAX_MESSAGE):
    """`text` cut in the middle to at most about `limit` characters."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return "%s\n[... %d characters left out ...]\n%s" % (
        text[:half], len(text) - 2 * half, text[-half:])


def safe_str(value):
    """str(value), whatever its class does."""
    try:
        return clip(str.__str__(str(value)))
    except BaseException as error:  # a notebook's __str__ may raise anything
        return "<%s whose str() raised %s>" % (type(value).__name__, type(error).__name__)
