#pragma once

#include <CLI/CLI.hpp>

namespace nbreplay::cli {

/// Options as `--budget DURATION` with their defaults after the description: "[default: 10m]".
class HelpFormatter final : public CLI::Formatter {
 public:
  HelpFormatter();

  std::string make_option_opts(const CLI::Option* option) const override;
  std::string make_option_desc(const CLI::Option* option) const override;
  std::string make_usage(const CLI::App* app, std::string name) const override;
};

}  // namespace nbreplay::cli
