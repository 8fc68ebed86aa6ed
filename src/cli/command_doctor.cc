// doctor: what this machine offers, what is missing, and how to get it.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "nbreplay/environment/local_environments.h"
#include "nbreplay/environment/machine.h"
#include "nbreplay/process/project.h"
#include "nbreplay/process/snapshot_selftest.h"
#include "nbreplay/process/worker_trial_runner.h"
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

/// Minors that a worker can be built for.
constexpr const char* kServed[] = {"3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14"};

/// Gone again with all that is in it.
class EmptyFolder {
 public:
  EmptyFolder() {
    std::string name = (fs::temp_directory_path() / "nbreplay-doctor-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~EmptyFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  EmptyFolder(const EmptyFolder&) = delete;
  EmptyFolder& operator=(const EmptyFolder&) = delete;
  [[nodiscard]] const Path& path() const { return path_; }

 private:
  Path path_;
};

class DoctorCommand final : public Command {
 public:
  std::string name() const override { return "doctor"; }
  std::string purpose() const override {
    return "Show what this machine offers: interpreters, limits, sandbox; and what is missing";
  }

  std::string details() const override {
    return "Examples:\n  nbreplay doctor\n  nbreplay doctor --json\n"
           "  nbreplay doctor --index\n"
           "  nbreplay doctor --snapshots --environment .venv\n\n"
           "Exit codes:\n  0    notebooks can be run\n"
           "  1    no notebook can be run; the table says what is missing. With --snapshots also:\n"
           "       a library was forked and went wrong\n"
           "  2    usage or internal error\n"
           "  130  interrupted\n";
  }

  void configure(CLI::App& app) override {
    app.add_flag("--snapshots", snapshots_,
                 "Try out whether processes that used the environment's libraries can be forked")
        ->group("Self-test");
    app.add_option("--repeats", repeats_, "How often each library is tried")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str()
        ->group("Self-test");
    app.add_option("--only", only_, "Only what has this in its name")
        ->type_name("NAME")
        ->group("Self-test");
    app.add_flag("--try-tainted", try_tainted_,
                 "Fork also what should not be, to see which taints are needless")
        ->group("Self-test");
    app.add_flag("--index", index_, "Ask the package index whether it can be reached")
        ->group("Self-test");
    add_common_options(app, options_, std::nullopt);
  }

  int run(const CommandContext& context) override {
    auto session = Session::open(options_, context);
    if (!session) {
      context.console.error(session.error());
      return kExitError;
    }
    DoctorFacts facts = examine(**session);
    if (snapshots_) {
      auto tried = try_snapshots(**session, context.stop);
      if (!tried) {
        context.console.error(tried.error());
        return kExitError;
      }
      facts.snapshots = std::move(*tried);
    }
    (*session)->progress().clear();
    context.console.data(options_.json ? doctor_json(facts, true) + "\n"
                                       : doctor_text(facts, context.console.data_style()));
    if (context.stop.requested()) return kExitInterrupted;
    const bool unsafe = facts.snapshots && facts.snapshots->count(ProbeVerdict::kUnsafe) > 0;
    return facts.ready() && !unsafe ? kExitGood : kExitBadNews;
  }

 private:
  /// In an empty folder, one process at a time, with a copy frozen after every cell.
  Result<SnapshotFacts> try_snapshots(Session& session, const StopRequest& stop) const {
    const EmptyFolder folder;
    NBREPLAY_TRY(const Environment environment,
                 session.find_environment(fs::current_path(), fs::current_path()));
    process::RunnerSettings settings = session.runner_settings();
    settings.jobs = 1;
    settings.snapshot_every_cell = true;
    if (!settings.snapshot_memory)
      return usage_error("--snapshots and --no-snapshots exclude each other");
    process::WorkerTrialRunner runner(settings);

    process::SnapshotSelftestSettings test;
    test.environment = std::make_shared<const Environment>(environment);
    process::ProjectRequest request;
    request.notebook = folder.path() / "probe.ipynb";
    request.working_directory = folder.path();
    NBREPLAY_TRY(test.project, process::make_project(request));
    test.limits = session.limits();
    test.repeats = static_cast<std::size_t>(repeats_);
    test.only = only_;
    test.try_tainted = try_tainted_;
    test.stop = &stop;
    session.progress().begin("snapshots", std::nullopt);
    test.started = [&session](std::string_view probe) { session.progress().stage(probe); };

    SnapshotFacts facts;
    NBREPLAY_TRY(facts.probes, process::snapshot_selftest(runner, test));
    facts.environment = environment.display_name;
    facts.python_version = environment.interpreter.version;
    facts.repeats = test.repeats;
    facts.interrupted = stop.requested();
    return facts;
  }

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
    facts.sandbox = session.sandbox();
    if (!facts.sandbox.sandboxed) facts.missing_limits = {"512 processes", "200,000 files"};
    facts.cache_folder = options_.cache_dir.value_or(default_cache_folder());
    facts.cache_size = size_of(facts.cache_folder);
    facts.lacks = lacks_of(installation, facts);
    facts.packaging = packaging(session, facts.lacks);
    return facts;
  }

  PackagingStatus packaging(Session& session, std::vector<Lack>& lacks) const {
    PackagingStatus status;
    status.folder = session.cache_folder() / "packages";
    const auto store = session.packages().store();
    status.available = store.has_value();
    if (!store) {
      lacks.push_back({store.error().message,
                       store.error().hint.empty() ? store.error().cause : store.error().hint});
      return status;
    }
    status.environments = store->environments.size();
    status.packages = store->packages;
    status.packages_size = store->packages_size;
    if (index_) {
      const EmptyFolder folder;
      const Status reached = session.packages().reach_index(folder.path());
      status.index_problem = reached ? std::string() : reached.error().message;
    }
    return status;
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
    std::vector<std::string> others;
    for (const char* minor : kServed)
      if (std::ranges::none_of(facts.interpreters, [&](const InterpreterStatus& status) {
            return status.interpreter.minor == minor;
          }))
        others.emplace_back(minor);
    if (!others.empty())
      lacks.push_back(
          {fmt::format("Python {}, should a notebook need one", fmt::join(others, ", ")),
           fmt::format("uv python install {0}, or PYTHON_CONFIGURE_OPTS=--enable-shared "
                       "pyenv install {0}; then build again for its worker",
                       others.back())});
    return lacks;
  }

  CommonOptions options_;
  bool index_ = false;
  bool snapshots_ = false;
  int repeats_ = 3;
  std::string only_;
  bool try_tainted_ = false;
};

}  // namespace

std::unique_ptr<Command> make_doctor() {
  return std::make_unique<DoctorCommand>();
}

}  // namespace nbreplay::cli
