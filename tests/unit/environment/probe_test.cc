#include "environment/probe.h"

#include <gmock/gmock.h>

#include "environment/probe_cache.h"
#include "fake_machine.h"

namespace nbreplay::environment {
namespace {

using test::FakeMachine;
using testing::HasSubstr;

constexpr std::string_view kGood =
    R"({"implementation": "cpython", "version": "3.11.7", "libpython": "",)"
    R"( "base_prefix": "/usr", "site_packages": ["/usr/lib"]})";

TEST(Probe, AnswerIsReadAndWrittenAlike) {
  const auto facts = parse_probe(kGood);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->version, "3.11.7");
  const auto again = parse_probe(probe_json(*facts));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->base_prefix, "/usr");
  EXPECT_EQ(again->site_packages, facts->site_packages);
}

TEST(Probe, HostileAnswersAreErrors) {
  const auto with = [](const std::string& from, const std::string& to) {
    std::string text(kGood);
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  };
  for (const std::string& text :
       {std::string(), std::string("null"), std::string("[1]"), std::string("{"),
        std::string(100'000, '['), with("\"3.11.7\"", "311"), with("3.11.7", "3"),
        with("3.11.7", "3.11.7\\u001b[2J"), with("3.11.7", std::string(5000, '3')),
        with("\"/usr\"", "\"usr\""), with("\"/usr\"", "\"/u\\u0000sr\""),
        with("\"libpython\": \"\"", "\"libpython\": \"lib.so\""), with("[\"/usr/lib\"]", "[3]"),
        with("[\"/usr/lib\"]", "\"/usr/lib\""), with("[\"/usr/lib\"]", "[\"relative\"]")})
    EXPECT_FALSE(parse_probe(text)) << text.substr(0, 200);
}

TEST(Probe, FailingInterpreterIsNamed) {
  FakeMachine machine;
  const Path python = machine.add_python("usr/bin/python3", "3.11.7");
  machine.answer(python, "", 127);
  const auto facts = ask(machine, python);
  ASSERT_FALSE(facts);
  EXPECT_THAT(facts.error().message, HasSubstr("usr/bin/python3: does not run"));
}

TEST(ProbeCache, AsksOnceForTheSameFile) {
  FakeMachine machine;
  const Path python = machine.add_python("usr/bin/python3", "3.11.7");
  const Path folder = machine.root() / "cache";
  { EXPECT_TRUE(ProbeCache(folder).facts(machine, python)); }
  EXPECT_EQ(machine.asked, 1U);
  { EXPECT_EQ(ProbeCache(folder).facts(machine, python)->version, "3.11.7"); }
  EXPECT_EQ(machine.asked, 1U);
}

TEST(ProbeCache, AsksAgainForAnotherFileAtTheSamePlace) {
  FakeMachine machine;
  const Path folder = machine.root() / "cache";
  {
    EXPECT_TRUE(ProbeCache(folder).facts(machine, machine.add_python("usr/bin/python3", "3.11.7")));
  }
  const Path newer = machine.add_python("usr/bin/python3", "3.12.10");
  EXPECT_EQ(ProbeCache(folder).facts(machine, newer)->version, "3.12.10");
  EXPECT_EQ(machine.asked, 2U);
}

TEST(ProbeCache, AsksAgainWhenTheLibraryIsGone) {
  FakeMachine machine;
  const Path python = machine.add_python("usr/bin/python3", "3.11.7");
  const Path folder = machine.root() / "cache";
  { EXPECT_TRUE(ProbeCache(folder).facts(machine, python)); }
  std::filesystem::remove(machine.root() / "usr/lib/libpython3.11.7.so");
  { EXPECT_TRUE(ProbeCache(folder).facts(machine, python)); }
  EXPECT_EQ(machine.asked, 2U);
}

TEST(ProbeCache, BrokenOrForeignFileCountsAsNone) {
  FakeMachine machine;
  const Path python = machine.add_python("usr/bin/python3", "3.11.7");
  const Path folder = machine.root() / "cache";
  const Path file = folder / "interpreters.json";
  for (const char* text : {"", "{\"format\": 1, \"entries\": 3}", "{\"format\": \"1\"}", "[[["}) {
    FakeMachine::write(file, text);
    EXPECT_TRUE(ProbeCache(folder).facts(machine, python)) << text;
  }
  EXPECT_EQ(machine.asked, 4U);
  // Anybody could have written there which library is to be loaded.
  std::filesystem::permissions(file, std::filesystem::perms::all);
  EXPECT_TRUE(ProbeCache(folder).facts(machine, python));
  EXPECT_EQ(machine.asked, 5U);
}

}  // namespace
}  // namespace nbreplay::environment
