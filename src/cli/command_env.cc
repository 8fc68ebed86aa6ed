// env: infer, create, list, show, lock, remove environments.

#include "cli/command_env.h"

#include <fmt/format.h>

namespace nbreplay::cli {
namespace {

class EnvCommand final : public Command {
 public:
  EnvCommand() {
    actions_.push_back({make_env_infer()});
    actions_.push_back({make_env_create()});
    actions_.push_back({make_env_lock()});
    actions_.push_back({make_env_list()});
    actions_.push_back({make_env_show()});
    actions_.push_back({make_env_remove()});
    actions_.push_back({make_env_prune()});
  }

  std::string name() const override { return "env"; }
  std::string purpose() const override {
    return "Environments for notebooks: infer, create, lock, list, show, remove them";
  }

  std::string details() const override {
    return "Environments are made from a store of unpacked packages in the cache folder: each\n"
           "package is fetched, unpacked and compiled once, and shared.\n\n"
           "Examples:\n  nbreplay env infer analysis.ipynb\n"
           "  nbreplay env create analysis.ipynb --as-of 2023-06-01\n"
           "  nbreplay env lock analysis.ipynb --output nbreplay.lock.json\n"
           "  nbreplay env create --requirements nbreplay.lock.json --offline\n"
           "  nbreplay env list\n\nSee 'nbreplay env ACTION --help' for options and exit codes.\n";
  }

  void configure(CLI::App& app) override {
    app.require_subcommand(1);
    for (Action& action : actions_) {
      action.app = app.add_subcommand(action.command->name(), action.command->purpose());
      action.command->configure(*action.app);
      action.app->footer("\n" + action.command->details());
    }
  }

  int run(const CommandContext& context) override {
    for (const Action& action : actions_)
      if (action.app->parsed()) return action.command->run(context);
    return kExitError;
  }

 private:
  struct Action {
    std::unique_ptr<Command> command;
    CLI::App* app = nullptr;
  };
  std::vector<Action> actions_;
};

}  // namespace

void add_env_options(CLI::App& app, CommonOptions& options) {
  app.add_flag("--json", options.json, "Print one JSON document to stdout")->group("Output");
  app.add_flag("-q,--quiet", options.quiet, "Only results and errors")->group("Output");
  app.add_flag("-v,--verbose", options.verbose, "Say more about each step")->group("Output");
  app.add_flag("--no-progress", options.no_progress, "No progress line")->group("Output");
  app.add_option("--cache-dir", options.cache_dir,
                 "Folder with the store (default: $XDG_CACHE_HOME/nbreplay)")
      ->group("Output")
      ->type_name("DIR");
}

std::unique_ptr<Command> make_env() {
  return std::make_unique<EnvCommand>();
}

}  // namespace nbreplay::cli
