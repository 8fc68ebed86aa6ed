#include "diagnosis/version_evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <regex>

#include "nbreplay/crash/crash_type.h"

namespace nbreplay {
namespace {

constexpr std::size_t kLongestMessage = 4096;
/// Names that are followed to where their values come from.
constexpr std::size_t kMostNames = 64;

/// What messages say when something is gone.
constexpr std::array<std::string_view, 12> kRemovalWords = {"was removed",
                                                            "been removed",
                                                            "is removed",
                                                            "deprecated",
                                                            "no longer",
                                                            "been renamed",
                                                            "was renamed",
                                                            "has moved",
                                                            "been moved",
                                                            "was moved",
                                                            "is not a valid package style",
                                                            "removed in"};
/// What messages say when two libraries were not built for each other.
constexpr std::array<std::string_view, 4> kBinaryWords = {
    "binary incompatibility", "multiarray failed to import", "compiled using NumPy",
    "numpy.dtype size changed"};
/// Classes of Python itself: an attribute that they lack is no library's.
constexpr std::array<std::string_view, 20> kBuiltinClasses = {
    "NoneType", "str",     "int",       "float",     "bool",
    "list",     "dict",    "tuple",     "set",       "bytes",
    "function", "type",    "method",    "generator", "range",
    "property", "complex", "frozenset", "map",       "builtin_function_or_method"};

std::string top_level(std::string_view module) {
  return std::string(module.substr(0, module.find('.')));
}

bool is_a(const Crash& crash, std::string_view type) {
  if (type == "ImportError" && crash.type == "ModuleNotFoundError") return true;  // of a record
  return crash.type == type || std::ranges::find(crash.base_types, type) != crash.base_types.end();
}

void add(std::vector<std::string>& modules, const std::string& module) {
  if (!module.empty() && std::ranges::find(modules, module) == modules.end())
    modules.push_back(module);
}

class Evidence {
 public:
  Evidence(const Crash& crash, const std::vector<CellFacts>& facts)
      : crash_(crash), facts_(facts), message_(crash.message.value_or("")) {
    if (message_.size() > kLongestMessage) message_.resize(kLongestMessage);
  }

  std::optional<VersionEvidence> find() {
    if (auto found = of_import()) return found;
    if (auto found = of_attribute()) return found;
    if (auto found = of_argument()) return found;
    return of_words();
  }

 private:
  [[nodiscard]] std::optional<std::smatch> matched(const char* pattern) {
    std::smatch match;
    if (!std::regex_search(message_, match, std::regex(pattern))) return std::nullopt;
    return match;
  }

  std::optional<VersionEvidence> of_import() {
    if (!is_a(crash_, "ImportError")) return std::nullopt;
    VersionEvidence found;
    if (const auto name = matched("cannot import name '?([\\w.]+)'? from '?([\\w.]+)'?")) {
      add(found.modules, top_level((*name)[2].str()));
      found.why =
          fmt::format("'{}' cannot be imported from '{}'", (*name)[1].str(), (*name)[2].str());
    } else if (const auto part = matched("No module named '?([\\w]+)\\.([\\w.]+)'?")) {
      add(found.modules, (*part)[1].str());
      found.why = fmt::format("'{}' has no module '{}'", (*part)[1].str(), (*part)[2].str());
    } else if (!crash_.type.starts_with("ModuleNotFound")) {
      found.why = "a library cannot be imported";
    }
    if (found.why.empty()) return std::nullopt;
    add_frames(found.modules);
    add_statement(found.modules);
    return with_modules(std::move(found));
  }

  std::optional<VersionEvidence> of_attribute() {
    if (!is_a(crash_, "AttributeError")) return std::nullopt;
    VersionEvidence found;
    if (const auto name = matched("module '([\\w.]+)' has no attribute '(\\w+)'")) {
      add(found.modules, top_level((*name)[1].str()));
      found.why =
          fmt::format("module '{}' has no attribute '{}'", (*name)[1].str(), (*name)[2].str());
    } else if (const auto of = matched("'([\\w.]+)' (?:object )?has no (?:attribute|property)")) {
      const std::string cls = (*of)[1].str();
      if (std::ranges::find(kBuiltinClasses, cls) != kBuiltinClasses.end()) return std::nullopt;
      if (defined_here(cls)) return std::nullopt;
      add(found.modules, importer_of(cls));
      found.why = fmt::format("objects of '{}' lack an attribute", cls);
    } else {
      return of_words();
    }
    add_frames(found.modules);
    add_statement(found.modules);
    return with_modules(std::move(found));
  }

  std::optional<VersionEvidence> of_argument() {
    if (!is_a(crash_, "TypeError")) return std::nullopt;
    const auto call = matched(
        "([\\w.]+)\\(\\) (?:got an unexpected keyword argument|missing \\d+ required|takes \\d+ "
        "positional|takes from \\d+|got multiple values)");
    if (!call) return of_words();
    const std::string function = (*call)[1].str();
    if (defined_here(top_level(function))) return std::nullopt;
    VersionEvidence found;
    add(found.modules, importer_of(top_level(function)));
    add_frames(found.modules);
    add_statement(found.modules);
    found.why = fmt::format("{}() does not take the arguments", function);
    return with_modules(std::move(found));
  }

  std::optional<VersionEvidence> of_words() {
    const bool removed = std::ranges::any_of(kRemovalWords, [&](std::string_view word) {
      return message_.find(word) != std::string::npos;
    });
    const bool binary = std::ranges::any_of(kBinaryWords, [&](std::string_view word) {
      return message_.find(word) != std::string::npos;
    });
    if (!removed && !binary) return std::nullopt;
    VersionEvidence found;
    found.why = removed ? "the message speaks of removal" : "the message speaks of binary builds";
    add_frames(found.modules);
    if (const std::size_t dot = crash_.qualified_type.find('.'); dot != std::string::npos)
      add(found.modules, crash_.qualified_type.substr(0, dot));
    add_statement(found.modules);
    if (binary) add(found.modules, "numpy");
    return with_modules(std::move(found));
  }

  static std::optional<VersionEvidence> with_modules(VersionEvidence found) {
    std::erase(found.modules, "builtins");
    if (found.modules.empty()) return std::nullopt;
    return found;
  }

  void add_frames(std::vector<std::string>& modules) const {
    for (const std::string& module : library_modules(crash_)) add(modules, module);
  }

  /// Modules whose names the failing statement uses.
  void add_statement(std::vector<std::string>& modules) const {
    if (!crash_.cell || *crash_.cell >= facts_.size() || !crash_.line) return;
    for (const Statement& statement : facts_[*crash_.cell].statements) {
      if (statement.first_line > *crash_.line || statement.last_line < *crash_.line) continue;
      for (const std::string& name : statement.uses) add(modules, importer_of(name));
      if (modules.empty()) add_makers(modules, statement.uses);
      if (statement.kind != "Import" && statement.kind != "ImportFrom") continue;
      for (const ImportFact& import : facts_[*crash_.cell].imports)
        if (import.line >= statement.first_line && import.line <= statement.last_line)
          add(modules, top_level(import.module));
    }
  }

  /// Modules that the values of these names come from, as far as assignments tell: the `pd` of
  /// `sales = pd.read_csv(…)`, also by way of other names.
  void add_makers(std::vector<std::string>& modules, std::vector<std::string> names) const {
    for (std::size_t i = 0; i < names.size() && names.size() < kMostNames; ++i) {
      const std::string name = names[i];
      for (const CellFacts& cell : facts_) {
        for (const Statement& statement : cell.statements) {
          if (std::ranges::find(statement.definitions, name) == statement.definitions.end())
            continue;
          for (const std::string& used : statement.uses) {
            add(modules, importer_of(used));
            if (std::ranges::find(names, used) == names.end()) names.push_back(used);
          }
        }
      }
    }
  }

  /// The module by whose import the notebook has the name; empty when by none.
  [[nodiscard]] std::string importer_of(const std::string& name) const {
    for (const CellFacts& cell : facts_)
      for (const ImportFact& import : cell.imports)
        if (import.bound == name || import.name == name) return top_level(import.module);
    return {};
  }

  [[nodiscard]] bool defined_here(const std::string& name) const {
    return importer_of(name).empty() && std::ranges::any_of(facts_, [&](const CellFacts& cell) {
             return cell.may_define(name);
           });
  }

  const Crash& crash_;
  const std::vector<CellFacts>& facts_;
  std::string message_;
};

}  // namespace

std::optional<VersionEvidence> version_evidence(const Crash& crash,
                                                const std::vector<CellFacts>& facts) {
  return Evidence(crash, facts).find();
}

std::vector<std::string> library_modules(const Crash& crash) {
  std::vector<std::string> modules;
  // Frames one by one, from the innermost: each asked as if it were the last.
  Crash part = crash;
  while (!part.frames.empty()) {
    if (!part.frames.back().in_notebook) add(modules, crash_library(part));
    part.frames.pop_back();
  }
  return modules;
}

bool failed_inside_library(const Crash& crash) {
  const Frame* const frame = crash.innermost_frame();
  if (frame == nullptr || frame->in_notebook || frame->text.empty()) return false;
  if (crash_library(crash).empty()) return false;
  return !frame->text.starts_with("raise") && !frame->text.starts_with("assert");
}

}  // namespace nbreplay
