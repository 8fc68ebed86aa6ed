// The order in which LocalEnvironments prefers environments.

#include <gmock/gmock.h>

#include "fake_machine.h"

namespace nbreplay {
namespace {

using test::FakeMachine;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Find : public testing::Test {
 protected:
  Find() {
    old_ = machine_.add_python("usr/bin/python3", "3.11.2");
    newer_ = machine_.add_python("home/.pyenv/versions/3.12.1/bin/python3", "3.12.1");
    settings_ = machine_.settings();
    request_.project_root = machine_.root() / "project";
    request_.notebook_folder = request_.project_root / "notebooks" / "deep";
    std::filesystem::create_directories(request_.notebook_folder);
  }

  Result<Environment> find() { return LocalEnvironments(settings_, machine_).find(request_); }

  FakeMachine machine_;
  EnvironmentSettings settings_;
  EnvironmentRequest request_;
  Path old_;
  Path newer_;
};

TEST_F(Find, InterpreterOnPathBeatsNewerOneElsewhere) {
  const auto found = find();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->interpreter.executable, old_);
  EXPECT_EQ(found->source, "PATH");
  EXPECT_EQ(found->display_name, "python 3.11");
}

TEST_F(Find, MinorOfTheNotebookIsPreferred) {
  request_.notebook_python = "3.12.9";
  const auto found = find();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->interpreter.executable, newer_);
  EXPECT_THAT(found->why, HasSubstr("saved by Python 3.12"));
}

TEST_F(Find, InterpreterWithoutWorkerIsLast) {
  settings_.worker_minors = {"3.12"};
  EXPECT_EQ(find()->interpreter.executable, newer_);
}

TEST_F(Find, InterpreterWithoutSharedLibraryIsLast) {
  machine_.add_python("usr/bin/python3", "3.11.2", /*shared=*/false);
  std::filesystem::remove(machine_.root() / "usr/lib/libpython3.11.2.so");
  EXPECT_EQ(find()->interpreter.executable, newer_);
}

TEST_F(Find, ActiveEnvironmentBeatsInterpreters) {
  settings_.surroundings.virtual_env = machine_.add_virtual("active", newer_);
  const auto found = find();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->source, "VIRTUAL_ENV");
  EXPECT_EQ(found->interpreter.prefix, machine_.root() / "active");
  EXPECT_EQ(found->interpreter.executable, machine_.root() / "active/bin/python");
  EXPECT_EQ(found->interpreter.version, "3.12.1");
  EXPECT_EQ(found->display_name, "active");
}

TEST_F(Find, VirtualEnvironmentOnPathCountsAsActive) {
  const Path folder = machine_.add_virtual("onpath", newer_);
  settings_.surroundings.path += ":" + (folder / "bin").string();
  EXPECT_EQ(find()->interpreter.prefix, folder);
}

TEST_F(Find, ProjectEnvironmentBeatsActiveOne) {
  settings_.surroundings.virtual_env = machine_.add_virtual("active", newer_);
  machine_.add_virtual("project/.venv", old_);
  const auto found = find();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->source, "project");
  EXPECT_EQ(found->interpreter.prefix, machine_.root() / "project/.venv");
  EXPECT_EQ(found->display_name, ".venv");
  EXPECT_THAT(found->site_packages,
              ElementsAre(machine_.root() / "project/.venv/lib/python3.11/site-packages"));
}

TEST_F(Find, EnvironmentNearerToTheNotebookWins) {
  machine_.add_virtual("project/.venv", old_);
  machine_.add_virtual("project/notebooks/env", newer_);
  EXPECT_EQ(find()->interpreter.prefix, machine_.root() / "project/notebooks/env");
}

TEST_F(Find, EnvironmentAboveTheProjectIsNotTheProjects) {
  machine_.add_virtual(".venv", newer_);
  EXPECT_EQ(find()->interpreter.executable, old_);
}

TEST_F(Find, BrokenProjectEnvironmentIsAnErrorWithAWayOut) {
  const Path folder = machine_.add_virtual("project/.venv", old_);
  std::filesystem::remove(folder / "bin" / "python");
  std::filesystem::remove(folder / "bin" / "python3");
  const auto found = find();
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, HasSubstr("project/.venv"));
  EXPECT_THAT(found.error().hint, HasSubstr("--environment"));
}

TEST_F(Find, GivenPythonBeatsTheProject) {
  machine_.add_virtual("project/.venv", old_);
  request_.python = "3.12";
  EXPECT_EQ(find()->interpreter.executable, newer_);
  request_.python = newer_.string();
  EXPECT_EQ(find()->source, "--python");
}

TEST_F(Find, GivenEnvironmentBeatsAll) {
  machine_.add_virtual("project/.venv", old_);
  request_.environment = machine_.add_virtual("other", newer_);
  const auto found = find();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->source, "--environment");
  EXPECT_EQ(found->interpreter.prefix, machine_.root() / "other");
}

TEST_F(Find, GivenPythonMustAgreeWithGivenEnvironment) {
  request_.environment = machine_.add_virtual("other", newer_);
  request_.python = "3.11";
  const auto found = find();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kUsage);
}

TEST_F(Find, WhatDoesNotExistIsAUsageError) {
  request_.python = "3.5";
  EXPECT_EQ(find().error().code, ErrorCode::kUsage);
  request_.python = "/no/such/python";
  EXPECT_EQ(find().error().code, ErrorCode::kUsage);
  request_.environment = machine_.root() / "project";
  EXPECT_EQ(find().error().code, ErrorCode::kUsage);
}

TEST_F(Find, HashFollowsThePackages) {
  const Path folder = machine_.add_virtual("project/.venv", old_);
  const Path site = folder / "lib/python3.11/site-packages";
  std::filesystem::create_directories(site / "numpy-1.26.4.dist-info");
  const auto before = find();
  ASSERT_TRUE(before);
  EXPECT_THAT(before->packages, ElementsAre(PackageVersion{"numpy", "1.26.4"}));
  EXPECT_EQ(find()->hash, before->hash);
  std::filesystem::rename(site / "numpy-1.26.4.dist-info", site / "numpy-2.0.0.dist-info");
  EXPECT_NE(find()->hash, before->hash);
}

TEST_F(Find, SystemPackagesBelongWhereTheEnvironmentSaysSo) {
  machine_.add_virtual("project/.venv", old_, /*system=*/true);
  EXPECT_THAT(find()->site_packages,
              ElementsAre(machine_.root() / "project/.venv/lib/python3.11/site-packages",
                          machine_.root() / "usr/lib/site-packages"));
}

TEST_F(Find, WarmCallAsksNobody) {
  ASSERT_TRUE(find());
  const std::size_t asked = machine_.asked;
  ASSERT_TRUE(find());
  EXPECT_EQ(machine_.asked, asked);
}

TEST_F(Find, OtherImplementationsAreRefused) {
  machine_.answer(old_, R"({"implementation": "pypy", "version": "3.11.2", "libpython": "",)"
                        R"( "base_prefix": "/usr", "site_packages": []})");
  request_.python = old_.string();
  const auto found = find();
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().cause, HasSubstr("pypy"));
}

TEST_F(Find, ListedInterpretersAreEachInstallationOnce) {
  std::filesystem::create_symlink(old_, machine_.root() / "usr/bin/python3.11");
  FakeMachine::write(machine_.root() / "usr/bin/python3.12", "#!/bin/sh\n");  // a shim
  std::filesystem::permissions(machine_.root() / "usr/bin/python3.12",
                               std::filesystem::perms::owner_all);
  const auto all = LocalEnvironments(settings_, machine_).interpreters();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].found_by, "PATH");
  EXPECT_EQ(all[1].found_by, "pyenv");
}

TEST_F(Find, NamedPythonsAreTheOnlyCandidates) {
  settings_.surroundings.nbreplay_pythons = newer_.string();
  EXPECT_EQ(find()->interpreter.executable, newer_);
  EXPECT_EQ(LocalEnvironments(settings_, machine_).interpreters().size(), 1U);
}

}  // namespace
}  // namespace nbreplay
