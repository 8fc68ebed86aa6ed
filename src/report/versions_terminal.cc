#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "nbreplay/base/utf8.h"

#include "report/text_layout.h"
#include "report/versions_parts.h"

namespace nbreplay {
namespace {

/// Tests that are listed one by one; of more, those at the boundary and the ends.
constexpr std::size_t kMostTests = 24;
/// Packages of a set that are named.
constexpr std::size_t kMostNamed = 2;
constexpr std::size_t kMostHeld = 3;

class VersionsText {
 public:
  VersionsText(const VersionsFinding& finding, const TextStyle& style)
      : finding_(finding), style_(style) {}

  std::string render() {
    render_tests();
    if (finding_.corners) render_corners(*finding_.corners);
    render_boundary();
    return std::move(text_);
  }

 private:
  void row(std::string_view key, std::string_view value, std::string_view right = {},
           Colour colour = Colour::kNone) {
    text_ += row_text(key, value, right, colour, style_);
  }

  /// "pandas 2.0.0", "pandas 2.0.0, numpy 1.26.4 and 3 more".
  static std::string set_words(const VersionTest& test) {
    if (!test.version.empty() && test.set.size() <= 1) {
      return test.set.empty() ? escape_control(test.version)
                              : escape_control(test.set.front().name + " " + test.version);
    }
    std::vector<std::string> names;
    for (const PackageVersion& package : test.set)
      names.push_back(package.name + " " + package.version);
    for (const std::string& removed : test.removed) names.push_back("no " + removed);
    if (names.empty()) return "as it is";
    const std::size_t shown = std::min(names.size(), kMostNamed);
    std::string words = fmt::format(
        "{}", fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
    if (names.size() > shown) words += fmt::format(" and {} more", names.size() - shown);
    return escape_control(words);
  }

  static std::string outcome_words(const VersionTest& test) {
    switch (test.end) {
      case VersionEnd::kPasses:
        return "passes";
      case VersionEnd::kSame:
        return test.crash ? crash_summary(*test.crash) : "crashes";
      case VersionEnd::kReworded:
        return fmt::format("{} (the same statement)", test.crash ? crash_summary(*test.crash) : "");
      case VersionEnd::kDifferent:
        return fmt::format("says nothing: {}", test.crash ? crash_summary(*test.crash) : test.why);
      case VersionEnd::kUnresolved:
        return fmt::format("says nothing: {}", escape_control(test.why));
      case VersionEnd::kNotMade:
        return fmt::format("skipped, {}: {}", test.trouble ? to_string(*test.trouble) : "not made",
                           escape_control(test.why));
      case VersionEnd::kNotRun:
        break;
    }
    return "not run";
  }

  [[nodiscard]] std::string mark_of(const VersionTest& test) const {
    if (finding_.mode == VersionMode::kEnvironments && test.set.size() != 1) return {};
    for (const PackageBoundary& package : finding_.packages) {
      const bool about =
          finding_.mode != VersionMode::kEnvironments || test.set.front().name == package.name;
      if (!about || test.version.empty()) continue;
      if (package.last_good == test.version) return "last good";
      if (package.first_bad == test.version) return "first bad";
    }
    return {};
  }

  void render_tests() {
    std::string head;
    if (finding_.mode == VersionMode::kPackage && finding_.releases > 0) {
      head = fmt::format("{} of {} releases", finding_.tried, finding_.releases);
      if (finding_.unbuildable > 0)
        head += fmt::format("; {} more only as source", finding_.unbuildable);
    } else if (!finding_.tested.empty()) {
      head = finding_.mode == VersionMode::kPythonVersions
                 ? fmt::format("{} interpreters", finding_.tried)
                 : fmt::format("{} combinations", finding_.tested.size());
    }
    if (head.empty()) return;
    row("tried", head);
    std::size_t width = 0;
    for (const VersionTest& test : finding_.tested)
      width = std::max(width, columns(set_words(test)));
    const std::size_t left_out =
        finding_.tested.size() > kMostTests ? finding_.tested.size() - kMostTests : 0;
    std::size_t skipped = 0;
    for (const VersionTest& test : finding_.tested) {
      const std::string mark = mark_of(test);
      if (mark.empty() && skipped < left_out) {
        ++skipped;
        continue;
      }
      const std::string name = set_words(test);
      const Colour colour = test.end == VersionEnd::kPasses ? Colour::kGreen
                            : test.end == VersionEnd::kSame || test.end == VersionEnd::kReworded
                                ? Colour::kRed
                                : Colour::kNone;
      row("",
          fmt::format("{}{}  {}", name, std::string(width - columns(name), ' '),
                      outcome_words(test)),
          mark, colour);
    }
    if (skipped > 0) row("", fmt::format("{} more are in the JSON", skipped));
  }

  void render_corners(const FourCorners& corners) {
    const auto name = [](const PackageBoundary& package,
                         const std::optional<std::string>& version) {
      return escape_control(version ? fmt::format("{} {}", package.name, *version)
                                    : fmt::format("no {}", package.name));
    };
    const auto corner = [&](std::string_view key, bool first_bad, bool second_bad,
                            const VersionTest& test) {
      row(key, fmt::format("{}, {}: {}",
                           name(corners.first,
                                first_bad ? corners.first.first_bad : corners.first.last_good),
                           name(corners.second,
                                second_bad ? corners.second.first_bad : corners.second.last_good),
                           outcome_words(test)));
    };
    corner("corners", false, false, corners.both_good);
    corner("", true, false, corners.first_bad);
    corner("", false, true, corners.second_bad);
    corner("", true, true, corners.both_bad);
  }

  void render_boundary() {
    const bool confirmed = finding_.verdict == Verdict::kConfirmed;
    const std::string why = escape_control(finding_.why);
    row("versions",
        finding_.packages.empty()
            ? fmt::format("{}: {}", to_string(finding_.verdict), why)
            : fmt::format("{} ({}). {}", boundary_words(), to_string(finding_.verdict), why),
        {}, confirmed ? Colour::kGreen : Colour::kYellow);
    if (!finding_.between.empty())
      row("", fmt::format("between them nothing is known of {}",
                          escape_control(fmt::format("{}", fmt::join(finding_.between, ", ")))));
    if (!finding_.against.empty())
      row("", fmt::format("not the only change: {} too is unlike what lies on its side",
                          escape_control(fmt::format("{}", fmt::join(finding_.against, ", ")))));
    for (std::size_t i = 0; i < std::min(finding_.held.size(), kMostHeld); ++i)
      row(i == 0 ? "held" : "", escape_control(finding_.held[i]));
    if (!finding_.requirement.empty()) row("requires", escape_control(finding_.requirement));
  }

  /// "pandas: 1.5.3 passes, 2.0.0 crashes".
  [[nodiscard]] std::string boundary_words() const {
    std::vector<std::string> words;
    for (const PackageBoundary& package : finding_.packages)
      words.push_back(fmt::format("{}: {} passes, {} crashes", package.name,
                                  package.last_good.value_or("without it"),
                                  package.first_bad.value_or("without it")));
    return escape_control(fmt::format("{}", fmt::join(words, "; ")));
  }

  const VersionsFinding& finding_;
  const TextStyle& style_;
  std::string text_;
};

}  // namespace

std::string versions_text(const VersionsFinding& finding, const TextStyle& style) {
  return VersionsText(finding, style).render();
}

}  // namespace nbreplay
