#include "report/read_versions.h"

#include <array>

#include "report/read_parts.h"

namespace nbreplay {
namespace {

std::vector<PackageVersion> packages_in(FieldReader& reader, const char* key,
                                        std::string& problem) {
  std::vector<PackageVersion> packages;
  reader.for_each(key, [&](const FieldReader::Json& item, const std::string& path) {
    FieldReader entry(item, path, problem);
    packages.push_back({entry.text("name"), entry.text("version")});
  });
  return packages;
}

std::vector<UnmetRequirement> unmet_in(FieldReader& reader, const char* key, std::string& problem) {
  std::vector<UnmetRequirement> requirements;
  reader.for_each(key, [&](const FieldReader::Json& item, const std::string& path) {
    FieldReader entry(item, path, problem);
    UnmetRequirement& unmet = requirements.emplace_back();
    unmet.by = {entry.text("package"), entry.text("version")};
    unmet.package = entry.text("requires");
    unmet.specifier = entry.text("specifier");
    unmet.present = entry.optional_text("present");
  });
  return requirements;
}

std::vector<PackageChange> changes_in(FieldReader& reader, const char* key, std::string& problem) {
  std::vector<PackageChange> changes;
  reader.for_each(key, [&](const FieldReader::Json& item, const std::string& path) {
    FieldReader entry(item, path, problem);
    changes.push_back({entry.text("name"), entry.text("from"), entry.optional_text("to")});
  });
  return changes;
}

PackageBoundary boundary_in(FieldReader reader) {
  PackageBoundary package;
  package.name = reader.text("name");
  if (reader.find("last_good") != nullptr) package.last_good = reader.text("last_good");
  if (reader.find("first_bad") != nullptr) package.first_bad = reader.text("first_bad");
  return package;
}

VersionTest test_in(FieldReader reader, std::string& problem) {
  VersionTest test;
  test.version = reader.text("version");
  test.set = packages_in(reader, "set", problem);
  test.removed = reader.texts("removed");
  test.added = packages_in(reader, "added", problem);
  test.conflicts = unmet_in(reader, "conflicts", problem);
  test.replaced = changes_in(reader, "replaced", problem);
  test.end = word(
      reader, "outcome",
      std::array{VersionEnd::kNotRun, VersionEnd::kPasses, VersionEnd::kSame, VersionEnd::kReworded,
                 VersionEnd::kDifferent, VersionEnd::kUnresolved, VersionEnd::kNotMade});
  if (reader.find("trouble") != nullptr)
    test.trouble = word(reader, "trouble",
                        std::array{PackageTrouble::kBroken, PackageTrouble::kUnbuildable,
                                   PackageTrouble::kMissing, PackageTrouble::kUnreachable});
  if (reader.find("observed") != nullptr) test.crash = crash_in(reader.object("observed"));
  test.why = reader.text("why");
  if (reader.find("origin") != nullptr)
    test.origin =
        word(reader, "origin",
             std::array{Origin::kFresh, Origin::kBranched, Origin::kWarm, Origin::kCached});
  return test;
}

std::optional<VersionSide> side_in(FieldReader& reader, const char* key, std::string& problem) {
  if (reader.find(key) == nullptr) return std::nullopt;
  FieldReader entry = reader.object(key);
  VersionSide side;
  side.fresh_runs = entry.number("fresh_runs");
  side.matching = entry.number("matching");
  side.test = test_in(entry.object("test"), problem);
  return side;
}

FourCorners corners_in(FieldReader reader, std::string& problem) {
  FourCorners corners;
  corners.first = boundary_in(reader.object("first"));
  corners.second = boundary_in(reader.object("second"));
  corners.both_good = test_in(reader.object("both_good"), problem);
  corners.first_bad = test_in(reader.object("first_bad"), problem);
  corners.second_bad = test_in(reader.object("second_bad"), problem);
  corners.both_bad = test_in(reader.object("both_bad"), problem);
  return corners;
}

}  // namespace

VersionsFinding versions_in(FieldReader reader, std::string& problem) {
  VersionsFinding finding;
  finding.mode = word(
      reader, "mode",
      std::array{VersionMode::kPackage, VersionMode::kEnvironments, VersionMode::kPythonVersions});
  finding.verdict = verdict_in(reader, "verdict");
  finding.why = reader.text("why");
  reader.for_each("packages", [&](const FieldReader::Json& item, const std::string& path) {
    finding.packages.push_back(boundary_in(FieldReader(item, path, problem)));
  });
  reader.for_each("tested", [&](const FieldReader::Json& item, const std::string& path) {
    finding.tested.push_back(test_in(FieldReader(item, path, problem), problem));
  });
  if (reader.find("interval") != nullptr)
    finding.between = reader.object("interval").texts("between");
  finding.against = reader.texts("against");
  finding.releases = reader.number("releases");
  finding.tried = reader.number("tried");
  finding.most = reader.number("most_tried");
  finding.unbuildable = reader.number("unbuildable");
  FieldReader confirmations = reader.object("confirmations");
  finding.good = side_in(confirmations, "good", problem);
  finding.bad = side_in(confirmations, "bad", problem);
  if (reader.find("corners") != nullptr)
    finding.corners = corners_in(reader.object("corners"), problem);
  finding.requirement = reader.optional_text("requirement");
  reader.for_each("companions", [&](const FieldReader::Json& item, const std::string& path) {
    FieldReader entry(item, path, problem);
    VersionCompanion& companion = finding.companions.emplace_back();
    companion.name = entry.text("name");
    companion.version = entry.text("version");
    if (entry.find("was") != nullptr) companion.was = entry.text("was");
  });
  finding.held = unmet_in(reader, "held", problem);
  return finding;
}

}  // namespace nbreplay
