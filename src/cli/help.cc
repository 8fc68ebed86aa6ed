#include "cli/help.h"

#include <fmt/format.h>

namespace nbreplay::cli {
namespace {

constexpr std::size_t kOptionColumns = 30;

/// "DURATION" of "DURATION:INT in [1 - 9]": what a validator adds is for the parser's own words.
std::string value_name(const CLI::Option& option) {
  const std::string name = option.get_type_name();
  return name.substr(0, name.find(':'));
}

}  // namespace

HelpFormatter::HelpFormatter() {
  column_width(kOptionColumns);
}

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
  if (option->get_type_size() == 0 || option->get_positional()) return {};
  return " " + value_name(*option);
}

std::string HelpFormatter::make_option_desc(const CLI::Option* option) const {
  const std::string value = option->get_default_str();
  if (value.empty()) return option->get_description();
  return fmt::format("{} [default: {}]", option->get_description(), value);
}

std::string HelpFormatter::make_usage(const CLI::App* app, std::string name) const {
  std::string usage = "Usage: " + (name.empty() ? app->get_name() : name) + " [OPTION]...";
  for (const CLI::Option* option : app->get_options())
    if (option->get_positional())
      usage += " " + value_name(*option) + (option->get_expected_max() > 1 ? "..." : "");
  if (!app->get_subcommands(nullptr).empty()) usage += " COMMAND";
  return usage + "\n";
}

}  // namespace nbreplay::cli
