#pragma once

// What controller and worker say to each other.
//
// Life of a worker: the controller sends Configure; the worker answers Ready or SetupFailed, then
// serves requests one at a time: RunCell is answered by any number of Output, Requirement and
// Note messages and ends with CellDone; ParseCells is answered by one CellFactsReply; Finish ends
// the worker: it sends Finished and exits with 0 after running atexit handlers.
//
// Order of output: file descriptors 1 and 2 of the worker are pipes that the controller reads.
// Before a message of kind Output (and before writing to one of the two streams after the other)
// the worker waits for the controller: it sends the message (or Sync), the controller takes all
// bytes that lie in the pipes, then the message, and answers Proceed. What was written first is
// therefore recorded first.
//
// Snapshots: TakeSnapshot freezes a copy of the worker, which runs nothing any more and serves
// ForkRunner and ReapRunner over a socket of its own. A runner is a worker like any other, with
// its own streams and socket: it says Ready there and is served as above. Descriptors always
// travel from the controller, with the request that needs them (SCM_RIGHTS).
//
// Nothing a worker says is trusted: the decoder caps sizes and depth, and how the process ended
// is what the kernel says. Changing any struct means raising kProtocolVersion.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace nbreplay::protocol {

inline constexpr std::uint32_t kProtocolVersion = 3;
/// The worker inherits its end of the control socket under this number.
inline constexpr int kControlFd = 3;
/// Under this number the worker inherits a pipe that takes faulthandler's words when a signal
/// ends it; without one it goes without.
inline constexpr int kFaultFd = 4;

// ---- controller to worker -------------------------------------------------------------------

enum class ShellKind : std::uint8_t { kIPython = 0, kPlain = 1 };

/// How to start the interpreter; always the first message.
struct Configure {
  std::uint32_t version = kProtocolVersion;
  std::string python_executable;  ///< The environment's interpreter; finds its pyvenv.cfg.
  std::string worker_package;     ///< Folder with nbreplay's own Python files.
  /// Folders with IPython for an environment that has none: put after (append) or before
  /// (prepend) the environment's own path.
  std::vector<std::string> append_path;
  std::vector<std::string> prepend_path;
  ShellKind shell = ShellKind::kIPython;
  std::uint32_t hash_seed = 0;               ///< PYTHONHASHSEED.
  std::optional<std::uint64_t> random_seed;  ///< --seed: random, numpy, torch, tensorflow.
  bool parse_only = false;                   ///< Serves ParseCells only; no shell is made.
  /// Missing modules to replace by permissive placeholders ("google.colab"): an experiment.
  std::vector<std::string> placeholder_modules;
  /// Modules to import before the first cell, where they are there: a worker to be forked spares
  /// its runners the time, at the price of more being imported than the notebook asked for.
  std::vector<std::string> preload;
  bool sandboxed = false;       ///< Frozen copies and runners are to be kept apart.
  bool network_closed = false;  ///< A Note says so when the notebook asks for it.
};

/// Runs one cell. `position` numbers the executions of this worker from 0.
struct RunCell {
  std::uint32_t position = 0;
  std::uint32_t cell = 0;  ///< Index over all cells of the notebook.
  std::string cell_id;     ///< May be empty.
  std::string source;
  bool observe = false;  ///< CellDone says which names it read and wrote.
};

struct ParseCells {
  std::vector<std::string> sources;
};

struct Proceed {};
struct Finish {};

/// Before, after and between cells: freeze a copy of this process, which serves ForkRunner over the
/// one socket that comes along. Answered by SnapshotReply; the worker itself goes on.
struct TakeSnapshot {};

/// In a sandbox, after a copy was frozen: its view of the files was replaced by an equal one of its
/// own. The worker looks up its folder and its open files again. Answered by ViewEntered.
struct EnterView {};

/// A variable of the environment.
struct WireVariable {
  std::string name;
  std::string value;
};

/// To a snapshot: fork a runner. Four descriptors come along, the runner's standard output,
/// standard error, control socket and fault pipe. Answered by ForkReply; the runner says Ready.
struct ForkRunner {
  /// Where to go; empty: where it was. A snapshot from before the first cell also moves house:
  /// HOME, TMPDIR and what depends on them.
  std::string working_directory;
  std::vector<WireVariable> variables;  ///< To set.
};

/// To a snapshot: collect a runner that has ended, so that its process id becomes free. Until
/// then the controller can read how it ended from the kernel.
struct ReapRunner {
  std::int32_t pid = 0;
};

using Request = std::variant<Configure, RunCell, ParseCells, Proceed, Finish, TakeSnapshot,
                             ForkRunner, ReapRunner, EnterView>;

// ---- worker to controller -------------------------------------------------------------------

struct Ready {
  std::uint32_t version = kProtocolVersion;
  std::string python_version;   ///< "3.11.7"
  std::string ipython_version;  ///< Empty for the plain shell.
  std::string ipython_from;     ///< "environment" or "supplied".
};

struct SetupFailed {
  std::string stage;    ///< "libpython", "interpreter", "ipython", "shell".
  std::string message;  ///< One or more lines for a person.
};

enum class OutputKind : std::uint8_t {
  kDisplayData = 0,
  kExecuteResult = 1,
  kUpdateDisplay = 2,
  kClearOutput = 3,
  kClearOutputWait = 4,
  kError = 5,
};

/// One rich output. The JSON texts are objects as nbformat stores them: `data` and `metadata` of
/// a display; for kError `data` is {"ename","evalue","traceback"}.
struct Output {
  OutputKind kind = OutputKind::kDisplayData;
  std::string data_json = "{}";
  std::string metadata_json = "{}";
  std::string display_id;  ///< Empty when the display has none.
};

/// Asks only for a Proceed, to keep the order of the two streams.
struct Sync {};

struct WireFrame {
  std::string file;
  std::string module;
  std::string function;  ///< co_qualname where the interpreter has it, else co_name.
  std::string text;      ///< Source line, stripped.
  std::int32_t line = 0;
  std::int32_t position = -1;  ///< Which execution's code this frame runs; -1: not a cell.
};

struct WireLink {
  std::string type;
  std::string message;
  bool explicit_cause = false;
};

enum class CellStatus : std::uint8_t {
  kCompleted = 0,
  kRaised = 1,
  kExitRequested = 2,  ///< exit() or quit(): the kernel stops after this cell, as Jupyter's does.
};

/// What a cell was seen to do with the names of the notebook's namespace while it ran, in this
/// cell's own code and in functions of earlier cells that it called.
struct WireObserved {
  std::vector<std::string> reads;
  std::vector<std::string> writes;   ///< Bound anew, deletions included.
  std::vector<std::string> changes;  ///< Objects whose content changed in place, by name.
  bool complete = false;  ///< Nothing can have gone unseen (no exec, no foreign globals()).
};

struct CellDone {
  std::uint32_t position = 0;
  CellStatus status = CellStatus::kCompleted;
  std::optional<std::uint32_t> execution_count;  ///< Unset for a blank cell.
  // The rest only when raised.
  std::string type;
  std::string qualified_type;
  std::vector<std::string> base_types;
  std::string message;
  std::vector<WireFrame> frames;  ///< Outermost first; frames of nbreplay and IPython cut.
  std::vector<WireLink> chain;
  bool interrupted = false;  ///< A KeyboardInterrupt; the controller knows whether it sent one.
  std::optional<WireObserved> observed;  ///< When RunCell asked for it; also when raised.
};

struct SnapshotReply {
  std::int32_t pid = 0;  ///< Of the frozen copy; 0 when none was made.
  /// Why none was made, for a person: "polars: thread pool (4 threads)". Empty when it was.
  std::vector<std::string> hazards;
};

struct ForkReply {
  std::int32_t pid = 0;  ///< Of the runner, a child of the snapshot; 0 when fork() failed.
  std::int32_t error = 0;
};

struct ViewEntered {
  std::string problem;  ///< What could not be found again; empty: all was.
};

/// `%pip install`, `!pip install`, `%conda install`: recorded, never done.
struct Requirement {
  std::string command;      ///< As written.
  std::string requirement;  ///< "pandas==1.5.3"; empty when it could not be read.
  bool satisfied = false;   ///< The environment holds it already.
};

/// Something a person should know ("stdin was read and answered with end of file").
struct Note {
  std::string text;
};

struct WireName {
  std::string name;
  std::int32_t line = 0;
};

struct WireImport {
  std::string module;  ///< "sklearn.preprocessing"
  std::string name;    ///< Imported member; empty for `import module`; "*" for a star import.
  std::string bound;   ///< The name it binds.
  std::int32_t line = 0;
};

struct WireFile {
  std::string path;  ///< A string literal that is opened or read.
  std::string call;  ///< "pandas.read_csv", "open".
  bool write = false;
  std::int32_t line = 0;
};

/// A statement of a cell. Offsets are bytes into the cell's source.
struct WireStatement {
  std::int32_t parent = -1;  ///< Index of the enclosing statement, -1 at the top level.
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::int32_t first_line = 0;
  std::int32_t last_line = 0;
  std::string kind;  ///< "Assign", "For", … as in Python's ast; "Magic" for a magic line.
  std::vector<std::string> definitions;
  std::vector<std::string> uses;
};

/// A replacement that makes the cell smaller and keeps it parsing.
struct WireEdit {
  std::int32_t statement = -1;  ///< The statement it changes.
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::string replacement;
  std::string kind;  ///< "remove", "unwrap", "pass", "argument", "call", "literal".
};

struct WireCellFacts {
  std::string problem;  ///< Why the cell does not parse; empty when it does.
  std::vector<WireName> definitions;
  std::vector<WireName> possible_definitions;
  std::vector<WireName> uses;
  std::vector<WireName> deferred_uses;
  std::vector<WireName> mutations;
  std::vector<WireName> deletions;
  std::vector<WireImport> imports;
  std::vector<WireFile> files;
  std::vector<WireStatement> statements;
  std::vector<WireEdit> edits;
  std::vector<std::string> string_keys;  ///< Literal subscripts and column names, for searching.
  bool opaque = false;  ///< exec, star import, cell magic: may define or use anything.
  bool random = false;  ///< Uses randomness, time or hash order without a seed.
  bool seeds = false;   ///< Seeds a generator.
};

struct CellFactsReply {
  std::vector<WireCellFacts> cells;
};

/// The last words of a worker: what nbclient would put into the notebook's metadata.
struct Finished {
  std::string widget_state_json;  ///< Empty when no widget was made.
};

using Message = std::variant<Ready, SetupFailed, Output, Sync, CellDone, Requirement, Note,
                             CellFactsReply, Finished, SnapshotReply, ForkReply, ViewEntered>;

}  // namespace nbreplay::protocol
