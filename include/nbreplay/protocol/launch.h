#pragma once

// What the controller and nbreplay-launcher say to each other, over one stream socket.
//
// The controller writes one LaunchSpec (`encode`), then LaunchCommands. The launcher answers with
// fixed-size LaunchReports: kStarted or kFailed; kTidied after every kTidy; when the worker ended
// kEnded; and last, when no process of the run is left, kCleared. End of file on the launcher's
// side means that the controller is gone: everything is killed. Both are built together and run on
// one machine, so numbers travel in the machine's own form. Header-only: the launcher links
// nothing.

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
  };
  Kind kind = Kind::kKill;
  std::int32_t pid = 0;
};

struct LaunchReport {
  enum class Kind : std::uint32_t {
    kStarted,  ///< value: the worker's process id.
    kFailed,   ///< value: errno; detail: a Stage. Nothing runs.
    kEnded,    ///< value: the worker's wait status.
    kTidied,   ///< value: 0, or 1 when processes were left after ten seconds of killing.
    kCleared,  ///< value: 0, or 1 when processes were left after ten seconds of killing.
  };
  enum class Stage : std::int32_t { kSpec, kFork, kLimits, kFolder, kDescriptors, kExec };
  Kind kind = Kind::kStarted;
  std::int32_t value = 0;
  std::int32_t detail = 0;
};

/// What to start and how. Sizes of 0 mean no limit.
struct LaunchSpec {
  std::string working_directory;
  std::uint64_t file_size = 0;         ///< RLIMIT_FSIZE, bytes.
  std::uint64_t address_space = 0;     ///< RLIMIT_AS, bytes.
  std::vector<std::string> argv;       ///< argv[0] is the path that is executed.
  std::vector<std::string> variables;  ///< "NAME=value": the whole environment.
};

/// A 4-byte size and that many bytes: every text ends with NUL, lists begin with their length.
[[nodiscard]] inline std::string encode(const LaunchSpec& spec) {
  std::string body;
  const auto text = [&](std::string_view value) {
    body.append(value.substr(0, value.find('\0')));
    body.push_back('\0');
  };
  text(spec.working_directory);
  text(std::to_string(spec.file_size));
  text(std::to_string(spec.address_space));
  text(std::to_string(spec.argv.size()));
  for (const std::string& argument : spec.argv) text(argument);
  for (const std::string& variable : spec.variables) text(variable);
  std::string whole(sizeof(std::uint32_t), '\0');
  const auto size = static_cast<std::uint32_t>(body.size());
  std::memcpy(whole.data(), &size, sizeof size);
  return whole + body;
}

/// The inverse, of the bytes after the size; nothing when they are not what `encode` writes.
[[nodiscard]] inline std::optional<LaunchSpec> decode_launch_spec(std::string_view body) {
  std::vector<std::string> texts;
  while (!body.empty()) {
    const std::size_t end = body.find('\0');
    if (end == std::string_view::npos) return std::nullopt;
    texts.emplace_back(body.substr(0, end));
    body.remove_prefix(end + 1);
  }
  if (texts.size() < 5) return std::nullopt;
  LaunchSpec spec;
  spec.working_directory = texts[0];
  spec.file_size = std::strtoull(texts[1].c_str(), nullptr, 10);
  spec.address_space = std::strtoull(texts[2].c_str(), nullptr, 10);
  const std::size_t arguments = std::strtoull(texts[3].c_str(), nullptr, 10);
  if (arguments == 0 || arguments > texts.size() - 4) return std::nullopt;
  const auto first = texts.begin() + 4;
  const auto middle = first + static_cast<std::ptrdiff_t>(arguments);
  spec.argv.assign(first, middle);
  spec.variables.assign(middle, texts.end());
  return spec;
}

}  // namespace nbreplay::protocol
