#include "cli/sandbox_words.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace nbreplay::cli {
namespace {

SandboxFacts sandbox_lacking(std::vector<std::string> names) {
  SandboxFacts facts;
  facts.level = "auto";
  facts.sandboxed = true;
  facts.layers = {"user namespace", "memory watch"};
  for (std::string& name : names)
    facts.missing.push_back({std::move(name), "it is not writable", "make it writable"});
  return facts;
}

TEST(SandboxWords, NothingIsSaidOfACompleteSandbox) {
  EXPECT_EQ(missing_layers_warning(sandbox_lacking({})), "");
}

TEST(SandboxWords, MissingLayersAreNamedInOneLineThatPointsToDoctor) {
  const std::string said = missing_layers_warning(
      sandbox_lacking({"signals stay in their branch", "memory limit by control group"}));
  EXPECT_EQ(said,
            "the sandbox lacks 'signals stay in their branch', 'memory limit by control group'; "
            "what to change is said by: nbreplay doctor");
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 0);
}

TEST(SandboxWords, WithoutASandboxTheFirstStepThatFailedAndItsRemedyAreSaid) {
  SandboxFacts facts = sandbox_lacking({"user namespace", "mount namespace"});
  facts.sandboxed = false;
  EXPECT_EQ(missing_layers_warning(facts),
            "no sandbox: notebooks can reach what you can reach. it is not writable. To have one: "
            "make it writable");
}

TEST(SandboxWords, WhatWasSwitchedOffIsNotWarnedOf) {
  SandboxFacts facts = sandbox_lacking({"all others"});
  facts.level = "off";
  facts.sandboxed = false;
  EXPECT_EQ(missing_layers_warning(facts), "");
}

TEST(SandboxWords, LayersInForceAreListedWithTheLevel) {
  EXPECT_EQ(layers_in_force(sandbox_lacking({})), "sandbox auto: user namespace, memory watch");
}

}  // namespace
}  // namespace nbreplay::cli
