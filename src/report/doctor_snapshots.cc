#include "report/doctor_snapshots.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "nbreplay/base/utf8.h"

namespace nbreplay {
namespace {

constexpr ProbeVerdict kVerdicts[] = {ProbeVerdict::kSafe,     ProbeVerdict::kTainted,
                                      ProbeVerdict::kUnsafe,   ProbeVerdict::kNotRepeatable,
                                      ProbeVerdict::kUnusable, ProbeVerdict::kNotInstalled};

std::string why(const ProbeResult& probe) {
  switch (probe.verdict) {
    case ProbeVerdict::kSafe:
      return fmt::format("{} children, {} grandchildren as fresh", probe.children,
                         probe.grandchildren);
    case ProbeVerdict::kTainted: {
      std::string text = fmt::format("{}", fmt::join(probe.hazards, "; "));
      if (probe.children > 0) text = "after a child that computed as fresh: " + text;
      if (probe.forced > 0)
        text += probe.forced_failed > 0
                    ? " [forked all the same: failed]"
                    : fmt::format(" [forked all the same {} times: no harm]", probe.forced);
      return text;
    }
    default:
      return probe.detail;
  }
}

Json json_of_probe(const ProbeResult& probe) {
  Json json;
  json["name"] = probe.name;
  json["packages"] = Json::array();
  for (const PackageVersion& package : probe.packages)
    json["packages"].push_back({{"name", package.name}, {"version", package.version}});
  json["verdict"] = to_string(probe.verdict);
  json["hazards"] = probe.hazards;
  json["children"] = probe.children;
  json["grandchildren"] = probe.grandchildren;
  json["wrong"] = probe.wrong;
  json["lost"] = probe.lost;
  json["detail"] = probe.detail.empty() ? Json() : Json(probe.detail);
  json["forced"] = probe.forced;
  json["forced_failed"] = probe.forced_failed;
  json["wall_s"] = rounded_seconds(probe.wall);
  return json;
}

}  // namespace

std::string snapshots_text(const SnapshotFacts& facts, std::size_t indent) {
  std::size_t widest = 0;
  for (const ProbeResult& probe : facts.probes) widest = std::max(widest, probe.name.size());
  std::string text =
      fmt::format("{}, Python {}, {} repeats{}\n", escape_control(facts.environment),
                  facts.python_version, facts.repeats, facts.interrupted ? ", interrupted" : "");
  for (const ProbeResult& probe : facts.probes) {
    if (probe.verdict == ProbeVerdict::kNotInstalled) continue;
    text += fmt::format("{:{}}{:{}}  {:14}  {}\n", "", indent, probe.name, widest,
                        to_string(probe.verdict), escape_control(why(probe)));
  }
  std::vector<std::string> counts;
  for (const ProbeVerdict verdict : kVerdicts)
    if (const std::size_t count = facts.count(verdict); count > 0)
      counts.push_back(fmt::format("{} {}", count, to_string(verdict)));
  return text + fmt::format("{:{}}{}", "", indent, fmt::join(counts, ", "));
}

Json json_of(const SnapshotFacts& facts) {
  Json json;
  json["environment"] = facts.environment;
  json["python"] = facts.python_version;
  json["repeats"] = facts.repeats;
  json["interrupted"] = facts.interrupted;
  json["probes"] = Json::array();
  for (const ProbeResult& probe : facts.probes) json["probes"].push_back(json_of_probe(probe));
  return json;
}

}  // namespace nbreplay
