#pragma once

#include <fmt/format.h>

#include <fstream>
#include <map>
#include <string>

#include "nbreplay/environment/local_environments.h"

#include "support/temporary_folder.h"

namespace nbreplay::test {

/// A folder with interpreters that do not exist: files that can be executed, and a ChildRunner
/// that answers for them. Counts how often somebody asks.
class FakeMachine final : public ChildRunner {
 public:
  /// An interpreter at `place` (relative), with a shared library unless told otherwise.
  Path add_python(const std::string& place, const std::string& version, bool shared = true) {
    const Path executable = root() / place;
    write(executable,
          "\x7f"
          "ELF " +
              version);
    std::filesystem::permissions(executable, std::filesystem::perms::owner_all);
    const Path prefix = executable.parent_path().parent_path();
    const Path library = prefix / "lib" / ("libpython" + version + ".so");
    if (shared) write(library, "");
    const Path site = prefix / "lib" / "site-packages";
    std::filesystem::create_directories(site);
    answers_[std::filesystem::canonical(executable)] =
        fmt::format(R"({{"implementation": "cpython", "version": "{}", "libpython": "{}",)"
                    R"( "base_prefix": "{}", "site_packages": ["{}"]}})",
                    version, shared ? library.string() : "", prefix.string(), site.string());
    return executable;
  }

  /// A virtual environment at `place` whose python links to `base`.
  Path add_virtual(const std::string& place, const Path& base, bool system = false) {
    const Path folder = root() / place;
    write(folder / "pyvenv.cfg",
          fmt::format("home = {}\ninclude-system-site-packages = {}\nversion = 3.11.7\n",
                      base.parent_path().string(), system ? "true" : "false"));
    std::filesystem::create_directories(folder / "bin");
    std::filesystem::create_symlink(base, folder / "bin" / "python");
    std::filesystem::create_symlink(base, folder / "bin" / "python3");
    return folder;
  }

  void answer(const Path& executable, std::string text, int code = 0) {
    answers_[std::filesystem::canonical(executable)] = std::move(text);
    codes_[std::filesystem::canonical(executable)] = code;
  }

  Result<ChildResult> run(const ChildCommand& command) override {
    ++asked;
    const auto found = answers_.find(command.argv.front());
    if (found == answers_.end()) return environment_error("no such program");
    ChildResult result;
    result.output = found->second;
    if (const auto code = codes_.find(found->first); code != codes_.end())
      result.exit_code = code->second;
    return result;
  }

  static void write(const Path& file, const std::string& content) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << content;
  }

  [[nodiscard]] Path root() const { return std::filesystem::canonical(folder_.path()); }

  /// Settings under which only this folder's interpreters are found.
  [[nodiscard]] EnvironmentSettings settings() const {
    EnvironmentSettings settings;
    settings.worker_minors = {"3.10", "3.11", "3.12"};
    settings.ipython_supply = root() / "supply";
    settings.cache_folder = root() / "cache";
    settings.surroundings.path = (root() / "usr" / "bin").string();
    settings.surroundings.home = root() / "home";
    return settings;
  }

  std::size_t asked = 0;

 private:
  TemporaryFolder folder_;
  std::map<Path, std::string> answers_;
  std::map<Path, int> codes_;
};

}  // namespace nbreplay::test
