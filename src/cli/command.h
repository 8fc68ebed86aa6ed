#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "nbreplay/base/stop_request.h"

#include "cli/console.h"

namespace nbreplay::cli {

/// What a command gets from `main`.
struct CommandContext {
  Console& console;
  StopRequest& stop;
};

/// A subcommand: `configure` declares its options, `run` does the job and returns the exit code.
class Command {
 public:
  virtual ~Command() = default;
  [[nodiscard]] virtual std::string name() const = 0;
  [[nodiscard]] virtual std::string purpose() const = 0;
  /// Examples and exit codes, shown by --help (not by -h).
  [[nodiscard]] virtual std::string details() const = 0;
  virtual void configure(CLI::App& app) = 0;
  [[nodiscard]] virtual int run(const CommandContext& context) = 0;
};

/// All commands, in the order in which the help lists them.
[[nodiscard]] std::vector<std::unique_ptr<Command>> all_commands();

[[nodiscard]] std::unique_ptr<Command> make_diagnose();
[[nodiscard]] std::unique_ptr<Command> make_run();
[[nodiscard]] std::unique_ptr<Command> make_reproduce();
[[nodiscard]] std::unique_ptr<Command> make_minimize();
[[nodiscard]] std::unique_ptr<Command> make_orders();
[[nodiscard]] std::unique_ptr<Command> make_bisect();
[[nodiscard]] std::unique_ptr<Command> make_verify();
[[nodiscard]] std::unique_ptr<Command> make_test();
[[nodiscard]] std::unique_ptr<Command> make_report();
[[nodiscard]] std::unique_ptr<Command> make_env();
[[nodiscard]] std::unique_ptr<Command> make_doctor();

}  // namespace nbreplay::cli
