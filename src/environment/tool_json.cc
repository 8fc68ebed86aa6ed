#include "environment/tool_json.h"

namespace nbreplay::environment {

Json json_of(const Interpreter& interpreter) {
  return {{"executable", interpreter.executable.string()}, {"version", interpreter.version}};
}

Json json_of(const std::vector<Path>& paths) {
  Json list = Json::array();
  for (const Path& path : paths) list.push_back(path.string());
  return list;
}

Json json_of(const PackageEdit& edit) {
  Json set = Json::array();
  for (const PackageVersion& one : edit.set)
    set.push_back({{"name", one.name}, {"version", one.version}});
  return {{"set", std::move(set)}, {"removed", edit.removed}, {"renew", edit.renew}};
}

Json json_of(const Lock& lock) {
  Json packages = Json::array();
  for (const LockedPackage& one : lock.packages)
    packages.push_back({{"name", one.name}, {"version", one.version}, {"hashes", one.hashes}});
  return {{"python", lock.python}, {"packages", std::move(packages)}, {"hash", lock.hash}};
}

Lock read_lock(AnswerFields& fields) {
  Lock lock;
  lock.python = fields.text("python");
  lock.hash = fields.text("hash");
  for (const Json* one : fields.objects("packages")) {
    AnswerFields package(*one);
    lock.packages.push_back(
        {normalised_name(package.text("name")), package.text("version"), package.texts("hashes")});
    fields.note(package);
  }
  return lock;
}

std::vector<UnmetRequirement> read_conflicts(AnswerFields& fields) {
  std::vector<UnmetRequirement> conflicts;
  for (const Json* one : fields.objects("conflicts")) {
    AnswerFields conflict(*one);
    UnmetRequirement& unmet = conflicts.emplace_back();
    unmet.by = {normalised_name(conflict.text("package")), conflict.text("version")};
    unmet.package = normalised_name(conflict.text("requires"));
    unmet.specifier = conflict.optional_text("specifier");
    unmet.present = conflict.optional_text("present");
    fields.note(conflict);
  }
  return conflicts;
}

std::vector<PackageChange> read_changed(AnswerFields& fields) {
  std::vector<PackageChange> changes;
  for (const Json* one : fields.objects("changed")) {
    AnswerFields changed(*one);
    PackageChange& change = changes.emplace_back();
    change.name = normalised_name(changed.text("name"));
    change.from = changed.text("from");
    change.to = changed.optional_text("to");
    fields.note(changed);
  }
  return changes;
}

}  // namespace nbreplay::environment
