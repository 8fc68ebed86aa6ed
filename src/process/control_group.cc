#include "process/control_group.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include "process/process_end.h"

namespace nbreplay::process {
namespace {

constexpr Bytes kMostText = mib(4);
constexpr std::string_view kPrefix = "nbreplay-";
/// Where this process goes when its group must not have any: `nbreplay-PID-self`.
constexpr std::string_view kOwn = "self";
/// A group of fast forkers is looked through again at most so often.
constexpr int kMostSweeps = 100;

/// As the shell's `>`.
bool write_value(const Path& file, std::string_view value) {
  const Descriptor opened(
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  return opened.valid() &&
         ::write(opened.get(), value.data(), value.size()) == static_cast<ssize_t>(value.size());
}

std::string read_text(const Path& file) {
  const auto text = read_file(file, kMostText);
  return text ? *text : std::string();
}

std::vector<std::string> words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> all;
  for (std::string word; stream >> word;) all.push_back(word);
  return all;
}

bool contains(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::vector<std::string> split(std::string_view list, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = list.find(separator);
    parts.emplace_back(list.substr(0, end));
    if (end == std::string_view::npos) return parts;
    list.remove_prefix(end + 1);
  }
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end == text.data()) return std::nullopt;
  return value;
}

std::vector<pid_t> members(const Path& folder) {
  std::vector<pid_t> all;
  for (const std::string& word : words(read_text(folder / "cgroup.procs")))
    if (const auto pid = number(word)) all.push_back(static_cast<pid_t>(*pid));
  return all;
}

/// Whether there were any. A number that was read may belong to a stranger by the time it is used:
/// what is killed is what is still a member once a descriptor holds it.
bool kill_members(const Path& folder) {
  std::vector<std::pair<pid_t, Descriptor>> held;
  for (const pid_t pid : members(folder)) {
    // 0: of a process namespace that this process cannot see into.
    if (pid <= 1 || pid == ::getpid()) continue;
    if (Descriptor handle = open_process(pid); handle.valid())
      held.emplace_back(pid, std::move(handle));
  }
  if (held.empty()) return false;
  std::vector<pid_t> still = members(folder);
  std::sort(still.begin(), still.end());
  bool killed = false;
  for (const auto& [pid, handle] : held)
    if (std::binary_search(still.begin(), still.end(), pid))
      killed |= ::syscall(SYS_pidfd_send_signal, handle.get(), SIGKILL, nullptr, 0) == 0;
  return killed;
}

// ---- where this process is ----------------------------------------------------------------------

/// The folder of this process's group in one hierarchy.
struct Hierarchy {
  Path folder;
  bool unified = false;
};

/// What mountinfo writes for a space and the like: \040.
std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    int code = 0;
    if (text[at] == '\\' && at + 3 < text.size() &&
        std::from_chars(text.data() + at + 1, text.data() + at + 4, code, 8).ptr ==
            text.data() + at + 4) {
      plain += static_cast<char>(code);
      at += 3;
    } else {
      plain += text[at];
    }
  }
  return plain;
}

/// The group's name in the hierarchy of `controller`; an empty controller: version 2's.
std::optional<std::string> own_group(const std::string& groups, std::string_view controller) {
  for (const std::string& line : split(groups, '\n')) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const auto controllers = split(line.substr(first + 1, second - first - 1), ',');
    const bool unified = line.starts_with("0:");
    if (unified ? controller.empty() : !controller.empty() && contains(controllers, controller))
      return line.substr(second + 1);
  }
  return std::nullopt;
}

/// Where that group is mounted: mountinfo has "ID PARENT DEV ROOT POINT OPTIONS … - TYPE SOURCE
/// SUPER-OPTIONS".
std::optional<Path> folder_of(const std::string& mounts, std::string_view controller,
                              const std::string& group) {
  for (const std::string& line : split(mounts, '\n')) {
    const std::vector<std::string> fields = words(line);
    const auto dash = std::find(fields.begin(), fields.end(), "-");
    if (fields.size() < 5 || fields.end() - dash < 4) continue;
    if (dash[1] != (controller.empty() ? "cgroup2" : "cgroup")) continue;
    if (!controller.empty() && !contains(split(dash[3], ','), controller)) continue;
    const Path root = unescaped(fields[3]);
    const Path below = Path(group).lexically_relative(root);
    if (below.empty() || *below.begin() == "..") continue;
    const Path point = unescaped(fields[4]);
    return below == "." ? point : point / below;
  }
  return std::nullopt;
}

Error not_writable(const Path& folder, std::string hint) {
  return environment_error(fmt::format("{}: not writable", folder.string()), std::strerror(errno),
                           std::move(hint));
}

bool is_writable(const Path& folder) {
  return ::access(folder.c_str(), W_OK) == 0 &&
         ::access((folder / "cgroup.procs").c_str(), W_OK) == 0;
}

// ---- version 2 ----------------------------------------------------------------------------------

constexpr const char* kScope =
    "start nbreplay in a control group of its own, which it may divide: systemd-run --user --scope "
    "-p Delegate=yes nbreplay …; in a container make /sys/fs/cgroup writable (podman: "
    "--security-opt unmask=/sys/fs/cgroup) and start nbreplay without a shell";

std::string own_name() {
  return fmt::format("{}{}-{}", kPrefix, ::getpid(), kOwn);
}

/// The group below which others can be made and limited: `own`, made so if need be.
Result<Path> divide(Path own) {
  if (own.filename() == own_name()) return own.parent_path();  // it was done before
  if (!is_writable(own)) return not_writable(own, kScope);
  const auto given = words(read_text(own / "cgroup.controllers"));
  for (const char* needed : {"memory", "pids"})
    if (!contains(given, needed))
      return environment_error(
          fmt::format("{}: its controllers do not include {}", own.string(), needed), {}, kScope);
  const auto enabled = words(read_text(own / "cgroup.subtree_control"));
  if (contains(enabled, "memory") && contains(enabled, "pids")) return own;
  // Only the root of the hierarchy has no type, and may have processes beside groups.
  const bool root = ::access((own / "cgroup.type").c_str(), F_OK) != 0;
  if (!root) {
    if (members(own) != std::vector<pid_t>{::getpid()})
      return environment_error(
          fmt::format("{}: other processes are in this group, too", own.string()),
          "a group with processes cannot limit groups below it", kScope);
    const Path leaf = own / own_name();
    std::error_code failed;
    std::filesystem::create_directory(leaf, failed);
    if (failed || !write_value(leaf / "cgroup.procs", std::to_string(::getpid())))
      return not_writable(leaf, kScope);
  }
  if (!write_value(own / "cgroup.subtree_control", "+memory +pids"))
    return environment_error(fmt::format("{}: memory and pids cannot be enabled", own.string()),
                             std::strerror(errno), kScope);
  return own;
}

}  // namespace

// ---- one group ----------------------------------------------------------------------------------

ControlGroup::~ControlGroup() {
  [[maybe_unused]] const bool ignored = remove();
}

Status ControlGroup::limit(const GroupLimits& limits) const {
  const std::string memory = std::to_string(limits.memory.count);
  const Path& folder = folders_.front();
  const Path file = folder / (unified_ ? "memory.max" : "memory.limit_in_bytes");
  if (!write_value(file, memory))
    return environment_error(file.string() + ": cannot be set", std::strerror(errno));
  // Both are missing where the kernel does not count swap.
  [[maybe_unused]] const bool swap =
      unified_ ? write_value(folder / "memory.swap.max", "0")
               : write_value(folder / "memory.memsw.limit_in_bytes", memory);
  if (!unified_ && folders_.size() < 2) return {};
  const Path pids = folders_.back() / "pids.max";
  if (!write_value(pids, std::to_string(limits.processes)))
    return environment_error(pids.string() + ": cannot be set", std::strerror(errno));
  return {};
}

Result<std::vector<Descriptor>> ControlGroup::doors() const {
  std::vector<Descriptor> opened;
  for (const Path& folder : folders_) {
    const Path file = folder / (unified_ ? "cgroup.procs" : "tasks");
    opened.emplace_back(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
    if (!opened.back().valid())
      return environment_error(file.string() + ": cannot be opened", std::strerror(errno));
  }
  return opened;
}

std::uint64_t ControlGroup::memory_kills() const {
  if (folders_.empty()) return 0;
  const auto facts =
      words(read_text(folders_.front() / (unified_ ? "memory.events" : "memory.oom_control")));
  const auto name = std::find(facts.begin(), facts.end(), "oom_kill");
  return facts.end() - name < 2 ? 0 : number(name[1]).value_or(0);
}

std::optional<Bytes> ControlGroup::most_memory() const {
  if (folders_.empty()) return std::nullopt;
  const auto most = number(
      read_text(folders_.front() / (unified_ ? "memory.peak" : "memory.max_usage_in_bytes")));
  return most ? std::optional(Bytes{*most}) : std::nullopt;
}

void ControlGroup::kill() const {
  if (folders_.empty()) return;
  if (unified_ && write_value(folders_.front() / "cgroup.kill", "1")) return;
  for (int sweep = 0; sweep < kMostSweeps; ++sweep) {
    bool found = false;
    for (const Path& folder : folders_) found |= kill_members(folder);
    if (!found) return;
  }
}

bool ControlGroup::remove() {
  std::erase_if(folders_,
                [](const Path& folder) { return ::rmdir(folder.c_str()) == 0 || errno == ENOENT; });
  if (!folders_.empty()) kill();
  return folders_.empty();
}

// ---- where to make them -------------------------------------------------------------------------

Result<std::shared_ptr<const ControlGroups>> ControlGroups::find(const Path& process) {
  const std::string groups = read_text(process / "cgroup");
  const std::string mounts = read_text(process / "mountinfo");
  std::vector<Path> places;
  const auto memory = own_group(groups, "memory");
  if (memory) {
    const auto folder = folder_of(mounts, "memory", *memory);
    constexpr const char* kHint =
        "as root, make a group for yourself in the hierarchies memory and pids (cgcreate -t YOU -a "
        "YOU -g memory,pids:nbreplay) and start nbreplay in it (cgexec), or boot with version 2 of "
        "control groups";
    if (!folder) return environment_error("the memory controller is not mounted", {}, kHint);
    if (!is_writable(*folder)) return not_writable(*folder, kHint);
    places.push_back(*folder);
    // Processes are limited in another way as well (RLIMIT_NPROC): this one may be missing.
    if (const auto pids = own_group(groups, "pids"))
      if (const auto other = folder_of(mounts, "pids", *pids); other && is_writable(*other))
        if (*other != *folder) places.push_back(*other);
  } else {
    const auto unified = own_group(groups, "");
    const auto folder = unified ? folder_of(mounts, "", *unified) : std::nullopt;
    if (!folder)
      return environment_error("no control groups are mounted", {},
                               "mount -t cgroup2 none /sys/fs/cgroup, or start the container with "
                               "them");
    NBREPLAY_TRY(Path place, divide(*folder));
    places.push_back(std::move(place));
  }
  auto found = std::make_shared<const ControlGroups>(std::move(places), !memory);
  found->remove_stale();
  return found;
}

/// Only empty ones can be removed: what a process that we cannot see (of another process
/// namespace) still uses stays.
void ControlGroups::remove_stale() const {
  for (const Path& place : places_) {
    std::error_code failed;
    std::filesystem::directory_iterator entry(place, failed);
    for (; !failed && entry != std::filesystem::directory_iterator(); entry.increment(failed)) {
      const std::string name = entry->path().filename().string();
      if (!name.starts_with(kPrefix)) continue;
      const auto pid = number(std::string_view(name).substr(kPrefix.size()));
      if (pid && ::kill(static_cast<pid_t>(*pid), 0) != 0 && errno == ESRCH)
        ::rmdir(entry->path().c_str());
    }
  }
}

Result<std::unique_ptr<ControlGroup>> ControlGroups::make(const GroupLimits& limits) const {
  static std::atomic<std::uint64_t> last = 0;
  const std::string name = fmt::format("{}{}-{}", kPrefix, ::getpid(), ++last);
  auto group = std::make_unique<ControlGroup>(std::vector<Path>(), unified_);
  for (const Path& place : places_) {
    const Path folder = place / name;
    if (::mkdir(folder.c_str(), 0755) != 0)
      return environment_error(folder.string() + ": cannot be made", std::strerror(errno));
    group->folders_.push_back(folder);
  }
  NBREPLAY_TRY_VOID(group->limit(limits));
  return group;
}

}  // namespace nbreplay::process
