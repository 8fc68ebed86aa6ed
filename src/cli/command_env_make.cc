// env infer, env create, env lock: what a notebook needs, and environments made of it.

#include <fmt/format.h>

#include "nbreplay/base/utf8.h"
#include "nbreplay/process/project.h"
#include "nbreplay/report/environments.h"

#include "cli/command_env.h"
#include "cli/notebooks.h"

namespace nbreplay::cli {
namespace {

namespace fs = std::filesystem;

constexpr Bytes kMaxLock = mib(64);

/// A plan together with what it was made of.
struct Planned {
  EnvironmentRequest request;
  EnvironmentPlan plan;
};

/// For a notebook; without one (`notebook` empty) for what --requirements names.
Result<Planned> plan_for(Session& session, const Path& notebook) {
  Planned planned;
  if (notebook.empty()) {
    planned.request.requirements = session.options().requirements;
    planned.request.as_of = session.options().as_of;
    planned.request.python = session.options().python;
    planned.request.notebook_folder = fs::current_path();
    planned.request.project_root = planned.request.notebook_folder;
  } else {
    session.progress().begin(notebook.filename().string(), std::nullopt);
    NBREPLAY_TRY(const Notebook read, read_notebook(notebook));
    process::ProjectRequest project_request;
    project_request.notebook = notebook;
    project_request.copy_cap = Bytes{~std::uint64_t{0}};
    NBREPLAY_TRY(const auto project, process::make_project(project_request));
    NBREPLAY_TRY(planned.request, session.environment_request(read, *project, true));
  }
  session.progress().stage("looking at what is needed");
  NBREPLAY_TRY(planned.plan, session.environments().plan(planned.request));
  return planned;
}

/// Notebooks, or --requirements without any.
class MakingCommand : public Command {
 protected:
  void add_options(CLI::App& app) {
    app.add_option("notebooks", notebooks_, "Notebooks (.ipynb)")->type_name("NOTEBOOK");
    app.add_option("--python", options_.python,
                   "Python to use: a version such as 3.11, or the path of an interpreter")
        ->group("Environment")
        ->type_name("VERSION|PATH");
    add_packaging_options(app, options_);
    add_env_options(app, options_);
  }

  struct Opened {
    std::unique_ptr<Session> session;
    std::vector<Path> notebooks;  ///< One without a name where only --requirements says what for.
  };
  [[nodiscard]] Result<Opened> open(const CommandContext& context) const {
    NBREPLAY_TRY(auto session, Session::open(options_, context));
    NBREPLAY_TRY(auto notebooks, subjects(context));
    return Opened{std::move(session), std::move(notebooks)};
  }

  CommonOptions options_;
  std::vector<Path> notebooks_;

 private:
  /// What to make environments of: each notebook, or once without one.
  [[nodiscard]] Result<std::vector<Path>> subjects(const CommandContext& context) const {
    if (!notebooks_.empty()) return meant_notebooks(notebooks_, context.console);
    if (!options_.requirements.empty()) return std::vector<Path>{Path()};
    return usage_error("no NOTEBOOK is given, and no --requirements",
                       "name what the environment is for");
  }
};

class InferCommand final : public MakingCommand {
 public:
  std::string name() const override { return "infer"; }
  std::string purpose() const override { return "Say what a notebook needs, and why"; }
  std::string details() const override {
    return "Looked at, in this order: --requirements; files beside the notebook, up to the\n"
           "project's root (nbreplay.lock.json, pylock.toml, uv.lock, requirements.txt,\n"
           "environment.yml, pyproject.toml); %pip lines; imports. Nothing is run or fetched,\n"
           "but the index may be asked which packages there are.\n\n"
           "Examples:\n  nbreplay env infer analysis.ipynb\n"
           "  nbreplay env infer *.ipynb --json\n\n"
           "Exit codes:\n  0    what is needed is known\n"
           "  1    some imports belong to no known package\n"
           "  2    usage, environment or internal error\n  130  interrupted\n";
  }
  void configure(CLI::App& app) override { add_options(app); }

  int run(const CommandContext& context) override {
    auto opened = open(context);
    if (!opened) {
      context.console.error(opened.error());
      return kExitError;
    }
    Session& session = *opened->session;
    int exit = kExitGood;
    std::vector<InferredEnvironment> all;
    for (const Path& path : opened->notebooks) {
      if (context.stop.requested()) break;
      InferredEnvironment& one = all.emplace_back();
      one.notebook = path.empty() ? options_.requirements.front() : path;
      auto planned = plan_for(session, path);
      session.progress().clear();
      if (planned) {
        one.plan = std::move(planned->plan);
        exit = worse_exit(exit, one.plan->inference.unknown.empty() ? kExitGood : kExitBadNews);
        if (!options_.json)
          context.console.data((all.size() > 1 ? "\n" : "") +
                               inferred_text(one, context.console.data_style()));
      } else {
        one.problem = planned.error();
        exit = worse_exit(exit, kExitError);
        context.console.error(*one.problem);
      }
    }
    if (options_.json) context.console.data(inferred_json(all) + "\n");
    return context.stop.requested() ? kExitInterrupted : exit;
  }
};

class CreateCommand final : public MakingCommand {
 public:
  std::string name() const override { return "create"; }
  std::string purpose() const override { return "Make the environment that a notebook needs"; }
  std::string details() const override {
    return "Prints the folder of the environment: --environment takes it, and its bin/python is\n"
           "an ordinary one. It links to packages in the store; --venv makes a virtual\n"
           "environment that stands alone. Packages are fetched once; --offline makes it from\n"
           "what was fetched before.\n\n"
           "Examples:\n  nbreplay env create analysis.ipynb\n"
           "  nbreplay env create analysis.ipynb --as-of 2023-06-01 --python 3.10\n"
           "  nbreplay env create --requirements requirements.txt --venv .venv\n\n" +
           exit_codes();
  }
  void configure(CLI::App& app) override {
    add_options(app);
    app.add_option("--venv", virtual_environment_,
                   "Make a virtual environment in this folder, without links into the store")
        ->group("Environment")
        ->type_name("DIR");
  }

  int run(const CommandContext& context) override {
    auto opened = open(context);
    if (!opened) {
      context.console.error(opened.error());
      return kExitError;
    }
    Session& session = *opened->session;
    if (virtual_environment_ && opened->notebooks.size() > 1) {
      context.console.error(usage_error("--venv makes one environment, not one per notebook",
                                        "name one notebook, or leave --venv out"));
      return kExitError;
    }
    int exit = kExitGood;
    std::vector<CreatedEnvironment> all;
    for (const Path& path : opened->notebooks) {
      if (context.stop.requested()) break;
      CreatedEnvironment& one = all.emplace_back();
      one.notebook = path;
      const Status made = create(session, one);
      session.progress().clear();
      if (!made) {
        one.problem = made.error();
        exit = kExitError;
        context.console.error(*one.problem);
      } else if (!options_.json) {
        context.console.talk(one.environment->why);
        context.console.data(one.folder.string() + "\n");
      }
    }
    if (options_.json) context.console.data(created_json(all) + "\n");
    return context.stop.requested() ? kExitInterrupted : exit;
  }

 private:
  static std::string exit_codes() {
    return "Exit codes:\n  0    it is made\n  2    usage, environment or internal error\n"
           "  130  interrupted\n";
  }

  Status create(Session& session, CreatedEnvironment& created) const {
    NBREPLAY_TRY(const Planned planned, plan_for(session, created.notebook));
    const auto& [request, plan] = planned;
    session.progress().stage("choosing versions");
    NBREPLAY_TRY(const Resolution resolution, session.environments().lock(request, plan));
    created.lock_hash = resolution.lock.hash;
    session.progress().stage("fetching and unpacking packages");
    if (virtual_environment_) {
      NBREPLAY_TRY_VOID(session.packages().create_virtual(resolution.lock, plan.interpreter,
                                                          *virtual_environment_));
      created.virtual_environment = true;
      EnvironmentRequest made;
      made.environment = *virtual_environment_;
      NBREPLAY_TRY(created.environment, session.environments().at_hand(made));
      created.environment->source = plan.inference.source;
      created.environment->why = fmt::format("made for {}", plan.inference.why);
    } else {
      NBREPLAY_TRY(created.environment, session.environments().make(request, plan));
    }
    created.folder = created.environment->interpreter.prefix;
    return {};
  }

  std::optional<Path> virtual_environment_;
};

class LockCommand final : public MakingCommand {
 public:
  std::string name() const override { return "lock"; }
  std::string purpose() const override {
    return "Write down every package that an environment would have, with digests";
  }
  std::string details() const override {
    return "A lock is complete and names no index: --requirements LOCK makes the same\n"
           "environment again, on any machine with that Python. Beside a notebook it is found\n"
           "under the name nbreplay.lock.json.\n\n"
           "Examples:\n  nbreplay env lock analysis.ipynb --output nbreplay.lock.json\n"
           "  nbreplay env lock --requirements requirements.txt --as-of 2023-06-01\n"
           "  nbreplay env lock analysis.ipynb --format requirements > locked.txt\n\n"
           "Exit codes:\n  0    the lock is written\n  2    usage, environment or internal error\n"
           "  130  interrupted\n";
  }
  void configure(CLI::App& app) override {
    add_options(app);
    app.add_option("-o,--output", output_, "File to write (default: stdout)")
        ->group("Output")
        ->type_name("FILE");
    app.add_option("--format", format_,
                   "json: what --requirements reads; requirements: what pip and uv read, too")
        ->check(CLI::IsMember({"json", "requirements"}))
        ->capture_default_str()
        ->group("Output")
        ->type_name("NAME");
    app.add_flag("--force", options_.force, "Overwrite a file that is no lock of nbreplay")
        ->group("Output");
  }

  int run(const CommandContext& context) override {
    auto opened = open(context);
    Status done;
    if (!opened) {
      done = opened.error();
    } else if (opened->notebooks.size() > 1) {
      done = usage_error("a lock is for one notebook", "name one");
    } else {
      done = lock(*opened->session, context.console, opened->notebooks.front());
      opened->session->progress().clear();
    }
    if (context.stop.requested()) return kExitInterrupted;
    if (done) return kExitGood;
    context.console.error(done.error());
    return kExitError;
  }

 private:
  Status lock(Session& session, const Console& console, const Path& notebook) const {
    if (output_) NBREPLAY_TRY_VOID(check_writable(*output_));
    NBREPLAY_TRY(const Planned planned, plan_for(session, notebook));
    session.progress().stage("choosing versions");
    NBREPLAY_TRY(const Resolution resolution,
                 session.environments().lock(planned.request, planned.plan));
    session.progress().clear();
    const std::string text =
        format_ == "json" ? lock_text(resolution.lock) : lock_as_requirements(resolution.lock);
    if (output_) NBREPLAY_TRY_VOID(write_file(*output_, text));
    if (options_.json)
      console.data(lock_json(resolution, output_) + "\n");
    else if (!output_)
      console.data(text);
    for (const std::string& note : resolution.notes) console.talk(escape_control(note));
    console.talk(fmt::format("{} packages for Python {}{}", resolution.lock.packages.size(),
                             resolution.lock.python,
                             output_ ? fmt::format(", in {}", output_->string()) : ""));
    return {};
  }

  /// What nbreplay did not write is not overwritten.
  [[nodiscard]] Status check_writable(const Path& file) const {
    std::error_code failed;
    if (options_.force || !fs::exists(file, failed)) return {};
    const auto text = read_file(file, kMaxLock);
    if (text && (text->find("\"nbreplay_lock\"") != std::string::npos ||
                 text->starts_with("# nbreplay lock ")))
      return {};
    return usage_error(
        fmt::format("{}: is there already and is no lock of nbreplay", file.string()),
        "choose another name, or overwrite it with --force");
  }

  std::optional<Path> output_;
  std::string format_ = "json";
};

}  // namespace

std::unique_ptr<Command> make_env_infer() {
  return std::make_unique<InferCommand>();
}
std::unique_ptr<Command> make_env_create() {
  return std::make_unique<CreateCommand>();
}
std::unique_ptr<Command> make_env_lock() {
  return std::make_unique<LockCommand>();
}

}  // namespace nbreplay::cli
