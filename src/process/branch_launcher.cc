#include "process/branch_launcher.h"

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <utility>

#include "process/process_tree.h"
#include "process/runner_process.h"
#include "process/sandbox_spec.h"

namespace nbreplay::process {
namespace {

namespace asio = boost::asio;

/// One runner, from the request to fork it until all that it started is gone.
class BranchRun : public std::enable_shared_from_this<BranchRun> {
 public:
  BranchRun(asio::io_context& io, BranchLauncher::Origin origin, LaunchEvents events)
      : io_(io), origin_(std::move(origin)), events_(std::move(events)) {}

  void start(const protocol::ForkRunner& request, std::span<const int> descriptors) {
    origin_.snapshot->fork(request, descriptors,
                           [self = shared_from_this()](Result<pid_t> pid) { self->forked(pid); });
  }

  void interrupt() {
    if (runner_) runner_->interrupt();
  }

  void kill() {
    killed_ = true;
    if (runner_) return runner_->kill();
    // It hangs in the fork: then it is of no use to anybody.
    if (!over_) origin_.snapshot->kill();
  }

  void abandon() {
    events_ = {};
    kill();
  }

  [[nodiscard]] std::vector<pid_t> processes() const {
    if (!runner_ || over_) return {};
    // From the launcher down: processes that left their parents count, too.
    std::vector<pid_t> all = origin_.root->processes();
    if (!all.empty()) all.erase(all.begin());  // the launcher itself
    std::vector<pid_t> frozen = origin_.frozen();
    frozen.push_back(origin_.root->pid());
    std::erase_if(all, [&](pid_t pid) {
      return std::find(frozen.begin(), frozen.end(), pid) != frozen.end();
    });
    return all;
  }

  [[nodiscard]] LaunchedWorker& root() const { return origin_.root->worker(); }

 private:
  void forked(const Result<pid_t>& number) {
    if (!number) return fail(number.error());
    auto runner = RunnerProcess::watch(
        io_, *number, origin_.snapshot->pid(),
        [self = shared_from_this()](std::optional<int> status) { self->ended(status); });
    if (!runner) {
      origin_.snapshot->kill();
      return fail(runner.error());
    }
    runner_ = std::move(*runner);
    // Before it gets its first request.
    if (origin_.processes > 0)
      limit_runner(root(), runner_->pid(), origin_.frozen().size() + origin_.processes);
    if (killed_) runner_->kill();
    if (events_.started) events_.started(runner_->pid());
  }

  /// A runner that was forked but never spoke may be alive.
  void fail(const Error& error) {
    over_ = true;
    root().tidy([self = shared_from_this(), error](bool clean) {
      if (!clean) self->root().kill();
      if (self->events_.failed) self->events_.failed(error);
      self->events_ = {};
    });
  }

  void ended(std::optional<int> status) {
    over_ = true;
    root().tidy([self = shared_from_this(), status](bool clean) {
      // Beside what is left nothing else can be run.
      if (!clean) self->root().kill();
      self->origin_.snapshot->reap(self->runner_->number());
      if (status && self->events_.ended) self->events_.ended(*status);
      if (self->events_.cleared) self->events_.cleared();
      self->events_ = {};
    });
  }

  asio::io_context& io_;
  BranchLauncher::Origin origin_;
  LaunchEvents events_;
  std::shared_ptr<RunnerProcess> runner_;
  bool killed_ = false;
  bool over_ = false;
};

class BranchWorker final : public LaunchedWorker {
 public:
  explicit BranchWorker(std::shared_ptr<BranchRun> run) : run_(std::move(run)) {}
  ~BranchWorker() override { run_->abandon(); }
  void interrupt() override { run_->interrupt(); }
  void kill() override { run_->kill(); }
  [[nodiscard]] GroupUse group_use() const override { return run_->root().group_use(); }
  [[nodiscard]] std::vector<pid_t> processes() const override { return run_->processes(); }
  void keep(pid_t number) override { run_->root().keep(number); }
  void limit(pid_t number, std::size_t processes) override {
    run_->root().limit(number, processes);
  }
  void tidy(std::function<void(bool)> done) override { run_->root().tidy(std::move(done)); }

 private:
  std::shared_ptr<BranchRun> run_;
};

protocol::ForkRunner fork_request(const BranchLauncher::Origin& origin,
                                  const LaunchRequest& request) {
  protocol::ForkRunner asked;
  if (!origin.before_first_cell) return asked;
  asked.working_directory = request.working_directory.string();
  for (const auto& variable : request.variables)
    if (std::find(origin.launched_with.begin(), origin.launched_with.end(), variable) ==
        origin.launched_with.end())
      asked.variables.push_back({variable.first, variable.second});
  return asked;
}

}  // namespace

void limit_runner(LaunchedWorker& root, pid_t runner, std::size_t processes) {
  if (const auto number = number_inside(runner)) root.limit(*number, processes + kOwnProcesses);
}

Result<Launched> BranchLauncher::launch(asio::io_context& io, const LaunchRequest& request,
                                        LaunchEvents events) {
  NBREPLAY_TRY(DescriptorPair output, make_pipe());
  NBREPLAY_TRY(DescriptorPair errors, make_pipe());
  NBREPLAY_TRY(DescriptorPair fault, make_pipe());
  NBREPLAY_TRY(DescriptorPair control, make_socket_pair());
  auto run = std::make_shared<BranchRun>(io, origin_, std::move(events));
  const std::array<int, 4> passed = {output.theirs.get(), errors.theirs.get(), control.theirs.get(),
                                     fault.theirs.get()};
  run->start(fork_request(origin_, request), passed);
  return Launched{std::make_unique<BranchWorker>(run), std::move(output.ours),
                  std::move(errors.ours), std::move(control.ours), std::move(fault.ours)};
}

}  // namespace nbreplay::process
