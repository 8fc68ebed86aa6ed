#include "nbreplay/trial/trial.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>

namespace nbreplay {
namespace {

Trial sample() {
  Trial trial;
  trial.executions = {{2, "a", "x = 1", false}, {5, "b", "y = x", true}};
  Environment environment;
  environment.interpreter.version = "3.11.7";
  environment.interpreter.prefix = "/e";
  environment.hash = "h";
  trial.environment = std::make_shared<const Environment>(environment);
  Project project;
  project.root = "/p";
  project.working_directory = "/p/n";
  project.digest = "d";
  trial.project = std::make_shared<const Project>(project);
  trial.variables = {{"A", "1"}};
  return trial;
}

std::string key_after(const std::function<void(Trial&)>& change) {
  Trial trial = sample();
  change(trial);
  return trial.key();
}

std::string key_with_environment(const std::function<void(Environment&)>& change) {
  Trial trial = sample();
  Environment environment = *trial.environment;
  change(environment);
  trial.environment = std::make_shared<const Environment>(environment);
  return trial.key();
}

std::string key_with_project(const std::function<void(Project&)>& change) {
  Trial trial = sample();
  Project project = *trial.project;
  change(project);
  trial.project = std::make_shared<const Project>(project);
  return trial.key();
}

TEST(TrialKey, IsTheSameForTheSameExperiment) {
  EXPECT_EQ(sample().key(), sample().key());
  EXPECT_EQ(sample().key().size(), 64U);
}

TEST(TrialKey, DiffersWhereverTheExperimentDoes) {
  std::map<std::string, std::string> keys = {{sample().key(), "nothing"}};
  const auto expect_new = [&](const std::string& what, const std::string& key) {
    const auto [known, added] = keys.emplace(key, what);
    EXPECT_TRUE(added) << what << " gives the key of " << known->second;
  };
  const auto change = [&](const std::string& what, const std::function<void(Trial&)>& by) {
    expect_new(what, key_after(by));
  };
  change("source", [](Trial& t) { t.executions[0].source = "x = 2"; });
  change("cell", [](Trial& t) { t.executions[0].cell = 3; });
  change("order", [](Trial& t) { std::swap(t.executions[0], t.executions[1]); });
  change("repeat", [](Trial& t) { t.executions.push_back(t.executions.back()); });
  change("may fail", [](Trial& t) { t.executions[0].may_fail = true; });
  change("variable", [](Trial& t) { t.variables[0].second = "2"; });
  change("placeholder", [](Trial& t) { t.placeholder_modules = {"torch"}; });
  change("file", [](Trial& t) { t.extra_files = {{"a.csv", "1", false}}; });
  change("content", [](Trial& t) { t.extra_files = {{"a.csv", "2", false}}; });
  change("folder", [](Trial& t) { t.extra_files = {{"a.csv", "1", true}}; });
  change("hash seed", [](Trial& t) { t.hash_seed = 1; });
  change("seed 0", [](Trial& t) { t.random_seed = 0; });
  change("seed 1", [](Trial& t) { t.random_seed = 1; });
  change("shell", [](Trial& t) { t.shell = Shell::kPlain; });
  change("outputs", [](Trial& t) { t.keep_outputs = true; });
  change("address space", [](Trial& t) { t.limits.address_space = gib(1); });
  expect_new("version", key_with_environment([](auto& e) { e.interpreter.version = "3.11.8"; }));
  expect_new("packages", key_with_environment([](auto& e) { e.hash = "i"; }));
  expect_new("prefix", key_with_environment([](auto& e) { e.interpreter.prefix = "/f"; }));
  expect_new("path", key_with_environment([](auto& e) { e.append_path = {"/i"}; }));
  expect_new("other path", key_with_environment([](auto& e) { e.prepend_path = {"/i"}; }));
  expect_new("digest", key_with_project([](auto& p) { p.digest = "e"; }));
  expect_new("folder to start in", key_with_project([](auto& p) { p.working_directory = "/p"; }));
  expect_new("input", key_with_project([](auto& p) { p.inputs = {"/data"}; }));
}

TEST(TrialKey, HasOnlyLimitsThatAPersonGave) {
  EXPECT_EQ(key_after([](Trial& t) { t.limits.cell_timeout = std::chrono::seconds(7); }),
            sample().key());
  EXPECT_EQ(key_after([](Trial& t) { t.limits.memory = gib(1); }), sample().key());
  const auto given = [](int seconds) {
    return key_after([&](Trial& t) {
      t.limits.cell_timeout = std::chrono::seconds(seconds);
      t.limits.given.cell_timeout = true;
    });
  };
  EXPECT_NE(given(7), sample().key());
  EXPECT_NE(given(7), given(8));
  EXPECT_NE(key_after([](Trial& t) { t.limits.files = 10; }), sample().key());
  EXPECT_NE(key_after([](Trial& t) { t.limits.processes = 10; }), sample().key());
}

TEST(TrialKey, DoesNotLetNeighbouringFieldsRunTogether) {
  EXPECT_NE(key_after([](Trial& t) {
              t.variables = {{"A", "B"}, {"C", "D"}};
            }),
            key_after([](Trial& t) {
              t.variables = {{"AB", ""}, {"C", "D"}};
            }));
  EXPECT_NE(key_after([](Trial& t) {
              t.placeholder_modules = {"ab", "c"};
            }),
            key_after([](Trial& t) {
              t.placeholder_modules = {"a", "bc"};
            }));
}

}  // namespace
}  // namespace nbreplay
