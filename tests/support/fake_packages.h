#pragma once

// Releases and environments without an index or a disk.

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "nbreplay/trial/packages.h"

namespace nbreplay::test {

class FakeReleases final : public ReleaseSource {
 public:
  /// Releases with wheels, oldest first.
  void add(const std::string& package, const std::vector<std::string>& versions) {
    for (const std::string& version : versions) {
      Release release;
      release.version = version;
      release.wheel = release.source = true;
      known_[package].push_back(release);
    }
  }
  std::vector<Release>& of(const std::string& package) { return known_[package]; }
  void fail_with(Error error) { failure_ = std::move(error); }

  Result<std::vector<Release>> releases(const std::string& package, const Interpreter&) override {
    if (failure_) return *failure_;
    const auto found = known_.find(package);
    if (found == known_.end()) return usage_error("the index knows no package " + package);
    return found->second;
  }

 private:
  std::map<std::string, std::vector<Release>> known_;
  std::optional<Error> failure_;
};

/// Environments are their lists of packages.
class FakeEditor final : public EnvironmentEditor {
 public:
  using Conflicts = std::function<std::vector<UnmetRequirement>(const Environment&)>;

  std::map<std::string, PackageTrouble> trouble;  ///< By "pandas 1.0".
  Conflicts conflicts;
  /// What a release needs, of its age: "pandas 1.0" to packages.
  std::map<std::string, std::vector<PackageVersion>> of_its_age;
  std::optional<Error> failure;
  std::vector<PackageEdit> prepared;
  std::vector<PackageEdit> edits;
  std::vector<std::string> prepared_pythons;  ///< Minor versions.
  std::vector<std::string> pythons;           ///< Of with_interpreter.
  std::vector<std::size_t> made_before;       ///< By each call that prepares: made until then.

  Result<EditedEnvironment> edit(const Environment& base, const PackageEdit& edit) override {
    if (failure) return *failure;
    edits.push_back(edit);
    EditedEnvironment edited;
    Environment environment = base;
    for (const std::string& removed : edit.removed) remove(environment, removed);
    for (const PackageVersion& set : edit.set) {
      if (const auto found = trouble.find(set.name + " " + set.version); found != trouble.end()) {
        edited.trouble = found->second;
        edited.why = "no file";
        return edited;
      }
      remove(environment, set.name);
      environment.packages.push_back(set);
    }
    for (const PackageVersion& set : edit.set)
      for (const PackageVersion& needed : of_its_age[set.name + " " + set.version]) {
        if (!edit.renew) break;
        remove(environment, needed.name);
        environment.packages.push_back(needed);
        edited.added.push_back(needed);
      }
    finish(environment);
    if (conflicts) edited.conflicts = conflicts(environment);
    edited.environment = std::move(environment);
    return edited;
  }

  void prepare(const Environment&, const std::vector<PackageEdit>& edits_soon) override {
    made_before.push_back(edits.size());
    prepared.insert(prepared.end(), edits_soon.begin(), edits_soon.end());
  }

  void prepare_interpreters(const Environment&,
                            const std::vector<Interpreter>& interpreters) override {
    made_before.push_back(pythons.size());
    for (const Interpreter& interpreter : interpreters)
      prepared_pythons.push_back(interpreter.minor);
  }

  Result<EditedEnvironment> with_interpreter(const Environment& base,
                                             const Interpreter& interpreter) override {
    pythons.push_back(interpreter.minor);
    if (failure) return *failure;
    EditedEnvironment edited;
    if (unavailable_pythons.contains(interpreter.minor)) {
      edited.trouble = PackageTrouble::kUnbuildable;
      edited.why = "no file for it";
      return edited;
    }
    Environment environment = base;
    environment.interpreter = interpreter;
    finish(environment);
    edited.environment = std::move(environment);
    return edited;
  }

  std::set<std::string> unavailable_pythons;

  static Environment environment(std::vector<PackageVersion> packages,
                                 const std::string& minor = "3.11") {
    Environment made;
    made.packages = std::move(packages);
    made.interpreter.minor = minor;
    made.interpreter.version = minor + ".1";
    finish(made);
    return made;
  }

 private:
  static void remove(Environment& environment, const std::string& package) {
    std::erase_if(environment.packages,
                  [&](const PackageVersion& one) { return one.name == package; });
  }
  static void finish(Environment& environment) {
    std::ranges::sort(environment.packages, {}, &PackageVersion::name);
    environment.hash = environment.interpreter.minor;
    for (const PackageVersion& package : environment.packages)
      environment.hash += " " + package.name + "=" + package.version;
  }
};

}  // namespace nbreplay::test
