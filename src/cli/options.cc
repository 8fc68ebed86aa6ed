#include "cli/options.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <thread>

#include "nbreplay/base/units.h"

namespace nbreplay::cli {
namespace {

/// The words of an Error as CLI11 wants them.
[[noreturn]] void refuse(const CLI::Option& option, const Error& error) {
  std::string text = fmt::format("{}: {}", option.get_name(), error.message);
  if (!error.hint.empty()) text += "\n\nhint: " + error.hint;
  throw CLI::ValidationError(text, CLI::ExitCodes::ValidationError);
}

template <class Parse, class Store>
CLI::Option* add_parsed(CLI::App& app, const std::string& names, const std::string& help,
                        const std::string& type, Parse parse, Store store) {
  // The option's own pointer is only known after it was added.
  auto self = std::make_shared<CLI::Option*>(nullptr);
  CLI::Option* option = app.add_option_function<std::string>(
      names,
      [self, parse, store](const std::string& text) {
        auto value = parse(text);
        if (!value) refuse(**self, value.error());
        store(std::move(*value));
      },
      help);
  *self = option;
  return option->type_name(type);
}

Result<std::pair<std::string, std::string>> parse_variable(const std::string& text) {
  const std::size_t sign = text.find('=');
  if (sign == 0 || sign == std::string::npos)
    return usage_error(fmt::format("'{}' sets no variable", text), "write NAME=VALUE");
  return std::pair{text.substr(0, sign), text.substr(sign + 1)};
}

Result<std::pair<std::string, std::string>> pass_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr)
    return usage_error(fmt::format("the variable '{}' is not set here", name),
                       "set it, or give a value with --set-variable NAME=VALUE");
  return std::pair{name, std::string(value)};
}

/// "2023-06-01"
Result<std::string> parse_date(const std::string& text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int read = 0;
  if (std::sscanf(text.c_str(), "%4d-%2u-%2u%n", &year, &month, &day, &read) == 3 &&
      text.size() == 10 && read == 10 &&
      std::chrono::year_month_day(std::chrono::year(year), std::chrono::month(month),
                                  std::chrono::day(day))
          .ok())
    return text;
  return usage_error(fmt::format("'{}' is no date", text), "write it as 2023-06-01");
}

void add_run_options(CLI::App& command, CommonOptions& options) {
  command
      .add_option("--python", options.python,
                  "Python to use: a version such as 3.11, or the path of an interpreter")
      ->group("Environment")
      ->type_name("VERSION|PATH");
  command
      .add_option("--environment", options.environment,
                  "Virtual environment or conda prefix with the notebook's libraries")
      ->group("Environment")
      ->type_name("DIR");
  add_packaging_options(command, options);
  auto* infer = command
                    .add_flag_callback(
                        "--infer", [&] { options.infer = true; },
                        "Make an environment of what is recorded beside the notebook, or of what "
                        "it imports (default: when nothing at hand has what it imports)")
                    ->group("Environment");
  command
      .add_flag_callback(
          "--no-infer", [&] { options.infer = false; },
          "Never make an environment that was not asked for")
      ->group("Environment")
      ->excludes(infer);
  command
      .add_option("--cwd", options.working_directory,
                  "Folder the notebook's code starts in (default: the notebook's own)")
      ->group("Environment")
      ->type_name("DIR");
  command
      .add_option("--input", options.inputs,
                  "Large folder to link in read-only instead of copying; may be repeated")
      ->group("Environment")
      ->type_name("DIR");
  add_parsed(command, "--set-variable", "Environment variable for the notebook; may be repeated",
             "NAME=VALUE", parse_variable,
             [&](auto variable) { options.variables.push_back(std::move(variable)); })
      ->group("Environment")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->trigger_on_parse();
  add_parsed(command, "--pass-variable", "Variable to pass on from here; may be repeated", "NAME",
             pass_variable,
             [&](auto variable) { options.variables.push_back(std::move(variable)); })
      ->group("Environment")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->trigger_on_parse();
  command
      .add_option("--seed", options.seed,
                  "Seed random, numpy, torch and tensorflow (default: not seeded)")
      ->group("Environment")
      ->type_name("N");
  command
      .add_option_function<std::string>(
          "--shell",
          [&](const std::string& text) {
            options.shell = text == "plain" ? Shell::kPlain : Shell::kIPython;
          },
          "How cells run: ipython, or plain (no magics, no top-level await)")
      ->check(CLI::IsMember({"ipython", "plain"}))
      ->default_str("ipython")
      ->group("Environment")
      ->type_name("NAME");
}

void add_limit_options(CLI::App& command, CommonOptions& options,
                       std::optional<Duration> default_budget) {
  Limits& limits = options.limits;
  options.budget = default_budget;
  add_parsed(
      command, "--budget", "Time per notebook, such as 10m", "DURATION",
      [](const std::string& t) { return parse_duration(t); },
      [&](Duration value) {
        options.budget = value;
        limits.given.budget = true;
      })
      ->default_str(default_budget ? fmt::format("{:g}m", seconds(*default_budget) / 60) : "none")
      ->group("Limits");
  add_parsed(
      command, "--cell-timeout", "Time for one cell", "DURATION",
      [](const std::string& t) { return parse_duration(t); },
      [&](Duration value) {
        limits.cell_timeout = value;
        limits.given.cell_timeout = true;
      })
      ->default_str("none for run; in trials 10 s or three times what the cell took")
      ->group("Limits");
  add_parsed(
      command, "--memory", "Memory of all of the notebook's processes", "SIZE",
      [](const std::string& t) { return parse_bytes(t); },
      [&](Bytes value) {
        limits.memory = value;
        limits.given.memory = true;
      })
      ->default_str("three quarters of the machine, shared among --jobs")
      ->group("Limits");
  add_parsed(
      command, "--address-space", "Also limit virtual memory (breaks some libraries)", "SIZE",
      [](const std::string& t) { return parse_bytes(t); },
      [&](Bytes value) { limits.address_space = value; })
      ->default_str("none")
      ->group("Limits");
  add_parsed(
      command, "--output-limit", "Output kept per stream and cell", "SIZE",
      [](const std::string& t) { return parse_bytes(t); },
      [&](Bytes value) {
        limits.output_per_stream = value;
        limits.given.output = true;
      })
      ->default_str(format_bytes(limits.output_per_stream))
      ->group("Limits");
  add_parsed(
      command, "--files-limit", "Bytes the notebook may write to files", "SIZE",
      [](const std::string& t) { return parse_bytes(t); },
      [&](Bytes value) {
        limits.files_written = value;
        limits.given.files = true;
      })
      ->default_str(format_bytes(limits.files_written))
      ->group("Limits");
  command
      .add_option("--max-files", limits.files,
                  "Files and folders that the notebook may write, in a sandbox")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group("Limits")
      ->type_name("N");
  command
      .add_option("--max-processes", limits.processes,
                  "Processes and threads that the notebook may have at once, in a sandbox")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group("Limits")
      ->type_name("N");
}

void add_output_options(CLI::App& command, CommonOptions& options) {
  command.add_flag("--json", options.json, "Print one JSON document to stdout")->group("Output");
  command
      .add_option("--output-dir", options.output_dir,
                  "Folder for results (default: beside the notebook)")
      ->group("Output")
      ->type_name("DIR");
  command.add_flag("--force", options.force, "Overwrite files that nbreplay did not write")
      ->group("Output");
  command.add_flag("-q,--quiet", options.quiet, "Only results and errors")->group("Output");
  command.add_flag("-v,--verbose", options.verbose, "Say more about each step")->group("Output");
  command.add_flag("--no-progress", options.no_progress, "No progress line")->group("Output");
  command.add_option("--log", options.log, "Write what was done, step by step")
      ->group("Output")
      ->type_name("FILE");
  command.add_option("--jobs", options.jobs, "Processes at the same time")
      ->default_str(fmt::format("{}, the machine's cores", std::thread::hardware_concurrency()))
      ->type_name("N")
      ->check(CLI::Range(1, 1024))
      ->group("Output");
  command
      .add_option("--cache-dir", options.cache_dir,
                  "Folder of the trial cache (default: $XDG_CACHE_HOME/nbreplay)")
      ->group("Output")
      ->type_name("DIR");
  command.add_flag("--no-cache", options.no_cache, "Neither read nor write the trial cache")
      ->group("Output");
}

void add_sandbox_options(CLI::App& command, CommonOptions& options) {
  command
      .add_option("--sandbox", options.sandbox,
                  "strict: refuse to run when a layer of isolation is missing; auto: run with the "
                  "layers that there are; off: without")
      ->check(CLI::IsMember({"strict", "auto", "off"}))
      ->capture_default_str()
      ->group("Sandbox")
      ->type_name("LEVEL");
  command
      .add_option_function<std::string>(
          "--sandbox-backend",
          [&](const std::string& text) { options.bubblewrap = text == "bubblewrap"; },
          "Who enters the namespaces: nbreplay's own launcher, or bubblewrap (bwrap in PATH)")
      ->check(CLI::IsMember({"own", "bubblewrap"}))
      ->default_str("own")
      ->group("Sandbox")
      ->type_name("NAME");
  command
      .add_flag("--network", options.network, "Let the notebook reach the network (default: none)")
      ->group("Sandbox");
}

void add_snapshot_options(CLI::App& command, CommonOptions& options) {
  command
      .add_flag("--no-snapshots", options.no_snapshots,
                "Run every trial in a process of its own, from its first cell: slower")
      ->group("Snapshots");
  add_parsed(
      command, "--snapshot-memory", "Memory for frozen copies of the notebook's process", "SIZE",
      [](const std::string& t) { return parse_bytes(t); },
      [&](Bytes value) { options.snapshot_memory = value; })
      ->default_str("a quarter of the machine")
      ->group("Snapshots");
  command
      .add_option(
          "--preload", options.preload,
          "Modules that forked processes have imported already: faster, but hides an import "
          "that the notebook lacks until a fresh run")
      ->delimiter(',')
      ->type_name("MODULE,...")
      ->group("Snapshots");
}

}  // namespace

void add_packaging_options(CLI::App& command, CommonOptions& options) {
  command
      .add_option("--requirements", options.requirements,
                  "Make an environment of this requirement file or lock; may be repeated")
      ->check(CLI::ExistingFile)
      ->group("Environment")
      ->type_name("FILE");
  add_parsed(command, "--as-of",
             "Make an environment of packages as they were at the end of that day", "DATE",
             parse_date, [&](std::string date) { options.as_of = std::move(date); })
      ->group("Environment");
  command
      .add_flag("--offline", options.offline,
                "Use only packages that are in the cache; the index is not asked")
      ->group("Environment");
  command
      .add_flag("--build", options.build,
                "Build packages that exist only as source, which runs their code outside of the "
                "sandbox")
      ->group("Environment");
}

void add_common_options(CLI::App& command, CommonOptions& options,
                        std::optional<Duration> default_budget) {
  add_run_options(command, options);
  add_limit_options(command, options, default_budget);
  add_sandbox_options(command, options);
  add_snapshot_options(command, options);
  add_output_options(command, options);
}

std::string exit_codes_text(const std::string& good, const std::string& bad_news) {
  return fmt::format(
      "Exit codes:\n  0    {}\n  1    {}\n  2    usage, environment or internal error\n"
      "  130  interrupted; the best result so far is saved\n",
      good, bad_news);
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& known) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string& candidate : known) {
    // Levenshtein distance, one row at a time.
    std::vector<std::size_t> row(candidate.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= word.size(); ++i) {
      std::size_t diagonal = row[0];
      row[0] = i;
      for (std::size_t j = 1; j <= candidate.size(); ++j) {
        const std::size_t above = row[j];
        row[j] = std::min(
            {above + 1, row[j - 1] + 1, diagonal + (word[i - 1] == candidate[j - 1] ? 0U : 1U)});
        diagonal = above;
      }
    }
    if (row.back() < best_distance) {
      best_distance = row.back();
      best = candidate;
    }
  }
  return best;
}

}  // namespace nbreplay::cli
