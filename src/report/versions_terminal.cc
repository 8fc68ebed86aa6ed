#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "nbreplay/base/utf8.h"

#include "report/text_layout.h"
#include "report/versions_parts.h"
#include "report/words.h"

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

  std::string render(bool brief) {
    if (!brief) render_tests();
    if (finding_.corners) render_corners(*finding_.corners);
    render_boundary();
    return std::move(text_);
  }

 private:
  void row(std::string_view key, std::string_view value, std::string_view right = {},
           Colour colour = Colour::kNone) {
    text_ += row_text(key, value, right, colour, style_);
  }

  /// "2.0.0" of one package's releases; "pandas 2.0.0, numpy 1.26.4 and 3 more" of several.
  [[nodiscard]] std::string set_words(const VersionTest& test) const {
    if (finding_.mode != VersionMode::kEnvironments) return escape_control(test.version);
    std::vector<std::string> names;
    for (const PackageVersion& package : test.set)
      names.push_back(package.name + " " + package.version);
    for (const std::string& removed : test.removed) names.push_back("no " + removed);
    if (names.empty()) return "as it is";
    const std::size_t shown = std::min(names.size(), kMostNamed);
    std::string words = names.front();
    for (std::size_t i = 1; i < shown; ++i) words += ", " + names[i];
    if (names.size() > shown) words += fmt::format(" and {} more", names.size() - shown);
    return escape_control(words);
  }

  /// The package whose releases were searched; empty when only the installed one was run.
  [[nodiscard]] std::string package() const {
    if (!finding_.packages.empty()) return finding_.packages.front().name;
    for (const VersionTest& test : finding_.tested)
      if (test.set.size() == 1) return test.set.front().name;
    return {};
  }

  /// In one line, so that outcomes stand below each other.
  [[nodiscard]] static std::string shortened(std::string text, std::size_t width) {
    if (columns(text) <= width) return text;
    const std::size_t most = std::max<std::size_t>(width, 16) - 1;
    while (columns(text) > most) {
      while ((static_cast<unsigned char>(text.back()) & 0xc0) == 0x80) text.pop_back();
      text.pop_back();
    }
    return text + "~";
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
      if (!package().empty()) head += " of " + escape_control(package());
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
      const std::size_t taken = kKeyWidth + width + 2 + (mark.empty() ? 0 : mark.size() + 2);
      const std::size_t room = style_.width > taken ? style_.width - taken : 0;
      row("",
          fmt::format("{}{}  {}", name, std::string(width - columns(name), ' '),
                      shortened(outcome_words(test), room)),
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
    // What both sides did says which they are.
    const bool said = finding_.packages.empty() || (finding_.good && finding_.bad);
    row("versions",
        fmt::format("{}: {}{}", to_string(finding_.verdict), said ? "" : boundary_words() + ". ",
                    escape_control(finding_.why)),
        {}, confirmed ? Colour::kGreen : Colour::kYellow);
    if (!finding_.between.empty())
      row("", fmt::format("between them nothing is known of {}",
                          escape_control(fmt::format("{}", fmt::join(finding_.between, ", ")))));
    render_against();
    for (const VersionCompanion& companion : finding_.companions)
      row(&companion == &finding_.companions.front() ? "with" : "",
          escape_control(fmt::format("{} {} on both sides, in place of {}", companion.name,
                                     companion.version, companion.was.value_or("none"))));
    // Where the boundary is certain, it does not matter what kept other releases from working.
    const bool certain = confirmed && finding_.between.empty();
    for (std::size_t i = 0; !certain && i < std::min(finding_.held.size(), kMostHeld); ++i)
      row(i == 0 ? "held" : "", escape_control(requirement_words(finding_.held[i])));
    if (!finding_.requirement.empty()) row("requires", escape_control(finding_.requirement));
  }

  /// What lies on one side and ends like the other.
  void render_against() {
    std::vector<std::string> passing, crashing;
    for (const std::string& version : finding_.against) {
      const auto test = std::ranges::find(finding_.tested, version, &VersionTest::version);
      const bool passes = test != finding_.tested.end() && test->end == VersionEnd::kPasses;
      (passes ? passing : crashing).push_back(version);
    }
    for (const auto& [words, versions] :
         {std::pair("passes", &passing), std::pair("crashes", &crashing)})
      if (!versions->empty())
        row("", fmt::format("not the only change: it {} with {}, too", words,
                            escape_control(fmt::format("{}", fmt::join(*versions, ", ")))));
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

std::string versions_text(const VersionsFinding& finding, bool brief, const TextStyle& style) {
  return VersionsText(finding, style).render(brief);
}

}  // namespace nbreplay
