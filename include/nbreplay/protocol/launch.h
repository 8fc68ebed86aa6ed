#pragma once

// What the controller and nbreplay-launcher say to each other, over one stream socket.
//
// The controller writes one LaunchSpec (`encode`), then LaunchCommands. The launcher answers with
// fixed-size LaunchReports: any number of kPlain; kStarted or kFailed; kTidied after every kTidy;
// when the worker ended kEnded; and last, when no process of the run is left, kCleared. End of file
// on the launcher's side means that the controller is gone: everything is killed. Both are built
// together and run on one machine, so numbers travel in the machine's own form. Header-only: the
// launcher links nothing of ours.

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nbreplay::protocol {

/// The most that a launcher reads as a specification.
inline constexpr std::uint32_t kMaxLaunchSpec = 4U << 20;

struct LaunchCommand {
  enum class Kind : std::uint32_t {
    kInterrupt,  ///< SIGINT to the worker's process group.
    kKill,       ///< SIGKILL to everything.
    kKeep,       ///< `pid` is a frozen copy of a worker: not touched by kTidy.
    /// A runner has ended: SIGKILL to what it left behind, that is to every child that is neither
    /// the worker nor kept. Answered by kTidied.
    kTidy,
    /// `pid`, a runner, may start others while there are fewer than `processes` (the soft limit of
    /// RLIMIT_NPROC, which the notebook itself cannot set).
    kLimit,
  };
  Kind kind = Kind::kKill;
  std::int32_t pid = 0;
  std::uint64_t processes = 0;
};

struct LaunchReport {
  enum class Kind : std::uint32_t {
    kStarted,  ///< value: the worker's process id, as its own process namespace numbers it.
    kFailed,   ///< value: errno; detail: a Stage; what: which folder or call. Nothing runs.
    kEnded,    ///< value: the worker's wait status.
    kTidied,   ///< value: 0, or 1 when processes were left after ten seconds of killing.
    kCleared,  ///< value: 0, or 1 when processes were left after ten seconds of killing.
    kPlain,    ///< Before kStarted: `what`, a folder, is shown without an overlay; value: errno.
  };
  /// The steps of a start, in their order.
  enum class Stage : std::int32_t {
    kSpec,
    kUserNamespace,
    kNamespaces,  ///< mount, network, ipc, uts, cgroup
    kIds,         ///< becoming an ordinary user, and mapping it
    kRoot,        ///< the file system that the notebook sees
    kLayer,       ///< a capped tmpfs, or a folder on disk
    kOverlay,     ///< an overlay with an upper layer on that
    kPidNamespace,
    kProc,  ///< its own /proc
    kFork,
    kLimits,
    kFolder,
    kDescriptors,
    kCapabilities,
    kSeccomp,
    kExec,
  };
  Kind kind = Kind::kStarted;
  std::int32_t value = 0;
  std::int32_t detail = 0;
  char what[116] = {};  ///< NUL-terminated, for kFailed and kPlain.
};

/// What a sandboxed worker sees and may use. All paths are absolute.
struct SandboxSpec {
  /// A folder or file of the host, with all mounts below it, read-only.
  struct Bind {
    std::string from;
    std::string to;
    /// The person's. For root's notebooks, what its owner may read they may read; what sockets and
    /// FIFOs in it lead to they never reach.
    bool personal = false;
  };
  struct Link {
    std::string target;
    std::string at;
  };
  struct File {
    std::string content;
    std::string at;
  };
  std::vector<Bind> binds;  ///< Outer ones first. What does not exist is left out.
  std::vector<Link> links;
  std::vector<File> files;
  Bind project;                     ///< Lowest layer of the notebook's view of this folder.
  std::vector<std::string> hidden;  ///< Entries of the project that are not to be seen, relative.
  std::string scratch;              ///< A folder of the host: `home` in it is HOME at first.
  /// A folder of the host, of the user that the sandbox is outside, in which each layer is a folder
  /// named by its number; nobody caps what is written there. Empty: each layer is a tmpfs.
  std::string layers;
  std::uint64_t layer_bytes = 0;  ///< Cap of what one branch writes.
  std::uint64_t layer_inodes = 0;
  std::uint64_t processes = 0;  ///< RLIMIT_NPROC: threads count, too.
  bool network = false;         ///< The host's; else none but loopback.
  bool prepared = false;        ///< Bubblewrap has made the namespaces and mounted `binds`.
};

/// The broker's own folder: covered by an empty one before the notebook starts. Below it are the
/// lowest layers of project and scratch folders, the folder for layers on disk, and `b0`, `b1` …:
/// the binds that each view gets again, because they lie in what it replaces.
inline constexpr const char* kSandboxHidden = "/.nbreplay";
inline constexpr const char* kSandboxProject = "in";
inline constexpr const char* kSandboxScratch = "sc";
inline constexpr const char* kSandboxLayers = "d";
inline constexpr const char* kSandboxLate = "b";
inline constexpr const char* kSandboxDevices[] = {"/dev/null", "/dev/zero", "/dev/full",
                                                  "/dev/random", "/dev/urandom"};

/// Where HOME, TMPDIR and shared memory are in a sandbox: writable, and each branch's own.
inline constexpr const char* kSandboxHome = "/home/notebook";
inline constexpr const char* kSandboxTemporary = "/tmp";
inline constexpr const char* kSandboxSharedMemory = "/dev/shm";
/// Who a notebook is in a sandbox.
inline constexpr unsigned kSandboxUser = 1000;
/// Who it is outside when root started it: owns nothing on any ordinary machine.
inline constexpr unsigned kNobody = 65534;

/// RLIMIT_NOFILE of each process, the same on every machine that has as many, and the most that it
/// may be raised to: open files are memory of the kernel.
inline constexpr std::uint64_t kDescriptors = 4096;
inline constexpr std::uint64_t kMostDescriptors = 65536;

/// What to start and how. Sizes of 0 mean no limit.
struct LaunchSpec {
  std::string working_directory;       ///< As the worker sees it.
  std::uint64_t file_size = 0;         ///< RLIMIT_FSIZE, bytes.
  std::uint64_t address_space = 0;     ///< RLIMIT_AS, bytes.
  bool confined = false;               ///< No new privileges, and the system call filter.
  std::vector<std::string> argv;       ///< argv[0] is the path that is executed.
  std::vector<std::string> variables;  ///< "NAME=value": the whole environment.
  std::optional<SandboxSpec> sandbox;  ///< Unset: the worker sees what the user sees.
};

/// Whether `path` is `folder` or lies in it.
[[nodiscard]] inline bool is_below(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

/// Whether a path lies in HOME, TMPDIR or /dev/shm.
[[nodiscard]] inline bool is_in_scratch(std::string_view path) {
  return is_below(path, kSandboxHome) || is_below(path, kSandboxTemporary) ||
         is_below(path, kSandboxSharedMemory);
}

/// Whether a path is replaced by every view: it is in the project or one of those.
[[nodiscard]] inline bool is_in_view(const SandboxSpec& spec, std::string_view path) {
  return is_below(path, spec.project.to) || is_in_scratch(path);
}

namespace launch_detail {

/// Texts that end with NUL; lists begin with their length.
class Writer {
 public:
  void text(std::string_view value) {
    body_.append(value.substr(0, value.find('\0')));
    body_.push_back('\0');
  }
  void number(std::uint64_t value) { text(std::to_string(value)); }
  void texts(const std::vector<std::string>& list) {
    number(list.size());
    for (const std::string& value : list) text(value);
  }
  [[nodiscard]] const std::string& body() const { return body_; }

 private:
  std::string body_;
};

class Reader {
 public:
  explicit Reader(std::string_view body) : rest_(body) {}
  std::string text() {
    const std::size_t end = rest_.find('\0');
    if (end == std::string_view::npos) {
      good_ = false;
      return {};
    }
    std::string value(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    return value;
  }
  std::uint64_t number() { return std::strtoull(text().c_str(), nullptr, 10); }
  /// The length of a list: never more than there are bytes left.
  std::uint64_t count() {
    const std::uint64_t value = number();
    if (value > rest_.size()) good_ = false;
    return good_ ? value : 0;
  }
  std::vector<std::string> texts() {
    std::vector<std::string> list;
    for (std::uint64_t left = count(); left > 0; --left) list.push_back(text());
    return list;
  }
  /// All was there, and nothing else.
  [[nodiscard]] bool done() const { return good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

inline void write(Writer& to, const SandboxSpec& spec) {
  const auto pairs = [&](const auto& list, auto first, auto second) {
    to.number(list.size());
    for (const auto& item : list) {
      to.text(item.*first);
      to.text(item.*second);
    }
  };
  pairs(spec.binds, &SandboxSpec::Bind::from, &SandboxSpec::Bind::to);
  for (const SandboxSpec::Bind& bind : spec.binds) to.number(bind.personal ? 1 : 0);
  pairs(spec.links, &SandboxSpec::Link::target, &SandboxSpec::Link::at);
  pairs(spec.files, &SandboxSpec::File::content, &SandboxSpec::File::at);
  to.text(spec.project.from);
  to.text(spec.project.to);
  to.texts(spec.hidden);
  to.text(spec.scratch);
  to.text(spec.layers);
  for (const std::uint64_t value : {spec.layer_bytes, spec.layer_inodes, spec.processes,
                                    std::uint64_t{spec.network}, std::uint64_t{spec.prepared}})
    to.number(value);
}

inline SandboxSpec read_sandbox(Reader& from) {
  SandboxSpec spec;
  const auto pairs = [&](auto& list) {
    for (std::uint64_t left = from.count(); left > 0; --left) {
      std::string first = from.text();
      std::string second = from.text();
      list.push_back({std::move(first), std::move(second)});
    }
  };
  pairs(spec.binds);
  for (SandboxSpec::Bind& bind : spec.binds) bind.personal = from.number() != 0;
  pairs(spec.links);
  pairs(spec.files);
  spec.project.from = from.text();
  spec.project.to = from.text();
  spec.hidden = from.texts();
  spec.scratch = from.text();
  spec.layers = from.text();
  spec.layer_bytes = from.number();
  spec.layer_inodes = from.number();
  spec.processes = from.number();
  spec.network = from.number() != 0;
  spec.prepared = from.number() != 0;
  return spec;
}

}  // namespace launch_detail

/// A 4-byte size and that many bytes.
[[nodiscard]] inline std::string encode(const LaunchSpec& spec) {
  launch_detail::Writer to;
  to.text(spec.working_directory);
  to.number(spec.file_size);
  to.number(spec.address_space);
  to.number(spec.confined ? 1 : 0);
  to.texts(spec.argv);
  to.texts(spec.variables);
  to.number(spec.sandbox ? 1 : 0);
  if (spec.sandbox) launch_detail::write(to, *spec.sandbox);
  std::string whole(sizeof(std::uint32_t), '\0');
  const auto size = static_cast<std::uint32_t>(to.body().size());
  std::memcpy(whole.data(), &size, sizeof size);
  return whole + to.body();
}

/// The inverse, of the bytes after the size; nothing when they are not what `encode` writes.
[[nodiscard]] inline std::optional<LaunchSpec> decode_launch_spec(std::string_view body) {
  launch_detail::Reader from(body);
  LaunchSpec spec;
  spec.working_directory = from.text();
  spec.file_size = from.number();
  spec.address_space = from.number();
  spec.confined = from.number() != 0;
  spec.argv = from.texts();
  spec.variables = from.texts();
  if (from.number() != 0) spec.sandbox = launch_detail::read_sandbox(from);
  if (!from.done() || spec.argv.empty()) return std::nullopt;
  return spec;
}

}  // namespace nbreplay::protocol
