#include "process/test_python.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace nbreplay::test {
namespace {

/// The build whose programs are run: this one, or that of NBREPLAY_TEST_PROGRAMS, so that a
/// controller under a sanitizer can be tried with programs that are not.
Path programs_build() {
  const char* other = std::getenv("NBREPLAY_TEST_PROGRAMS");
  return other == nullptr ? Path(NBREPLAY_TEST_BUILD) : Path(other);
}

struct Python {
  std::string minor;
  std::string executable;
  Path supply;
};

Python choose() {
  const Path build = programs_build();
  const char* wanted = std::getenv("NBREPLAY_TEST_MINOR");
  std::ifstream list(build / "pythons.txt");
  Python chosen;
  for (Python python; list >> python.minor >> python.executable;) {
    python.supply = build / "share/nbreplay/ipython" / python.minor;
    const bool has_supply = std::filesystem::is_directory(python.supply);
    if (has_supply && (wanted == nullptr || python.minor == wanted)) chosen = python;
  }
  if (chosen.executable.empty()) {
    std::fprintf(stderr,
                 "No Python of %s/pythons.txt has an IPython to run cells with. Run "
                 "scripts/prepare_ipython.sh with the preset of this build.\n",
                 build.c_str());
    std::abort();
  }
  return chosen;
}

const Python& chosen() {
  static const Python python = choose();
  return python;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

Environment describe(const std::string& executable) {
  const auto facts =
      lines_of(output_of(fmt::format("'{}' -I -S '{}'", executable, NBREPLAY_TEST_PYTHON_FACTS)));
  const auto more = lines_of(output_of(fmt::format(
      "'{}' -I -c 'import sys, sysconfig; print(\"%d.%d.%d\" % sys.version_info[:3]); "
      "print(sys.base_prefix); print(sys.prefix); print(sysconfig.get_path(\"purelib\"))'",
      executable)));
  Environment environment;
  if (facts.size() < 5 || more.size() < 4) {
    ADD_FAILURE() << executable << " does not say what it is";
    return environment;
  }
  environment.interpreter.executable = executable;
  environment.interpreter.minor = facts[1];
  environment.interpreter.libpython = facts[3];
  environment.interpreter.version = more[0];
  environment.interpreter.base_prefix = more[1];
  environment.interpreter.prefix = more[2];
  environment.site_packages = {more[3]};
  environment.append_path = {chosen().supply};
  environment.hash = "test";
  return environment;
}

}  // namespace

std::string output_of(const std::string& command) {
  std::string output;
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) {
    ADD_FAILURE() << "cannot run " << command;
    return output;
  }
  char buffer[4096];
  while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, pipe))
    output.append(buffer, count);
  EXPECT_EQ(::pclose(pipe), 0) << command;
  return output;
}

process::Installation test_installation() {
  return process::installation_in(programs_build());
}

Environment test_environment() {
  static const Environment environment = describe(chosen().executable);
  return environment;
}

Environment make_virtual_environment(const Path& folder) {
  output_of(
      fmt::format("'{}' -I -m venv --without-pip '{}'", chosen().executable, folder.string()));
  return describe((folder / "bin/python").string());
}

}  // namespace nbreplay::test
