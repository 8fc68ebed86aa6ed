#include "cli/log.h"

#include <fmt/format.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>

#include "nbreplay/base/utf8.h"

namespace nbreplay::cli {

struct Log::Sink {
  const Console& console;
  bool verbose = false;
  std::shared_ptr<spdlog::logger> file;
};

Log::Log(std::unique_ptr<Sink> sink) : sink_(std::move(sink)) {}
Log::~Log() = default;

Result<std::unique_ptr<Log>> Log::open(const std::optional<Path>& file, bool verbose,
                                       const Console& console) {
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
