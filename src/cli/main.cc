// nbreplay's entry: finds the command, shows help and usage errors, returns the exit code.

#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "nbreplay/base/utf8.h"
#include "nbreplay/report/version.h"

#include "cli/command.h"
#include "cli/help.h"
#include "cli/options.h"
#include "cli/signals.h"

namespace nbreplay::cli {
namespace {

constexpr const char* kPurpose =
    "Runs Jupyter notebooks again, in other orders and environments, and tells why they crash.";

/// The word that was not understood and what was probably meant, for the hint of a usage error.
std::string hint_for(const CLI::App& app, const std::vector<std::string>& words) {
  const CLI::App* place = &app;
  for (const std::string& word : words) {
    const auto subcommands =
        place->get_subcommands([&](const CLI::App* sub) { return sub->get_name() == word; });
    if (!subcommands.empty()) {
      place = subcommands.front();
      continue;
    }
    std::vector<std::string> known;
    const bool flag = word.rfind("--", 0) == 0;
    if (flag) {
      for (const CLI::Option* option : place->get_options())
        for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    } else {
      for (const CLI::App* sub : place->get_subcommands(nullptr)) known.push_back(sub->get_name());
    }
    const std::string bare = word.substr(0, word.find('='));
    if (std::find(known.begin(), known.end(), bare) != known.end()) continue;
    if (const std::string meant = did_you_mean(bare, known); !meant.empty())
      return fmt::format("did you mean '{}'?", meant);
  }
  std::string command;
  for (; place != &app; place = place->get_parent()) command = " " + place->get_name() + command;
  return fmt::format("see 'nbreplay{} --help'", command);
}

/// The command, its action, or the positional that it needs, by the name that its usage line shows.
std::string what_is_missing(const CLI::App& app) {
  if (app.get_subcommands().empty()) return "no command is given";
  const CLI::App* command = app.get_subcommands().front();
  if (!command->get_subcommands().empty()) command = command->get_subcommands().front();
  if (!command->get_subcommands(nullptr).empty())
    return fmt::format("no action of {} is given", command->get_name());
  for (const CLI::Option* option : command->get_options())
    if (option->get_positional() && option->count() == 0)
      return fmt::format("no {} is given", option->get_type_name());
  return "an option is missing";
}

/// The command that has actions and none of the name that was given.
const CLI::App* group_of_unknown_action(const CLI::App& app,
                                        const std::vector<std::string>& words) {
  if (words.size() < 2 || words[1].rfind('-', 0) == 0 || app.get_subcommands().empty())
    return nullptr;
  const CLI::App* command = app.get_subcommands().front();
  const bool has_actions = !command->get_subcommands(nullptr).empty();
  return has_actions && command->get_subcommands().empty() ? command : nullptr;
}

int usage_failure(const Console& console, const CLI::App& app, const CLI::ParseError& problem,
                  const std::vector<std::string>& words) {
  std::string message = problem.what();
  if (dynamic_cast<const CLI::RequiredError*>(&problem) != nullptr) message = what_is_missing(app);
  // CLI11 only says that a command is required when it does not know the word.
  if (!words.empty() && words.front().rfind('-', 0) != 0 && app.get_subcommands().empty())
    message = fmt::format("'{}' is no command of nbreplay", escape_control(words.front()));
  else if (const CLI::App* group = group_of_unknown_action(app, words))
    message = fmt::format("'{}' is no action of {}", escape_control(words[1]), group->get_name());
  std::string hint;
  const std::size_t own_hint = message.find("\n\nhint: ");
  if (own_hint != std::string::npos) {
    hint = message.substr(own_hint + 8);
    message.resize(own_hint);
  } else {
    hint = hint_for(app, words);
  }
  console.error(usage_error(message, hint));
  return kExitError;
}

int run_main(int argc, char** argv) {
  Console console;
  StopRequest stop;
  stop_on_signals(stop);

  CLI::App app(kPurpose, "nbreplay");
  app.formatter(std::make_shared<HelpFormatter>());
  app.set_version_flag("--version", std::string(kVersion), "Print the version");
  app.set_help_flag("-h,--help", "Print this help; --help also shows examples and exit codes");
  app.require_subcommand(1);
  const std::vector<std::string> words(argv + 1, argv + argc);
  const bool long_help = std::find(words.begin(), words.end(), "--help") != words.end();

  auto commands = all_commands();
  for (const auto& command : commands) {
    CLI::App* sub = app.add_subcommand(command->name(), command->purpose());
    sub->set_help_flag("-h,--help", "Print this help; --help also shows examples and exit codes");
    command->configure(*sub);
    sub->footer(long_help ? "\n" + command->details()
                          : fmt::format("See 'nbreplay {} --help' for examples and exit codes.",
                                        command->name()));
  }
  app.footer(
      "Most used: nbreplay diagnose NOTEBOOK.ipynb\n\n"
      "Variables: NO_COLOR and FORCE_COLOR decide about colour, XDG_CACHE_HOME about the place\n"
      "of the trial cache. VIRTUAL_ENV or CONDA_PREFIX is the environment of notebooks whose\n"
      "project has none.");

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help and --version
    return app.exit(asked);
  } catch (const CLI::ParseError& problem) {
    return usage_failure(console, app, problem, words);
  }
  for (const auto& command : commands) {
    if (!app.got_subcommand(command->name())) continue;
    const int code = command->run({console, stop});
    if (console.data_written()) return code;
    console.error(console.data_written().error());
    return worse_exit(code, kExitError);
  }
  return kExitError;
}

}  // namespace
}  // namespace nbreplay::cli

int main(int argc, char** argv) {
  try {
    return nbreplay::cli::run_main(argc, argv);
  } catch (const std::exception& problem) {  // a bug of ours or of a library; never expected
    std::fprintf(stderr, "internal error: %s\n", problem.what());
    return nbreplay::cli::kExitError;
  }
}
