#include "process/linked_folders.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace nbreplay::process {
namespace {

constexpr Bytes kLargestFile = kib(256);
constexpr std::size_t kMostFolders = 5000;
/// nbreplay's own file in environments that it made of links: whither they lead.
constexpr std::string_view kOurs = "_nbreplay.pth";
constexpr std::string_view kLinked = "# linked: ";

/// "/a b" of "/a%20b".
std::string decoded(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '%' && at + 2 < text.size()) {
      const std::string digits(text.substr(at + 1, 2));
      char* end = nullptr;
      const long value = std::strtol(digits.c_str(), &end, 16);
      if (*end == '\0') {
        plain += static_cast<char>(value);
        at += 2;
        continue;
      }
    }
    plain += text[at];
  }
  return plain;
}

/// pip and uv write it without escapes in what is looked at here.
std::optional<Path> edited_sources(const std::string& direct_url) {
  if (direct_url.find("\"editable\"") == std::string::npos ||
      direct_url.find("true", direct_url.find("\"editable\"")) == std::string::npos)
    return std::nullopt;
  constexpr std::string_view kBegin = "\"file://";
  const std::size_t begin = direct_url.find(kBegin);
  if (begin == std::string::npos) return std::nullopt;
  const std::size_t start = begin + kBegin.size();
  return Path(
      decoded(std::string_view(direct_url).substr(start, direct_url.find('"', start) - start)));
}

class Found {
 public:
  explicit Found(const Path& site_packages) : site_packages_(site_packages) {}

  void add(const Path& path) {
    std::error_code failed;
    const Path whole = (site_packages_ / path).lexically_normal();
    if (folders.size() < kMostFolders && std::filesystem::is_directory(whole, failed))
      folders.push_back(whole);
  }

  /// In `ours` comments tell of folders, which Python passes over.
  void read_pth(std::string_view text, bool ours) {
    while (!text.empty()) {
      std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(text.size(), line.size() + 1));
      while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
      if (ours && line.starts_with(kLinked)) line.remove_prefix(kLinked.size());
      if (!line.empty() && line.front() != '#' && !line.starts_with("import ") &&
          !line.starts_with("import\t"))
        add(Path(line));
    }
  }

  std::vector<Path> folders;

 private:
  Path site_packages_;
};

}  // namespace

std::vector<Path> linked_folders(const Path& site_packages) {
  Found found(site_packages);
  std::error_code failed;
  for (std::filesystem::directory_iterator entry(site_packages, failed), end;
       !failed && entry != end; entry.increment(failed)) {
    const Path& path = entry->path();
    if (path.extension() == ".pth") {
      if (const auto text = read_file(path, kLargestFile))
        found.read_pth(*text, path.filename() == kOurs);
    } else if (path.extension() == ".dist-info") {
      std::error_code missing;
      if (!std::filesystem::exists(path / "direct_url.json", missing)) continue;
      const auto text = read_file(path / "direct_url.json", kLargestFile);
      if (!text) continue;
      if (const auto sources = edited_sources(*text)) found.add(*sources);
    }
  }
  return std::move(found.folders);
}

}  // namespace nbreplay::process
