#include "environment/modules.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "nbreplay/trial/packages.h"

#include "environment/versions.h"

namespace nbreplay::environment {
namespace {

namespace fs = std::filesystem;

constexpr Bytes kMaxTopLevel = kib(256);
constexpr std::size_t kMostEntries = 200'000;

/// What CPython is linked with on common systems; the rest of the standard library has files.
constexpr std::string_view kBuiltIn[] = {
    "_abc",      "_ast",         "_codecs",      "_collections", "_functools",  "_io",
    "_locale",   "_operator",    "_signal",      "_sre",         "_stat",       "_string",
    "_symtable", "_thread",      "_tracemalloc", "_warnings",    "_weakref",    "array",
    "atexit",    "audioop",      "binascii",     "builtins",     "cmath",       "crypt",
    "errno",     "faulthandler", "fcntl",        "gc",           "grp",         "itertools",
    "marshal",   "math",         "mmap",         "nis",          "ossaudiodev", "parser",
    "posix",     "pwd",          "pyexpat",      "readline",     "resource",    "select",
    "spwd",      "sys",          "syslog",       "termios",      "time",        "unicodedata",
    "xxsubtype", "zipimport",    "zlib"};

constexpr std::string_view kInstallers[] = {"pip", "setuptools", "uv", "wheel"};

class Modules {
 public:
  /// Everything in a folder of sys.path that an import statement may name.
  void add_folder(const Path& folder, bool is_site) {
    std::error_code failed;
    for (fs::directory_iterator entry(folder, failed), end;
         !failed && entry != end && names_.size() < kMostEntries; entry.increment(failed)) {
      const Path& path = entry->path();
      const std::string name = path.filename().string();
      const std::string extension = path.extension().string();
      if (is_site && extension == ".pth") add_linked(path);
      if (is_site && extension == ".dist-info") add_edited(path);
      std::error_code ignored;
      if (extension == ".py" || extension == ".so" || extension == ".pyc" ||
          entry->is_directory(ignored))
        names_.insert(name.substr(0, name.find('.')));
    }
  }

  [[nodiscard]] bool has(const std::string& name) const {
    return names_.contains(name) || std::ranges::find(kBuiltIn, name) != std::end(kBuiltIn);
  }

 private:
  void add_linked(const Path& file) {
    const auto text = read_file(file, kMaxTopLevel);
    if (!text) return;
    for_each_line(*text, [&](std::string_view line) {
      // As Python's site module tells folders from code.
      if (line.front() != '#' && !line.starts_with("import ") && !line.starts_with("import\t"))
        add_folder(file.parent_path() / line, false);
    });
  }

  /// A package installed to be edited may be found by code only; its metadata says what it holds.
  void add_edited(const Path& metadata) {
    std::error_code failed;
    if (!fs::exists(metadata / "direct_url.json", failed)) return;
    if (const auto text = read_file(metadata / "top_level.txt", kMaxTopLevel))
      for_each_line(*text, [&](std::string_view line) { names_.emplace(line); });
  }

  template <class Use>
  static void for_each_line(std::string_view text, Use use) {
    while (!text.empty()) {
      std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(text.size(), line.size() + 1));
      while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
      if (!line.empty()) use(line);
    }
  }

  std::set<std::string> names_;
};

}  // namespace

std::vector<std::string> lacking_modules(const std::vector<std::string>& imports,
                                         const Environment& environment,
                                         const std::vector<Path>& folders) {
  Modules modules;
  const Interpreter& python = environment.interpreter;
  const Path library = python.base_prefix / "lib" / ("python" + python.minor);
  modules.add_folder(library, false);
  modules.add_folder(library / "lib-dynload", false);
  for (const Path& folder : environment.site_packages) modules.add_folder(folder, true);
  for (const auto* supply : {&environment.append_path, &environment.prepend_path})
    for (const Path& folder : *supply) modules.add_folder(folder, false);
  for (const Path& folder : folders) modules.add_folder(folder, false);
  std::vector<std::string> lacking;
  for (const std::string& name : imports)
    if (!modules.has(name.substr(0, name.find('.')))) lacking.push_back(name);
  return lacking;
}

std::vector<std::string> lacking_requirements(const std::vector<std::string>& requirements,
                                              const Environment& environment) {
  std::vector<std::string> lacking;
  for (const std::string& requirement : requirements) {
    const std::string_view text = requirement;
    const std::size_t end = required_name(text).size();
    const std::string name = normalised_name(text.substr(0, end));
    if (std::ranges::find(kInstallers, name) != std::end(kInstallers)) continue;
    std::string_view ranges = text.substr(end, text.find(';') - end);
    if (ranges.starts_with('['))
      ranges.remove_prefix(std::min(ranges.find(']'), ranges.size() - 1) + 1);
    const auto held = std::ranges::find(environment.packages, name, &PackageVersion::name);
    if (held == environment.packages.end() || !satisfies(held->version, ranges))
      lacking.push_back(requirement);
  }
  return lacking;
}

}  // namespace nbreplay::environment
