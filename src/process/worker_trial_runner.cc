#include "nbreplay/process/worker_trial_runner.h"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "process/font_cache.h"
#include "process/snapshot_tree.h"
#include "process/trial_session.h"
#include "process/waiting.h"
#include "process/workspace_pool.h"

namespace nbreplay::process {
namespace {

/// How much is handled between two looks at those.
constexpr int kMostAtOnce = 100;
/// Trees of one kind that may die: some notebooks kill what they can reach.
constexpr int kMostDeaths = 4;
/// Without them memory is only watched; probe_sandbox says why.
std::shared_ptr<const ControlGroups> control_groups(const RunnerSettings& settings) {
  if (!settings.sandbox) return nullptr;
  const auto found = ControlGroups::find();
  return found ? *found : nullptr;
}

}  // namespace

class WorkerTrialRunner::State {
 public:
  explicit State(RunnerSettings settings)
      : settings_(std::move(settings)),
        launcher_(settings_.installation.launcher, control_groups(settings_)),
        workspaces_(settings_) {}

  ~State() {
    queued_.clear();
    for (auto& [id, running] : running_) cancel_running(running);
    for (auto& tree : trees_) tree->close();
    const auto deadline = std::chrono::steady_clock::now() + kFarewell;
    const auto all_over = [&] {
      return running_.empty() && std::all_of(trees_.begin(), trees_.end(),
                                             [](const auto& tree) { return tree->closed(); });
    };
    while (!all_over() && std::chrono::steady_clock::now() < deadline) turn(kSlice);
    // Launchers exit after their last words; collecting them leaves no zombies behind.
    io_.restart();
    io_.run_for(std::chrono::milliseconds(100));
  }

  TrialId submit(Trial trial, Freshness freshness, TrialEvents events) {
    const TrialId id = ++last_id_;
    if (!settings_.snapshot_memory) freshness = Freshness::kFresh;
    queued_.push_back({id, std::move(trial), freshness, std::move(events)});
    return id;
  }

  Result<std::optional<Answer>> wait(std::optional<TimePoint> deadline) {
    for (;;) {
      if (settings_.stop != nullptr && settings_.stop->requested()) stop_all();
      NBREPLAY_TRY_VOID(start_queued());
      if (!answers_.empty()) {
        std::optional<Answer> answer = std::move(answers_.front());
        answers_.pop_front();
        return answer;
      }
      const bool outstanding = std::any_of(running_.begin(), running_.end(), [](const auto& entry) {
        return !entry.second.forgotten;
      });
      if (!outstanding && queued_.empty()) return std::optional<Answer>();
      const TimePoint now = std::chrono::steady_clock::now();
      if (deadline && now >= *deadline) return std::optional<Answer>();
      turn(deadline ? std::min<Duration>(kSlice, *deadline - now) : kSlice);
    }
  }

  void cancel(TrialId id) {
    std::erase_if(queued_, [&](const Queued& queued) { return queued.id == id; });
    std::erase_if(answers_, [&](const Answer& answer) { return answer.id == id; });
    if (const auto found = running_.find(id); found != running_.end())
      cancel_running(found->second);
  }

  [[nodiscard]] std::size_t jobs() const { return std::max<std::size_t>(1, settings_.jobs); }

 private:
  struct Queued {
    TrialId id;
    Trial trial;
    Freshness freshness = Freshness::kFresh;
    TrialEvents events;
  };
  /// In a worker of its own, or in a tree.
  struct Running {
    std::shared_ptr<TrialSession> session;
    std::unique_ptr<FileSpace> files;
    SnapshotTree* tree = nullptr;
    bool forgotten = false;
    /// To be run once more, should something outside of nbreplay kill it.
    std::shared_ptr<const Queued> again;

    void kill() const {
      if (tree != nullptr) return tree->kill();
      if (session) session->kill();
    }
  };

  void turn(Duration at_most) {
    io_.restart();
    io_.run_one_for(at_most);
    // Not `poll`: a worker that always has something to say would keep it from ever returning.
    for (int more = 0; more < kMostAtOnce && io_.poll_one() > 0;) ++more;
  }

  static void cancel_running(Running& running) {
    running.forgotten = true;
    running.kill();
  }

  void stop_all() {
    for (Queued& queued : std::exchange(queued_, {}))
      answers_.push_back({queued.id, not_run(queued.trial, Killed{}), Origin::kFresh});
    for (auto& [id, running] : running_) running.kill();
  }

  /// The outcome of a trial of which nothing was run.
  static Outcome not_run(const Trial& trial, Termination why) {
    Outcome outcome;
    for (std::size_t position = 0; position < trial.executions.size(); ++position) {
      CellOutcome cell;
      cell.position = position;
      cell.cell = trial.executions[position].cell;
      outcome.cells.push_back(std::move(cell));
    }
    outcome.termination = std::move(why);
    return outcome;
  }

  Status start_queued() {
    while (running_.size() < jobs() && !queued_.empty()) {
      Queued queued = std::move(queued_.front());
      queued_.pop_front();
      // Nothing can run in an environment without a worker: worth an Error, not an Outcome each.
      NBREPLAY_TRY([[maybe_unused]] const auto command,
                   worker_command(settings_.installation, *queued.trial.environment));
      list_fonts(queued.trial);
      if (queued.freshness == Freshness::kFresh) {
        start(std::move(queued));
      } else {
        start_in_tree(std::move(queued));
      }
    }
    return {};
  }

  /// Once for each environment, before the first run in it that may want it: a run of ours makes
  /// Matplotlib's list of fonts. No notebook is asked to, for what one leaves others would read.
  void list_fonts(const Trial& wanted) {
    auto trial = font_trial(settings_.cache_folder, wanted);
    if (!trial || !fonts_tried_.insert(wanted.environment->hash).second) return;
    auto files = workspaces_.acquire(trial->project);
    if (!files) return;
    const Path lists = font_folder(settings_.cache_folder, *trial->environment) / kFontLists;
    bool over = false;
    const auto session = std::make_shared<TrialSession>(SessionContext{io_, launcher_, settings_},
                                                        std::move(*trial), TrialEvents(), **files,
                                                        std::nullopt, [&](const Outcome& outcome) {
                                                          if (outcome.finished)
                                                            (*files)->keep_fonts(lists);
                                                          over = true;
                                                        });
    session->start();
    bool killed = false;
    while (!over) {
      if (!killed && settings_.stop != nullptr && settings_.stop->requested()) {
        killed = true;
        session->kill();
      }
      turn(kSlice);
    }
  }

  void start_in_tree(Queued queued) {
    SnapshotTree* tree = tree_for(queued.trial);
    if (tree == nullptr)
      return start(std::move(queued), "too many workers of its kind died while others were forked");
    running_[queued.id].tree = tree;
    const bool branch = queued.freshness == Freshness::kAny && !queued.trial.keep_outputs;
    // Copies, for when it has to be run again.
    tree->run(queued.trial, queued.events, branch,
              [this, queued](Result<SnapshotTree::Answered> answered) mutable {
                tree_ended(std::move(queued), std::move(answered));
              });
  }

  /// The idle tree that saves most, or a new one; null when too many of its
  /// kind have died.
  SnapshotTree* tree_for(const Trial& trial) {
    const std::string key = start_key({io_, launcher_, settings_}, trial);
    if (const auto deaths = deaths_.find(key);
        deaths != deaths_.end() && deaths->second >= kMostDeaths)
      return nullptr;
    SnapshotTree* best = nullptr;
    std::size_t most_saved = 0;
    for (const auto& tree : trees_) {
      if (tree->busy() || tree->key() != key || !tree->usable()) continue;
      const std::size_t saved = tree->saved(trial);
      if (best != nullptr && saved <= most_saved) continue;
      best = tree.get();
      most_saved = saved;
    }
    if (best == nullptr) best = &add_tree(key);
    trees_used_.erase(std::find(trees_used_.begin(), trees_used_.end(), best));
    trees_used_.push_back(best);
    return best;
  }

  SnapshotTree& add_tree(const std::string& key) {
    // As many as can be busy would do, were it not for experiments that start workers in another
    // way in between.
    while (trees_.size() >= 2 * jobs()) {
      const auto idle =
          std::find_if(trees_used_.begin(), trees_used_.end(), [](const SnapshotTree* tree) {
            // The others are on their way out already.
            return !tree->busy() && tree->usable();
          });
      if (idle == trees_used_.end()) break;
      remove_tree(*idle);
    }
    trees_.push_back(std::make_unique<SnapshotTree>(
        SessionContext{io_, launcher_, settings_}, workspaces_,
        Bytes{settings_.snapshot_memory->count / (2 * jobs())}, key));
    trees_used_.push_back(trees_.back().get());
    return *trees_.back();
  }

  void remove_tree(SnapshotTree* tree) {
    std::erase(trees_used_, tree);
    std::erase_if(trees_, [&](const auto& owned) { return owned.get() == tree; });
  }

  void tree_ended(Queued queued, Result<SnapshotTree::Answered> answered) {
    auto node = running_.extract(queued.id);
    const Running& running = node.mapped();
    SnapshotTree* tree = running.tree;
    if (!tree->usable()) {
      if (!running.forgotten) ++deaths_[tree->key()];
      // Not now: it is the one that calls.
      boost::asio::post(io_, [this, tree] { remove_tree(tree); });
    }
    if (running.forgotten) return;
    if (answered) {
      answers_.push_back({queued.id, std::move(answered->outcome), answered->origin});
    } else if (settings_.stop != nullptr && settings_.stop->requested()) {
      answers_.push_back({queued.id, not_run(queued.trial, Killed{}), Origin::kFresh});
    } else {
      start(std::move(queued), answered.error().message);
    }
  }

  /// Fresh. `instead` says why it is not forked although it could have been. `last`: it was run
  /// before and killed from outside.
  void start(Queued queued, const std::string& instead = {}, bool last = false) {
    auto workspace = workspaces_.acquire(queued.trial.project);
    if (!workspace) {
      const Error& error = workspace.error();
      std::string message = error.message;
      for (const std::string& more : {error.cause, error.hint})
        if (!more.empty()) message += "\n" + more;
      answers_.push_back(
          {queued.id, not_run(queued.trial, SetupFailed{"workspace", message}), Origin::kFresh});
      return;
    }
    Running& running = running_[queued.id];
    if (!last) running.again = std::make_shared<const Queued>(queued);
    running.files = std::move(*workspace);
    running.session = std::make_shared<TrialSession>(
        SessionContext{io_, launcher_, settings_}, std::move(queued.trial),
        std::move(queued.events), *running.files, std::nullopt,
        [this, id = queued.id, instead](Outcome outcome) {
          if (!instead.empty()) outcome.taints.push_back({0, instead});
          ended(id, std::move(outcome), instead);
        });
    running.session->start();
  }

  /// By nobody here: the launcher, or the worker with the one signal that it cannot answer.
  static bool was_killed(const Outcome& outcome) {
    const auto* signaled = std::get_if<Signaled>(&outcome.termination);
    return std::holds_alternative<Killed>(outcome.termination) ||
           (signaled != nullptr && signaled->signal == SIGKILL);
  }

  void ended(TrialId id, Outcome outcome, const std::string& instead) {
    auto node = running_.extract(id);
    Running& running = node.mapped();
    workspaces_.release(std::move(running.files));
    const bool stopping = settings_.stop != nullptr && settings_.stop->requested();
    if (running.again && !running.forgotten && !stopping && was_killed(outcome))
      return start(*running.again, instead, true);
    if (!running.forgotten) answers_.push_back({id, std::move(outcome), Origin::kFresh});
  }

  RunnerSettings settings_;
  boost::asio::io_context io_;
  GroupLauncher launcher_;
  WorkspacePool workspaces_;
  std::vector<std::unique_ptr<SnapshotTree>> trees_;
  std::vector<SnapshotTree*> trees_used_;  ///< The one used last is last.
  std::map<std::string, int> deaths_;      ///< Of trees, by key.
  std::set<std::string> fonts_tried_;      ///< Hashes of environments.
  TrialId last_id_ = 0;
  std::deque<Queued> queued_;
  std::map<TrialId, Running> running_;
  std::deque<Answer> answers_;
};

WorkerTrialRunner::WorkerTrialRunner(RunnerSettings settings)
    : state_(std::make_unique<State>(std::move(settings))) {}
WorkerTrialRunner::~WorkerTrialRunner() = default;

TrialId WorkerTrialRunner::submit(Trial trial, Freshness freshness, TrialEvents events) {
  return state_->submit(std::move(trial), freshness, std::move(events));
}

Result<std::optional<Answer>> WorkerTrialRunner::wait(std::optional<TimePoint> deadline) {
  return state_->wait(deadline);
}

void WorkerTrialRunner::cancel(TrialId id) {
  state_->cancel(id);
}

std::size_t WorkerTrialRunner::jobs() const {
  return state_->jobs();
}

}  // namespace nbreplay::process
