#pragma once

#include <memory>

#include "cli/command.h"
#include "cli/options.h"

namespace nbreplay::cli {

// The actions of `env`, each a command of its own.
[[nodiscard]] std::unique_ptr<Command> make_env_infer();
[[nodiscard]] std::unique_ptr<Command> make_env_create();
[[nodiscard]] std::unique_ptr<Command> make_env_lock();
[[nodiscard]] std::unique_ptr<Command> make_env_list();
[[nodiscard]] std::unique_ptr<Command> make_env_show();
[[nodiscard]] std::unique_ptr<Command> make_env_remove();
[[nodiscard]] std::unique_ptr<Command> make_env_prune();

/// What every action takes.
void add_env_options(CLI::App& app, CommonOptions& options);

}  // namespace nbreplay::cli
