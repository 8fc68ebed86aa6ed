#include "nbreplay/report/environments.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace nbreplay {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

Lock lock() {
  return {"3.11", {{"six", "1.16.0", {"sha256:00", "sha256:11"}}}, "abcdef"};
}

InferredEnvironment inferred() {
  InferredEnvironment one;
  one.notebook = "a.ipynb";
  one.plan.emplace();
  one.plan->inference.requirements = {"six==1.16.0", "idna"};
  one.plan->inference.source = "requirements.txt";
  one.plan->inference.why = "requirements.txt lies with the notebook";
  one.plan->inference.unknown = {"helpers\x1b[31m"};
  one.plan->interpreter.version = "3.11.7";
  one.plan->python_why = "as the notebook was saved by";
  return one;
}

TEST(Environments, LockIsWrittenAsItIsReadAgain) {
  const json document = json::parse(lock_text(lock()));
  EXPECT_EQ(document["nbreplay_lock"], 1);
  EXPECT_EQ(document["python"], "3.11");
  EXPECT_EQ(document["hash"], "abcdef");
  EXPECT_EQ(document["packages"][0]["hashes"], json({"sha256:00", "sha256:11"}));
}

TEST(Environments, LockIsAlsoARequirementFileWithHashes) {
  EXPECT_EQ(lock_as_requirements(lock()),
            "# nbreplay lock abcdef, for Python 3.11\n"
            "six==1.16.0 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n");
}

TEST(Environments, TextOfAnInferenceNamesEachRequirementAndHidesControls) {
  const std::string text = inferred_text(inferred(), {});
  EXPECT_THAT(text, HasSubstr("3.11.7, as the notebook was saved by"));
  EXPECT_THAT(text, HasSubstr("six==1.16.0"));
  EXPECT_THAT(text, HasSubstr("idna"));
  EXPECT_THAT(text, HasSubstr("not known"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(Environments, JsonOfAnInferenceCarriesPlanOrError) {
  InferredEnvironment failed;
  failed.notebook = "b.ipynb";
  failed.problem = usage_error("no such file");
  const json document = json::parse(inferred_json({inferred(), failed}));
  EXPECT_EQ(document["command"], "env");
  EXPECT_EQ(document["env"]["action"], "infer");
  const json& all = document["env"]["notebooks"];
  EXPECT_EQ(all[0]["plan"]["requirements"][0], "six==1.16.0");
  EXPECT_TRUE(all[0]["plan"]["as_of"].is_null());
  EXPECT_TRUE(all[1]["plan"].is_null());
  EXPECT_EQ(all[1]["error"]["message"], "no such file");
}

TEST(Environments, StoreIsShownAsATableWithItsSize) {
  StoreFacts store;
  store.packages = 3;
  store.packages_size = mib(2);
  StoredEnvironment one;
  one.hash = "0123456789abcdef";
  one.folder = "/cache/environments/01";
  one.python = "3.11";
  one.packages = {{"six", "1.16.0"}};
  one.used = "2023-06-01";
  store.environments = {one};
  const std::string text = store_text(store, "/cache", {});
  EXPECT_THAT(text,
              HasSubstr("0123456789ab  3.11           1  2023-06-01  /cache/environments/01"));
  EXPECT_THAT(text, HasSubstr("/cache: 1 environment, 3 unpacked packages, 2"));
  const json document = json::parse(store_json(store, "/cache"));
  EXPECT_EQ(document["env"]["store"]["environments"][0]["hash"], "0123456789abcdef");
}

TEST(Environments, EnvironmentIsShownWithItsPackages) {
  Environment environment;
  environment.display_name = "imports";
  environment.interpreter.version = "3.11.7";
  environment.packages = {{"idna", "3.4"}, {"six", "1.16.0"}};
  environment.why = "made for what it imports";
  const std::string text = environment_text(environment, {});
  EXPECT_THAT(text, HasSubstr("idna  3.4"));
  EXPECT_THAT(text, HasSubstr("six   1.16.0"));
  EXPECT_THAT(text, HasSubstr("made for what it imports"));
}

}  // namespace
}  // namespace nbreplay
