#include "nbreplay/report/doctor.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "nbreplay/base/units.h"
#include "nbreplay/base/utf8.h"

#include "report/doctor_snapshots.h"
#include "report/json_parts.h"

namespace nbreplay {
namespace {

std::string interpreter_note(const InterpreterStatus& status) {
  if (status.interpreter.libpython.empty()) return "no shared libpython: cannot be used";
  if (!status.has_worker) return "no worker was built for it";
  if (status.supplied_ipython.empty()) return "worker, no IPython to come along";
  return fmt::format("worker, IPython {}", status.supplied_ipython);
}

std::string yes_or_no(const std::optional<bool>& value) {
  return value ? *value ? "allowed" : "not allowed" : "unknown";
}

class DoctorText {
 public:
  DoctorText(const DoctorFacts& facts, const TextStyle& style) : facts_(facts), style_(style) {}

  std::string render() {
    machine();
    pythons();
    packaging();
    isolation();
    for (const Lack& lack : facts_.lacks)
      row("missing", fmt::format("{}\n{:{}}{}", lack.what, "", kKeyWidth, lack.how));
    if (facts_.snapshots) {
      row("snapshots", snapshots_text(*facts_.snapshots, kKeyWidth));
      text_ += '\n';
    }
    row("verdict", facts_.ready() ? "notebooks can be run" : "no notebook can be run");
    return std::move(text_);
  }

 private:
  static constexpr std::size_t kKeyWidth = 13;

  void row(std::string_view key, std::string_view value) {
    text_ += style_.colour ? fmt::format("\x1b[1m{:{}}\x1b[0m{}\n", key, kKeyWidth, value)
                           : fmt::format("{:{}}{}\n", key, kKeyWidth, value);
  }

  void machine() {
    const MachineFacts& machine = facts_.machine;
    row("machine", fmt::format("{}, kernel {}{}", escape_control(machine.system),
                               escape_control(machine.kernel), machine.root ? ", as root" : ""));
    row("cores", fmt::format("{}", machine.cores));
    row("memory", fmt::format("{}{}, {} available", format_bytes(machine.memory),
                              machine.memory_from_cgroup ? " (limit of the control group)" : "",
                              format_bytes(machine.memory_available)));
    row("cache", fmt::format("{} ({})", escape_control(facts_.cache_folder.string()),
                             format_bytes(facts_.cache_size)));
  }

  void pythons() {
    text_ += '\n';
    row("workers", facts_.worker_minors.empty()
                       ? std::string("none")
                       : fmt::format("Python {}", fmt::join(facts_.worker_minors, ", ")));
    std::size_t widest = 0;
    for (const InterpreterStatus& status : facts_.interpreters)
      widest = std::max(widest, status.interpreter.executable.string().size());
    bool first = true;
    for (const InterpreterStatus& status : facts_.interpreters) {
      row(first ? "interpreters" : "",
          fmt::format("{:9} {:{}}  {:8} {}", escape_control(status.interpreter.version),
                      escape_control(status.interpreter.executable.string()), widest,
                      status.interpreter.found_by, interpreter_note(status)));
      first = false;
    }
    if (first) row("interpreters", "none found");
  }

  void packaging() {
    const PackagingStatus& packaging = facts_.packaging;
    text_ += '\n';
    row("packages",
        packaging.available
            ? fmt::format("{}: {} environment{}, {} unpacked package{}, {}",
                          escape_control(packaging.folder.string()), packaging.environments,
                          packaging.environments == 1 ? "" : "s", packaging.packages,
                          packaging.packages == 1 ? "" : "s", format_bytes(packaging.packages_size))
            : std::string("no environment can be made"));
    if (packaging.index_problem)
      row("index", packaging.index_problem->empty()
                       ? std::string("answers")
                       : "not reached: " + escape_control(*packaging.index_problem));
  }

  /// Layers that lack for the same reason stand together.
  void missing_layers() {
    const auto& missing = facts_.sandbox.missing;
    for (std::size_t i = 0; i < missing.size();) {
      std::string names = missing[i].name;
      std::size_t next = i + 1;
      for (; next < missing.size() && missing[next].why == missing[i].why; ++next)
        names += ", " + missing[next].name;
      row("", fmt::format("missing: {}", names));
      row("", fmt::format("  why: {}", missing[i].why));
      row("", fmt::format("  to have it: {}", missing[i].remedy));
      i = next;
    }
  }

  void isolation() {
    const Limits& limits = facts_.limits;
    text_ += '\n';
    row("limits",
        fmt::format("memory {} for each of {} job{}, files {}, output {} per stream and "
                    "cell and {} per run",
                    format_bytes(limits.memory), facts_.jobs, facts_.jobs == 1 ? "" : "s",
                    format_bytes(limits.files_written), format_bytes(limits.output_per_stream),
                    format_bytes(limits.output_per_run)));
    if (!facts_.missing_limits.empty())
      row("", fmt::format("missing: {}", fmt::join(facts_.missing_limits, ", ")));
    row("sandbox", fmt::format("in force: {}", fmt::join(facts_.sandbox.layers, ", ")));
    missing_layers();
    row("network", facts_.sandbox.network ? "left alone: notebooks reach what this machine reaches"
                                          : "closed to notebooks");
    row("kernel", fmt::format("user namespaces {}, control groups {}",
                              yes_or_no(facts_.machine.user_namespaces),
                              facts_.machine.cgroup.empty() ? "none" : facts_.machine.cgroup));
    text_ += '\n';
  }

  const DoctorFacts& facts_;
  const TextStyle& style_;
  std::string text_;
};

Json json_of(const MachineFacts& machine) {
  Json json;
  json["system"] = machine.system;
  json["kernel"] = machine.kernel;
  json["cores"] = machine.cores;
  json["memory_bytes"] = machine.memory.count;
  json["memory_available_bytes"] = machine.memory_available.count;
  json["memory_from_cgroup"] = machine.memory_from_cgroup;
  json["root"] = machine.root;
  json["user_namespaces"] = optional_json(machine.user_namespaces);
  json["cgroup"] = machine.cgroup.empty() ? Json() : Json(machine.cgroup);
  return json;
}

Json json_of(const PackagingStatus& packaging) {
  Json json;
  json["available"] = packaging.available;
  json["folder"] = packaging.folder.string();
  json["environments"] = packaging.environments;
  json["packages"] = packaging.packages;
  json["packages_bytes"] = packaging.packages_size.count;
  json["index"] = Json();
  if (packaging.index_problem)
    json["index"] = {{"reachable", packaging.index_problem->empty()},
                     {"problem", *packaging.index_problem}};
  return json;
}

Json json_of(const InterpreterStatus& status) {
  const Interpreter& interpreter = status.interpreter;
  Json json;
  json["executable"] = interpreter.executable.string();
  json["version"] = interpreter.version;
  json["libpython"] = interpreter.libpython.empty() ? Json() : Json(interpreter.libpython.string());
  json["found_by"] = interpreter.found_by;
  json["worker"] = status.has_worker;
  json["ipython"] = status.supplied_ipython.empty() ? Json() : Json(status.supplied_ipython);
  json["usable"] = status.usable();
  return json;
}

}  // namespace

bool DoctorFacts::ready() const {
  return std::any_of(interpreters.begin(), interpreters.end(),
                     [](const InterpreterStatus& status) { return status.usable(); });
}

std::string doctor_text(const DoctorFacts& facts, const TextStyle& style) {
  return DoctorText(facts, style).render();
}

std::string doctor_json(const DoctorFacts& facts, bool pretty) {
  Json doctor;
  doctor["ready"] = facts.ready();
  doctor["machine"] = json_of(facts.machine);
  doctor["workers"] = facts.worker_minors;
  doctor["interpreters"] = Json::array();
  for (const InterpreterStatus& status : facts.interpreters)
    doctor["interpreters"].push_back(json_of(status));
  doctor["jobs"] = facts.jobs;
  doctor["limits"] = json_of(facts.limits);
  doctor["missing_limits"] = facts.missing_limits;
  doctor["sandbox"] = json_of(facts.sandbox);
  doctor["cache"] = {{"folder", facts.cache_folder.string()},
                     {"size_bytes", facts.cache_size.count}};
  doctor["packaging"] = json_of(facts.packaging);
  doctor["lacks"] = Json::array();
  for (const Lack& lack : facts.lacks)
    doctor["lacks"].push_back({{"what", lack.what}, {"how", lack.how}});
  doctor["snapshots"] = facts.snapshots ? json_of(*facts.snapshots) : Json();
  Json json = envelope("doctor");
  json["doctor"] = std::move(doctor);
  return to_text(json, pretty);
}

}  // namespace nbreplay
