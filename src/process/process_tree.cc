#include "process/process_tree.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "process/descriptor.h"

namespace nbreplay::process {
namespace {

/// A small file of /proc: whole, or nothing when the process is gone or not ours.
std::optional<std::string> read_proc(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return std::nullopt;
  std::string text;
  if (read_available(file.get(), text, 1U << 20) == ReadEnd::kMore) return std::nullopt;
  return text;
}

/// The number at the start of `text`, after spaces; `text` moves behind it.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  const std::size_t start = text.find_first_not_of(' ');
  if (start == std::string_view::npos) return std::nullopt;
  text.remove_prefix(start);
  std::uint64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

/// Children are listed by the thread that made them.
void append_children(pid_t parent, std::vector<pid_t>& into) {
  std::error_code failed;
  std::filesystem::directory_iterator thread(fmt::format("/proc/{}/task", parent), failed);
  for (; !failed && thread != std::filesystem::directory_iterator(); thread.increment(failed)) {
    const auto list = read_proc((thread->path() / "children").string());
    if (!list) continue;
    std::string_view rest = *list;
    while (const auto pid = take_number(rest)) into.push_back(static_cast<pid_t>(*pid));
  }
}

std::uint64_t resident_bytes(pid_t pid) {
  static const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const auto pages = [](const std::string& of) -> std::uint64_t {
    const auto statm = read_proc(of + "/statm");
    if (!statm) return 0;
    std::string_view rest = *statm;
    take_number(rest);
    return take_number(rest).value_or(0);
  };
  const std::string process = fmt::format("/proc/{}", pid);
  std::uint64_t most = pages(process);
  if (most > 0) return most * page;
  // A process whose first thread has ended says nothing; its other threads do.
  std::error_code failed;
  std::filesystem::directory_iterator thread(process + "/task", failed);
  for (; !failed && thread != std::filesystem::directory_iterator(); thread.increment(failed))
    most = std::max(most, pages(thread->path().string()));
  return most * page;
}

std::optional<std::uint64_t> proportional_bytes(pid_t pid) {
  const auto rollup = read_proc(fmt::format("/proc/{}/smaps_rollup", pid));
  if (!rollup) return std::nullopt;
  constexpr std::string_view kField = "\nPss:";
  const std::size_t at = rollup->find(kField);
  if (at == std::string::npos) return std::nullopt;
  std::string_view rest = std::string_view(*rollup).substr(at + kField.size());
  const auto kilobytes = take_number(rest);
  if (!kilobytes) return std::nullopt;
  return *kilobytes * 1024;
}

/// What its innermost process namespace calls a process, and how deep that is.
struct OwnNumber {
  pid_t number = 0;
  std::size_t depth = 0;
};

std::optional<OwnNumber> own_number(pid_t pid) {
  const auto status = read_proc(fmt::format("/proc/{}/status", pid));
  if (!status) return std::nullopt;
  constexpr std::string_view kField = "\nNSpid:";
  const std::size_t at = status->find(kField);
  if (at == std::string::npos) return OwnNumber{pid, 1};  // a kernel without namespaces
  std::string_view line = std::string_view(*status).substr(at + kField.size());
  line = line.substr(0, line.find('\n'));
  OwnNumber own;
  own.depth = static_cast<std::size_t>(std::count(line.begin(), line.end(), '\t'));
  line.remove_prefix(line.find_last_of(" \t") + 1);
  own.number = static_cast<pid_t>(take_number(line).value_or(0));
  return own;
}

}  // namespace

std::optional<pid_t> number_inside(pid_t pid) {
  const auto own = own_number(pid);
  return own && own->number > 0 ? std::optional(own->number) : std::nullopt;
}

std::optional<ProcessFacts> process_facts(pid_t pid) {
  const auto text = read_proc(fmt::format("/proc/{}/stat", pid));
  // The name, in parentheses, may hold anything.
  const std::size_t name_end = text ? text->rfind(") ") : std::string::npos;
  if (name_end == std::string::npos) return std::nullopt;
  std::string_view rest = std::string_view(*text).substr(name_end + 2);
  ProcessFacts facts;
  const bool leader_ended = rest.starts_with('Z');
  // Fields 4 and 52: the parent comes after the state, the exit status is the last.
  rest.remove_prefix(1);
  const auto parent = take_number(rest);
  const std::size_t last = rest.find_last_of(' ');
  if (!parent || last == std::string_view::npos) return std::nullopt;
  facts.parent = static_cast<pid_t>(*parent);
  std::string_view more = rest;
  for (int field = 5; field < 20; ++field) {
    more.remove_prefix(std::min(more.size(), more.find_first_not_of(' ')));
    more.remove_prefix(std::min(more.size(), more.find(' ')));
  }
  facts.threads = static_cast<std::size_t>(take_number(more).value_or(1));
  // The first thread can have ended alone; then the others are the process.
  facts.zombie = leader_ended && facts.threads <= 1;
  rest.remove_prefix(last);
  facts.exit_status = static_cast<int>(take_number(rest).value_or(0));
  return facts;
}

std::vector<pid_t> processes_below(pid_t root) {
  std::vector<pid_t> found = {root};
  for (std::size_t next = 0; next < found.size() && found.size() < 100'000; ++next)
    append_children(found[next], found);
  return found;
}

std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> children;
  append_children(parent, children);
  return children;
}

std::optional<pid_t> find_numbered(const std::vector<pid_t>& processes, pid_t number) {
  std::optional<pid_t> found;
  std::size_t deepest = 0;
  for (const pid_t pid : processes) {
    const auto own = own_number(pid);
    if (!own || own->number != number || own->depth <= deepest) continue;
    found = pid;
    deepest = own->depth;
  }
  return found;
}

std::size_t thread_count(const std::vector<pid_t>& processes) {
  std::size_t count = 0;
  for (const pid_t pid : processes)
    if (const auto facts = process_facts(pid)) count += facts->threads;
  return count;
}

Bytes resident_memory(const std::vector<pid_t>& processes) {
  Bytes sum;
  for (const pid_t pid : processes) sum.count += resident_bytes(pid);
  return sum;
}

Bytes proportional_memory(const std::vector<pid_t>& processes) {
  Bytes sum;
  for (const pid_t pid : processes)
    sum.count += proportional_bytes(pid).value_or(resident_bytes(pid));
  return sum;
}

}  // namespace nbreplay::process
