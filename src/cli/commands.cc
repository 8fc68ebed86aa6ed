#include "cli/command.h"

namespace nbreplay::cli {

std::vector<std::unique_ptr<Command>> all_commands() {
  std::vector<std::unique_ptr<Command>> commands;
  commands.push_back(make_diagnose());
  commands.push_back(make_run());
  commands.push_back(make_reproduce());
  commands.push_back(make_minimize());
  commands.push_back(make_orders());
  commands.push_back(make_bisect());
  commands.push_back(make_verify());
  commands.push_back(make_test());
  commands.push_back(make_report());
  commands.push_back(make_env());
  commands.push_back(make_doctor());
  return commands;
}

}  // namespace nbreplay::cli
