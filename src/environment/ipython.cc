#include "environment/ipython.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "nbreplay/environment/local_environments.h"
#include "nbreplay/trial/packages.h"

#include "environment/layout.h"
#include "environment/versions.h"

namespace nbreplay::environment {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRequires = "Requires-Dist:";

std::string version_of(const std::vector<PackageVersion>& packages, std::string_view name) {
  const auto found = std::find_if(packages.begin(), packages.end(),
                                  [&](const PackageVersion& one) { return one.name == name; });
  return found == packages.end() ? "" : found->version;
}

/// "traitlets 4.3.3 is not >=5.13.0" when the environment's package is outside what `line` asks
/// for; empty when it is inside or not there. What the supply leaves out it can do without, and
/// only requirements that hold for everybody count: those under a marker ("; extra == …",
/// "; python_version < …") are passed over.
std::string conflict_in(std::string_view line, const std::vector<PackageVersion>& supplied,
                        const std::vector<PackageVersion>& packages) {
  line.remove_prefix(kRequires.size());
  if (line.find(';') != std::string_view::npos) return {};
  const std::size_t start = line.find_first_not_of(' ');
  if (start == std::string_view::npos) return {};
  line.remove_prefix(start);
  const std::size_t end = required_name(line).size();
  const std::string name = normalised_name(line.substr(0, end));
  std::string_view ranges = line.substr(end);
  if (ranges.starts_with('[')) ranges.remove_prefix(std::min(ranges.find(']') + 1, ranges.size()));
  const std::string have = version_of(packages, name);
  if (have.empty() || version_of(supplied, name).empty() || satisfies(have, ranges)) return {};
  const std::size_t first = ranges.find_first_not_of(" (");
  const std::size_t last = ranges.find_last_not_of(" )\r");
  return fmt::format("{} {} is not {}", name, have, ranges.substr(first, last - first + 1));
}

/// The first package of the environment that the supplied ones cannot work with.
std::string find_conflict(const Path& supply, const std::vector<PackageVersion>& packages) {
  const std::vector<PackageVersion> supplied = packages_in({supply});
  std::error_code failed;
  for (fs::directory_iterator entry(supply, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    if (entry->path().extension() != ".dist-info") continue;
    const auto text = read_file(entry->path() / "METADATA", kMaxMetadata);
    if (!text) continue;
    std::string_view rest = *text;
    while (!rest.empty()) {
      const std::size_t length = std::min(rest.find('\n'), rest.size());
      const std::string_view line = rest.substr(0, length);
      if (line.empty() || line == "\r") break;  // the end of the headers
      if (line.starts_with(kRequires))
        if (std::string conflict = conflict_in(line, supplied, packages); !conflict.empty())
          return conflict;
      rest.remove_prefix(std::min(length + 1, rest.size()));
    }
  }
  return {};
}

}  // namespace

void provide_ipython(Environment& environment, const Path& supply) {
  environment.ipython_version = version_of(environment.packages, "ipython");
  environment.has_ipython = !environment.ipython_version.empty();
  if (environment.has_ipython) return;
  environment.ipython_version = supplied_ipython(supply, environment.interpreter.minor);
  if (environment.ipython_version.empty()) return;
  const Path folder = supply / environment.interpreter.minor;
  const std::string conflict = find_conflict(folder, environment.packages);
  if (conflict.empty()) {
    environment.append_path.push_back(folder);
    environment.why += fmt::format("; it has no IPython: nbreplay's own {} comes along",
                                   environment.ipython_version);
  } else {
    environment.prepend_path.push_back(folder);
    environment.why += fmt::format(
        "; it has no IPython: nbreplay's own {} comes first and hides older packages ({})",
        environment.ipython_version, conflict);
  }
}

}  // namespace nbreplay::environment

namespace nbreplay {

std::string supplied_ipython(const Path& supply, const std::string& minor) {
  if (supply.empty() || minor.empty()) return {};
  for (const PackageVersion& package : environment::packages_in({supply / minor}))
    if (package.name == "ipython") return package.version;
  return {};
}

}  // namespace nbreplay
