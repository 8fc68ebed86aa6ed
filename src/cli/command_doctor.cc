// doctor: what this machine offers, what is missing, and how to get it.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>

#include "nbreplay/environment/local_environments.h"
#include "nbreplay/environment/machine.h"
#include "nbreplay/report/doctor.h"

#include "cli/installed.h"
#include "cli/session.h"

namespace nbreplay::cli {
namespace {

namespace fs = std::filesystem;

/// Not more than a look: a cache of millions of files must not hold the table up.
constexpr std::size_t kMostFiles = 100'000;

Bytes size_of(const Path& folder) {
  Bytes total;
  std::error_code failed;
  auto walk = fs::recursive_directory_iterator(
      folder, fs::directory_options::skip_permission_denied, failed);
  std::size_t files = 0;
  for (; !failed && walk != fs::recursive_directory_iterator() && files < kMostFiles;
       walk.increment(failed), ++files) {
    std::error_code ignored;
    if (walk->is_regular_file(ignored)) {
      const auto size = walk->file_size(ignored);
      if (!ignored) total.count += size;
    }
  }
  return total;
}

class DoctorCommand final : public Command {
 public:
  std::string name() const override { return "doctor"; }
  std::string purpose() const override {
    return "Show what this machine offers: interpreters, limits, sandbox; and what is missing";
  }

  std::string details() const override {
    return "Examples:\n  nbreplay doctor\n  nbreplay doctor --json\n\n"
           "Exit codes:\n  0    notebooks can be run\n"
           "  1    no notebook can be run; the table says what is missing\n"
           "  2    usage or internal error\n";
  }

  void configure(CLI::App& app) override { add_common_options(app, options_, std::nullopt); }

  int run(const CommandContext& context) override {
    auto session = Session::open(options_, context);
    if (!session) {
      context.console.error(session.error());
      return kExitError;
    }
    const DoctorFacts facts = examine(**session);
    context.console.data(options_.json ? doctor_json(facts, true) + "\n"
                                       : doctor_text(facts, context.console.data_style()));
    return facts.ready() ? kExitGood : kExitBadNews;
  }

 private:
  DoctorFacts examine(Session& session) const {
    const process::Installation installation = find_installation();
    DoctorFacts facts;
    facts.machine = machine_facts();
    facts.worker_minors = process::built_minors(installation);
    for (Interpreter& interpreter : session.environments().interpreters()) {
      InterpreterStatus status;
      status.has_worker = std::find(facts.worker_minors.begin(), facts.worker_minors.end(),
                                    interpreter.minor) != facts.worker_minors.end();
      status.supplied_ipython = supplied_ipython(installation.ipython_supply, interpreter.minor);
      status.interpreter = std::move(interpreter);
      facts.interpreters.push_back(std::move(status));
    }
    facts.limits = session.limits();
    facts.jobs = options_.jobs > 0 ? options_.jobs : facts.machine.cores;
    facts.missing_limits = {"512 processes", "200,000 files"};
    facts.sandbox = session.sandbox();
    facts.cache_folder = options_.cache_dir.value_or(default_cache_folder());
    facts.cache_size = size_of(facts.cache_folder);
    facts.lacks = lacks_of(installation, facts);
    return facts;
  }

  static std::vector<Lack> lacks_of(const process::Installation& installation,
                                    const DoctorFacts& facts) {
    std::vector<Lack> lacks;
    for (const Path& part : {installation.launcher, installation.worker})
      if (::access(part.c_str(), X_OK) != 0)
        lacks.push_back({fmt::format("{}, a part of nbreplay", part.string()),
                         "build it again with scripts/quickstart.sh, or reinstall"});
    if (facts.worker_minors.empty())
      lacks.push_back({"workers: none was built for any Python",
                       "install python3-dev and build again with scripts/quickstart.sh"});
    std::vector<std::string> without_ipython;
    for (const std::string& minor : facts.worker_minors)
      if (supplied_ipython(installation.ipython_supply, minor).empty())
        without_ipython.push_back(minor);
    if (!without_ipython.empty())
      lacks.push_back({fmt::format("IPython to come along with environments of Python {}",
                                   fmt::join(without_ipython, ", ")),
                       "prepare it with scripts/prepare_ipython.sh"});
    for (const InterpreterStatus& status : facts.interpreters) {
      const Interpreter& interpreter = status.interpreter;
      if (interpreter.libpython.empty())
        lacks.push_back({fmt::format("a shared libpython of {}", interpreter.executable.string()),
                         "build that interpreter with --enable-shared, or use another"});
      else if (!status.has_worker)
        lacks.push_back({fmt::format("a worker for Python {}", interpreter.minor),
                         fmt::format("build again with NBREPLAY_PYTHONS naming {}",
                                     interpreter.executable.string())});
    }
    return lacks;
  }

  CommonOptions options_;
};

}  // namespace

std::unique_ptr<Command> make_doctor() {
  return std::make_unique<DoctorCommand>();
}

}  // namespace nbreplay::cli
