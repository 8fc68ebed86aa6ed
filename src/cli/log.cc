#include "cli/log.h"

#include <fmt/format.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

#include <fstream>

#include "nbreplay/base/utf8.h"

namespace nbreplay::cli {

struct Log::Sink {
  const Console& console;
  bool verbose = false;
  std::shared_ptr<spdlog::logger> file;
};

Log::Log(std::unique_ptr<Sink> sink) : sink_(std::move(sink)) {}
Log::~Log() = default;

namespace {

/// Whether a file may become the log: a new or an empty one, or an earlier log, whose lines begin
/// with the time.
bool may_be_replaced(const Path& file) {
  std::ifstream in(file, std::ios::binary);
  char start[12] = {};
  in.read(start, sizeof start);
  if (in.gcount() == 0) return true;
  return in && start[4] == '-' && start[7] == '-' && start[10] == 'T';
}

}  // namespace

Result<std::unique_ptr<Log>> Log::open(const std::optional<Path>& file, bool force, bool verbose,
                                       const Console& console) {
  std::error_code ignored;
  if (file && !force && std::filesystem::is_regular_file(*file, ignored) && !may_be_replaced(*file))
    return usage_error(
        fmt::format("--log {}: exists, and nbreplay did not write it", file->string()),
        "name another file, or overwrite with --force");
  auto sink = std::unique_ptr<Sink>(new Sink{console, verbose, nullptr});
  if (file) {
    try {
      sink->file = std::make_shared<spdlog::logger>(
          "nbreplay", std::make_shared<spdlog::sinks::basic_file_sink_st>(file->string(), true));
    } catch (const spdlog::spdlog_ex& problem) {
      return Error{ErrorCode::kUsage, fmt::format("--log {}: cannot be written", file->string()),
                   problem.what(), "name a file in a folder that exists"};
    }
    sink->file->set_pattern("%Y-%m-%dT%H:%M:%S.%e %v");
    sink->file->flush_on(spdlog::level::info);
  }
  return std::unique_ptr<Log>(new Log(std::move(sink)));
}

void Log::step(std::string_view text) {
  const std::string safe = escape_control(text);
  if (sink_->verbose) sink_->console.talk(safe);
  if (sink_->file) sink_->file->info("{}", safe);
}

void Log::detail(std::string_view text) {
  if (sink_->file) sink_->file->info("{}", escape_control(text));
}

bool Log::keeps_details() const {
  return sink_->file != nullptr;
}

}  // namespace nbreplay::cli
