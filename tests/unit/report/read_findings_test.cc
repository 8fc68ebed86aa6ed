#include "nbreplay/report/read_findings.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "nbreplay/report/json.h"
#include "nbreplay/report/terminal.h"

#include "findings.h"

namespace nbreplay {
namespace {

using nlohmann::json;
using test::small_finding;
using testing::HasSubstr;

NotebookFinding finding_with_data() {
  NotebookFinding finding = small_finding();
  finding.crashes.front().minimal->data = test::reduced_data();
  finding.crashes.front().minimal->tables = {"other.csv"};
  finding.crashes.front().versions = test::compared_environments();
  return finding;
}

json document() {
  return json::parse(findings_json("diagnose", {finding_with_data()}, false));
}

TEST(ReadFindings, RendersAsItDidWhenSaved) {
  NotebookFinding other = small_finding();
  other.crashes.front().recorded.reset();
  other.crashes.front().recorded_count.reset();
  other.crashes.front().reproduction.verdict = ReproductionVerdict::kFlaky;
  other.crashes.front().top_to_bottom = TopToBottom::kDifferent;
  other.crashes.front().minimal.reset();
  other.stopped_by = StoppedBy::kBudget;
  other.problem = environment_error("something", "because", "do this");
  const auto saved = read_findings(findings_json("minimize", {finding_with_data(), other}, true));
  ASSERT_TRUE(saved) << saved.error().cause;
  EXPECT_EQ(saved->command, "minimize");
  ASSERT_EQ(saved->findings.size(), 2U);
  EXPECT_EQ(finding_text(saved->findings[0], {}), finding_text(finding_with_data(), {}));
  EXPECT_EQ(finding_text(saved->findings[1], {}), finding_text(other, {}));
}

TEST(ReadFindings, EveryFieldOfAWrongTypeIsAnErrorNotACrash) {
  const json good = document();
  const json flat = good.flatten();
  const std::regex number("[0-9]+");
  std::set<std::string> seen;
  for (const auto& [pointer, value] : flat.items()) {
    // Elements of a list are read by the same code: one field of each kind.
    if (!seen.insert(std::regex_replace(pointer, number, "#")).second) continue;
    for (const json& wrong :
         {json(), json("x"), json(-1), json(1e300), json::array({json()}), json{{"a", 1}}}) {
      json changed = good;
      changed[json::json_pointer(pointer)] = wrong;
      const auto saved = read_findings(changed.dump());
      // Some replacements are valid (a text by another); what is read must render.
      if (saved)
        for (const NotebookFinding& finding : saved->findings)
          EXPECT_FALSE(finding_text(finding, {}).empty()) << pointer;
      else
        EXPECT_FALSE(saved.error().cause.empty()) << pointer;
    }
  }
}

TEST(ReadFindings, NamesTheFieldThatIsWrong) {
  json changed = document();
  changed["notebooks"][0]["crashes"][0]["cause"]["verdict"] = "surely";
  const auto saved = read_findings(changed.dump());
  ASSERT_FALSE(saved);
  EXPECT_THAT(saved.error().cause, HasSubstr("notebooks[0].crashes[0].cause.verdict"));
}

TEST(ReadFindings, MissingFieldsAreErrors) {
  json changed = document();
  changed["notebooks"][0].erase("outputs");
  EXPECT_FALSE(read_findings(changed.dump()));
}

TEST(ReadFindings, NewerMinorVersionsAreReadAndOtherMajorOnesRefused) {
  json changed = document();
  changed["schema_version"] = "1.7";
  changed["notebooks"][0]["invented_later"] = 3;
  EXPECT_TRUE(read_findings(changed.dump()));
  changed["schema_version"] = "2.0";
  EXPECT_FALSE(read_findings(changed.dump()));
}

TEST(ReadFindings, OlderMinorVersionsAreRead) {
  json first = json::parse(findings_json("diagnose", {small_finding()}, false));
  first["schema_version"] = "1.0";
  first["notebooks"][0].erase("taints");
  json& minimal = first["notebooks"][0]["crashes"][0]["minimal"];
  minimal.erase("data");
  minimal.erase("tables");
  const auto saved = read_findings(first.dump());
  ASSERT_TRUE(saved) << saved.error().cause;
  EXPECT_EQ(finding_text(saved->findings[0], {}), finding_text(small_finding(), {}));
}

TEST(ReadFindings, OtherTextsAreNoResults) {
  for (const std::string& text :
       {std::string(), std::string("null"), std::string("[]"), std::string("{\"command\": 3}"),
        std::string(100'000, '['), std::string("\xff\xfe"), runs_json({}, false)})
    EXPECT_FALSE(read_findings(text));
}

}  // namespace
}  // namespace nbreplay
