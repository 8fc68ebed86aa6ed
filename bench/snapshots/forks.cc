#include "forks.h"

#include <boost/asio/io_context.hpp>
#include <utility>
#include <variant>

#include "process/branch_launcher.h"
#include "process/worker_connection.h"
#include "process/worker_request.h"
#include "process/workspace_pool.h"

namespace nbreplay::bench {
namespace {

using namespace process;
namespace asio = boost::asio;

constexpr auto kPatience = std::chrono::minutes(2);

/// A worker, and what it said last.
struct Worker {
  std::shared_ptr<WorkerConnection> connection;
  std::optional<protocol::Message> said;
  bool ended = false;
};

class Forks {
 public:
  Forks(const Stage& stage, const Trial& trial)
      : settings_(stage.settings()),
        launcher_(settings_.installation.launcher),
        space_(or_fail(pool_.acquire(trial.project))) {
    const SessionContext context{io_, launcher_, settings_};
    request_ = or_fail(launch_request(context, trial, *space_));
    root_ = open(launcher_);
    root_->connection->send(configure_request(context, trial));
    expect<protocol::Ready>(*root_);
    snapshot_ = freeze(*root_);
  }

  void execute(const Prefix& prefix) {
    std::unique_ptr<Worker> runner;
    for (const std::string& cell : prefix.cells) {
      if (!runner) runner = fork();
      run(*runner, cell);
      earlier_.push_back(std::exchange(snapshot_, freeze(*runner)));
      if (prefix.forked_after_each) finish(*std::exchange(runner, nullptr));
    }
    if (runner) finish(*runner);
  }

  double time_one() {
    const auto start = std::chrono::steady_clock::now();
    const auto runner = fork();
    run(*runner, "number = 1");
    finish(*runner);
    return Milliseconds(std::chrono::steady_clock::now() - start).count();
  }

  void close() {
    snapshot_.reset();
    earlier_.clear();
    root_->connection->kill();
    wait_until([&] { return root_->ended; });
  }

 private:
  std::unique_ptr<Worker> open(Launcher& launcher) {
    auto worker = std::make_unique<Worker>();
    Worker& made = *worker;
    ConnectionEvents events;
    events.message = [&made](protocol::Message message) { made.said = std::move(message); };
    events.violation = [](const std::string& why) { fail(why); };
    events.ended = [&made](const WorkerEnd&) { made.ended = true; };
    made.connection = or_fail(WorkerConnection::open(io_, launcher, request_, std::move(events)));
    return worker;
  }

  std::unique_ptr<Worker> fork() {
    branch_ = std::make_unique<BranchLauncher>(BranchLauncher::Origin{
        snapshot_, root_->connection, [] { return std::vector<pid_t>(); }, false, {}});
    auto runner = open(*branch_);
    expect<protocol::Ready>(*runner);
    return runner;
  }

  void run(Worker& worker, const std::string& source) {
    protocol::RunCell run;
    run.position = position_++;
    run.source = source;
    worker.connection->send(run);
    const auto done = expect<protocol::CellDone>(worker);
    if (done.status != protocol::CellStatus::kCompleted) fail("a cell did not complete");
  }

  std::shared_ptr<Snapshot> freeze(Worker& worker) {
    DescriptorPair pair = or_fail(make_socket_pair());
    if (!worker.connection->send(protocol::TakeSnapshot{}, pair.theirs.get()))
      fail("no snapshot can be asked for");
    const auto reply = expect<protocol::SnapshotReply>(worker);
    if (reply.pid == 0) fail("no snapshot: " + reply.hazards.front());
    // The launcher tells only some time after the fork which process the worker is.
    wait_until([&] { return worker.connection->pid() != 0; });
    auto snapshot =
        or_fail(Snapshot::take(io_, reply.pid, worker.connection->pid(), std::move(pair.ours)));
    root_->connection->worker().keep(reply.pid);
    return snapshot;
  }

  void finish(Worker& worker) {
    worker.connection->send(protocol::Finish{});
    wait_until([&] { return worker.ended; });
  }

  template <typename Message>
  Message expect(Worker& worker) {
    for (;;) {
      wait_until([&] { return worker.said || worker.ended; });
      if (!worker.said) fail("a worker ended too early");
      const protocol::Message said = std::move(*std::exchange(worker.said, std::nullopt));
      if (const auto* wanted = std::get_if<Message>(&said)) return *wanted;
      if (std::holds_alternative<protocol::Output>(said) ||
          std::holds_alternative<protocol::Sync>(said))
        worker.connection->send(protocol::Proceed{});
      else if (!std::holds_alternative<protocol::Note>(said))
        fail("a worker said something else than was expected");
    }
  }

  template <typename Condition>
  void wait_until(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) fail("a worker does not answer");
      io_.restart();
      io_.run_one_for(std::chrono::seconds(1));
    }
  }

  asio::io_context io_;
  RunnerSettings settings_;
  GroupLauncher launcher_;
  WorkspacePool pool_{settings_};
  std::unique_ptr<FileSpace> space_;
  LaunchRequest request_;
  std::unique_ptr<BranchLauncher> branch_;
  std::unique_ptr<Worker> root_;
  std::shared_ptr<Snapshot> snapshot_;
  std::vector<std::shared_ptr<Snapshot>> earlier_;
  std::uint32_t position_ = 0;
};

}  // namespace

std::vector<double> time_forks(const Stage& stage, const Prefix& prefix, std::size_t count) {
  Forks forks(stage, stage.trial(prefix.cells));
  forks.execute(prefix);
  std::vector<double> times;
  for (std::size_t number = 0; number < count; ++number) times.push_back(forks.time_one());
  forks.close();
  return times;
}

}  // namespace nbreplay::bench
