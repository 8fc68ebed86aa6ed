#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "cli/console.h"

namespace nbreplay::cli {

/// What nbreplay did, step by step: into the file of --log with times, and in short onto stderr
/// with --verbose. Texts may come from a notebook; control characters are made visible.
class Log {
 public:
  /// Error (kUsage) when the file cannot be written, or is somebody else's and `force` is not set.
  [[nodiscard]] static Result<std::unique_ptr<Log>> open(const std::optional<Path>& file,
                                                         bool force, bool verbose,
                                                         const Console& console);
  ~Log();

  /// A step that a person follows with --verbose.
  void step(std::string_view text);
  /// A detail, only for the file.
  void detail(std::string_view text);
  /// Whether `detail` is kept at all: what is costly to say need not be said.
  [[nodiscard]] bool keeps_details() const;

 private:
  struct Sink;
  explicit Log(std::unique_ptr<Sink> sink);
  std::unique_ptr<Sink> sink_;
};

}  // namespace nbreplay::cli
