#include "environment/layout.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "nbreplay/base/utf8.h"
#include "nbreplay/trial/packages.h"

namespace nbreplay::environment {
namespace {

namespace fs = std::filesystem;

constexpr Bytes kMaxSettings = kib(64);
constexpr std::size_t kMaxPackages = 100'000;

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::string version_in_metadata(const Path& entry) {
  std::error_code failed;
  auto text = read_file(fs::is_directory(entry, failed) ? entry / "PKG-INFO" : entry, kMaxMetadata);
  if (!text) return {};
  const std::size_t at = text->find("\nVersion:");
  if (at == std::string::npos) return {};
  const std::size_t start = at + 9;
  return std::string(
      trimmed(std::string_view(*text).substr(start, text->find('\n', start) - start)));
}

/// "numpy-1.26.4.dist-info", "networkx-2.3-py3.7.egg-info", "six.egg-info".
std::optional<PackageVersion> package_of(const Path& entry) {
  const std::string extension = entry.extension().string();
  if (extension != ".dist-info" && extension != ".egg-info") return std::nullopt;
  const std::string stem = entry.stem().string();
  if (stem.empty() || stem.front() == '~') return std::nullopt;  // a removal that pip broke off
  const std::size_t dash = stem.find('-');
  std::string version;
  if (dash == std::string::npos)
    version = version_in_metadata(entry);
  else
    version = stem.substr(dash + 1, stem.find("-py", dash + 1) - dash - 1);
  return PackageVersion{to_valid_utf8(normalised_name(stem.substr(0, dash))),
                        to_valid_utf8(version)};
}

}  // namespace

std::optional<VirtualEnvironment> read_virtual_environment(const Path& folder) {
  const auto text = read_file(folder / "pyvenv.cfg", kMaxSettings);
  if (!text) return std::nullopt;
  VirtualEnvironment result;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t sign = line.find('=');
    if (sign == std::string_view::npos) continue;
    const std::string_view key = trimmed(line.substr(0, sign));
    const std::string_view value = trimmed(line.substr(sign + 1));
    if (key == "home") result.home = value;
    if (key == "version" || key == "version_info") result.version = value;
    if (key == "include-system-site-packages")
      result.system_site_packages = value == "true" || value == "True" || value == "TRUE";
  }
  return result;
}

Path executable_in(const Path& folder) {
  std::error_code failed;
  for (const char* name : {"python", "python3"})
    if (const Path file = folder / "bin" / name; fs::exists(file, failed)) return file;
  return {};
}

bool is_conda_prefix(const Path& folder) {
  std::error_code failed;
  return fs::is_directory(folder / "conda-meta", failed);
}

std::vector<PackageVersion> packages_in(const std::vector<Path>& folders) {
  std::map<std::string, std::string> versions;
  for (const Path& folder : folders) {
    std::error_code failed;
    std::map<std::string, std::string> here;
    for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end;
         entry.increment(failed)) {
      if (here.size() >= kMaxPackages) break;
      // Two versions of a package in one folder: the order of names decides, not of the disk.
      if (auto package = package_of(entry->path())) {
        std::string& version = here[package->name];
        version = std::max(version, package->version);
      }
    }
    versions.merge(here);
  }
  std::vector<PackageVersion> packages;
  packages.reserve(versions.size());
  for (const auto& [name, version] : versions) packages.push_back({name, version});
  return packages;
}

}  // namespace nbreplay::environment
