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

}  // namespace nbreplay::environment
