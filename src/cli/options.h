#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nbreplay/base/file.h"
#include "nbreplay/trial/limits.h"
#include "nbreplay/trial/trial.h"

namespace nbreplay::cli {

/// What every command that runs notebooks takes.
struct CommonOptions {
  bool json = false;
  std::size_t jobs = 0;  ///< 0: as many as the machine has cores.
  std::optional<Duration> budget;
  std::optional<std::string> python;
  std::optional<Path> environment;
  std::vector<Path> requirements;
  std::optional<std::string> as_of;
  std::optional<bool> infer;  ///< --infer or --no-infer; unset: where nothing else serves.
  bool offline = false;
  bool build = false;
  std::optional<Path> output_dir;
  bool force = false;
  bool quiet = false;
  bool verbose = false;
  bool no_progress = false;
  std::optional<Path> log;
  std::optional<Path> cache_dir;
  bool no_cache = false;
  bool no_snapshots = false;
  std::optional<Bytes> snapshot_memory;
  std::vector<std::string> preload;
  std::string sandbox = "auto";
  bool bubblewrap = false;
  bool network = false;

  Limits limits;
  std::optional<std::uint64_t> seed;
  Shell shell = Shell::kIPython;
  std::optional<Path> working_directory;
  std::vector<Path> inputs;
  std::vector<std::pair<std::string, std::string>> variables;
};

/// What a command that searches for a cause may take for a notebook.
inline constexpr Duration kInvestigationBudget = std::chrono::minutes(10);

/// Adds the options, in groups, with their defaults in the help text. `default_budget` is the
/// command's own (none: unlimited). `options` must outlive the parsing.
void add_common_options(CLI::App& command, CommonOptions& options,
                        std::optional<Duration> default_budget);

/// How environments are made: a part of the common options, for commands that take no others.
void add_packaging_options(CLI::App& command, CommonOptions& options);

/// The exit codes of a command, for the end of its --help.
[[nodiscard]] std::string exit_codes_text(const std::string& good, const std::string& bad_news);

/// The word of `known` that `word` was probably meant to be; empty when none is close.
[[nodiscard]] std::string did_you_mean(const std::string& word,
                                       const std::vector<std::string>& known);

}  // namespace nbreplay::cli
