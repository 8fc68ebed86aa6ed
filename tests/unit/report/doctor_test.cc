#include "nbreplay/report/doctor.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace nbreplay {
namespace {

using nlohmann::json;
using testing::HasSubstr;

InterpreterStatus interpreter(const std::string& version, bool worker, bool shared) {
  InterpreterStatus status;
  status.interpreter.executable = "/opt/python/bin/python3";
  status.interpreter.version = version;
  status.interpreter.found_by = "PATH";
  if (shared) status.interpreter.libpython = "/opt/python/lib/libpython.so";
  status.has_worker = worker;
  return status;
}

TEST(Doctor, IsReadyOnlyWithAnInterpreterThatCanBeUsed) {
  DoctorFacts facts;
  EXPECT_FALSE(facts.ready());
  facts.interpreters = {interpreter("3.11.7", true, false), interpreter("3.12.1", false, true)};
  EXPECT_FALSE(facts.ready());
  facts.interpreters.push_back(interpreter("3.13.0", true, true));
  EXPECT_TRUE(facts.ready());
}

TEST(Doctor, TextSaysWhatIsMissingAndHowToGetIt) {
  DoctorFacts facts;
  facts.interpreters = {interpreter("3.11.7", true, false)};
  facts.missing_limits = {"512 processes"};
  facts.lacks = {{"a shared libpython", "build with --enable-shared"}};
  const std::string text = doctor_text(facts, {});
  EXPECT_THAT(text, HasSubstr("no shared libpython: cannot be used"));
  EXPECT_THAT(text, HasSubstr("missing: 512 processes"));
  EXPECT_THAT(text, HasSubstr("build with --enable-shared"));
  EXPECT_THAT(text, HasSubstr("no notebook can be run"));
}

TEST(Doctor, JsonCarriesTheSameFacts) {
  DoctorFacts facts;
  facts.machine.cores = 2;
  facts.interpreters = {interpreter("3.11.7", true, true)};
  const json document = json::parse(doctor_json(facts, false));
  EXPECT_EQ(document["command"], "doctor");
  EXPECT_EQ(document["doctor"]["ready"], true);
  EXPECT_EQ(document["doctor"]["machine"]["cores"], 2);
  EXPECT_TRUE(document["doctor"]["machine"]["user_namespaces"].is_null());
  EXPECT_EQ(document["doctor"]["interpreters"][0]["version"], "3.11.7");
}

}  // namespace
}  // namespace nbreplay
