#include "nbreplay/environment/machine.h"

#include <sched.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>

#include "nbreplay/base/file.h"

namespace nbreplay {
namespace {

/// Files in /proc and /sys report a size of zero; all that is read here is small.
constexpr Bytes kMaxFile = kib(64);

std::string text_of(const Path& file) {
  auto text = read_file(file, kMaxFile);
  return text ? *text : std::string();
}

std::optional<std::uint64_t> number_in(std::string_view text) {
  const std::size_t start = text.find_first_of("0123456789");
  if (start == std::string_view::npos) return std::nullopt;
  std::uint64_t number = 0;
  const auto end = std::from_chars(text.data() + start, text.data() + text.size(), number);
  if (end.ec != std::errc()) return std::nullopt;
  return number;
}

/// The value behind `key` at the beginning of a line; empty when there is none.
std::string value_of(std::string_view text, std::string_view key) {
  for (std::size_t at = text.find(key); at != std::string_view::npos; at = text.find(key, at + 1)) {
    if (at != 0 && text[at - 1] != '\n') continue;
    const std::size_t start = at + key.size();
    return std::string(text.substr(start, text.find('\n', start) - start));
  }
  return {};
}

std::string system_name() {
  std::string name = value_of(text_of("/etc/os-release"), "PRETTY_NAME=");
  std::erase(name, '"');
  return name;
}

/// The limit of the control group that this process is in, in either version's place.
std::optional<std::uint64_t> cgroup_memory() {
  const std::string own = value_of(text_of("/proc/self/cgroup"), "0::");
  std::optional<std::uint64_t> least;
  for (const std::string& file :
       {"/sys/fs/cgroup" + own + "/memory.max", std::string("/sys/fs/cgroup/memory.max"),
        std::string("/sys/fs/cgroup/memory/memory.limit_in_bytes")}) {
    const auto limit = number_in(text_of(file));  // "max" has no number
    if (limit && (!least || *limit < *least)) least = limit;
  }
  return least;
}

std::optional<bool> user_namespaces_allowed() {
  const auto most = number_in(text_of("/proc/sys/user/max_user_namespaces"));
  if (!most) return std::nullopt;
  if (*most == 0) return false;
  // Debian's and Ubuntu's own switches, where they exist.
  if (number_in(text_of("/proc/sys/kernel/unprivileged_userns_clone")) == 0) return false;
  if (number_in(text_of("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")) == 1)
    return false;
  return true;
}

}  // namespace

MachineFacts machine_facts() {
  MachineFacts facts;
  facts.system = system_name();
  utsname kernel{};
  if (::uname(&kernel) == 0) facts.kernel = kernel.release;
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (::sched_getaffinity(0, sizeof cores, &cores) == 0)
    facts.cores = static_cast<std::size_t>(std::max(1, CPU_COUNT(&cores)));
  struct sysinfo memory {};
  if (::sysinfo(&memory) == 0) {
    facts.memory = {static_cast<std::uint64_t>(memory.totalram) * memory.mem_unit};
    facts.memory_available = {static_cast<std::uint64_t>(memory.freeram) * memory.mem_unit};
  }
  if (const auto available = number_in(value_of(text_of("/proc/meminfo"), "MemAvailable:")))
    facts.memory_available = kib(*available);
  if (const auto limit = cgroup_memory(); limit && *limit < facts.memory.count) {
    facts.memory = {*limit};
    facts.memory_from_cgroup = true;
    facts.memory_available = std::min(facts.memory_available, facts.memory);
  }
  facts.root = ::geteuid() == 0;
  facts.user_namespaces = user_namespaces_allowed();
  std::error_code failed;
  if (std::filesystem::exists("/sys/fs/cgroup/cgroup.controllers", failed))
    facts.cgroup = "v2";
  else if (std::filesystem::exists("/sys/fs/cgroup/memory", failed))
    facts.cgroup = "v1";
  return facts;
}

}  // namespace nbreplay
