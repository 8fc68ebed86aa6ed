#include "report/versions_parts.h"

namespace nbreplay {
namespace {

Json json_of(const std::vector<UnmetRequirement>& requirements) {
  Json list = Json::array();
  for (const UnmetRequirement& unmet : requirements)
    list.push_back({{"package", unmet.by.name},
                    {"version", unmet.by.version},
                    {"requires", unmet.package},
                    {"specifier", unmet.specifier},
                    {"present", unmet.present.empty() ? Json() : Json(unmet.present)}});
  return list;
}

Json json_of(const std::vector<PackageChange>& changes) {
  Json list = Json::array();
  for (const PackageChange& change : changes)
    list.push_back({{"name", change.name},
                    {"from", change.from},
                    {"to", change.to.empty() ? Json() : Json(change.to)}});
  return list;
}

Json json_of(const PackageBoundary& package) {
  return {{"name", package.name},
          {"last_good", optional_json(package.last_good)},
          {"first_bad", optional_json(package.first_bad)}};
}

Json json_of(const VersionTest& test) {
  Json json;
  json["version"] = test.version;
  json["set"] = json_of(test.set);
  json["removed"] = test.removed;
  json["added"] = json_of(test.added);
  json["conflicts"] = json_of(test.conflicts);
  json["replaced"] = json_of(test.replaced);
  json["outcome"] = to_string(test.end);
  json["trouble"] = test.trouble ? Json(to_string(*test.trouble)) : Json();
  json["observed"] = test.crash ? nbreplay::json_of(*test.crash) : Json();
  json["why"] = test.why;
  json["origin"] = test.origin ? Json(to_string(*test.origin)) : Json();
  json["wall_s"] = rounded_seconds(test.wall);
  return json;
}

Json json_of(const std::optional<VersionSide>& side) {
  if (!side) return {};
  return {{"fresh_runs", side->fresh_runs},
          {"matching", side->matching},
          {"hash_seeds", side->hash_seeds},
          {"test", json_of(side->test)}};
}

Json json_of(const FourCorners& corners) {
  return {{"first", json_of(corners.first)},           {"second", json_of(corners.second)},
          {"both_good", json_of(corners.both_good)},   {"first_bad", json_of(corners.first_bad)},
          {"second_bad", json_of(corners.second_bad)}, {"both_bad", json_of(corners.both_bad)},
          {"only_together", corners.only_together()}};
}

}  // namespace

Json json_of(const VersionsFinding& finding) {
  Json json;
  json["mode"] = to_string(finding.mode);
  json["verdict"] = to_string(finding.verdict);
  json["why"] = finding.why;
  json["packages"] = Json::array();
  for (const PackageBoundary& package : finding.packages)
    json["packages"].push_back(json_of(package));
  json["tested"] = Json::array();
  for (const VersionTest& test : finding.tested) json["tested"].push_back(json_of(test));
  json["interval"] = Json();
  if (!finding.between.empty() && !finding.packages.empty())
    json["interval"] = {{"last_good", optional_json(finding.packages.front().last_good)},
                        {"first_bad", optional_json(finding.packages.front().first_bad)},
                        {"between", finding.between}};
  json["against"] = finding.against;
  json["releases"] = finding.releases;
  json["tried"] = finding.tried;
  json["most_tried"] = finding.most;
  json["unbuildable"] = finding.unbuildable;
  json["confirmations"] = {{"good", json_of(finding.good)}, {"bad", json_of(finding.bad)}};
  json["corners"] = finding.corners ? json_of(*finding.corners) : Json();
  json["requirement"] = finding.requirement.empty() ? Json() : Json(finding.requirement);
  json["companions"] = Json::array();
  for (const VersionCompanion& companion : finding.companions)
    json["companions"].push_back({{"name", companion.name},
                                  {"version", companion.version},
                                  {"was", optional_json(companion.was)}});
  json["held"] = json_of(finding.held);
  return json;
}

}  // namespace nbreplay
