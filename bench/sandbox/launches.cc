#include "launches.h"

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <utility>

#include "process/broker.h"
#include "process/launcher.h"
#include "process/sandbox_spec.h"

namespace nbreplay::bench {
namespace {

using namespace process;
using Clock = std::chrono::steady_clock;

/// One launcher with a program that waits for its end, in or out of a sandbox.
class Launch {
 public:
  Launch(const Stage& stage, bool sandboxed) {
    RunnerSettings settings = stage.settings();
    settings.sandbox.emplace();
    GroupLauncher launcher(settings.installation.launcher);
    LaunchRequest request;
    request.argv = {"/bin/sleep", "600"};
    request.working_directory = "/tmp";
    request.confined = sandboxed;
    Descriptor theirs;
    if (sandboxed) {
      request.sandbox = sandbox_spec(settings, stage.trial({"1"}), {});
      auto made = or_fail(Broker::make());
      broker_.emplace(std::move(made.first));
      theirs = std::move(made.second);
      request.broker = theirs.get();
    }
    bool started = false;
    LaunchEvents events;
    events.started = [&](pid_t) { started = true; };
    events.failed = [](const Error& error) { fail(error.message + ": " + error.cause); };
    events.cleared = [this] { cleared_ = true; };
    const auto start = Clock::now();
    launched_.emplace(or_fail(launcher.launch(io_, request, std::move(events))));
    while (!started) turn();
    took_ = Milliseconds(Clock::now() - start).count();
  }
  ~Launch() {
    launched_->worker->kill();
    while (!cleared_) turn();
  }
  Launch(const Launch&) = delete;
  Launch& operator=(const Launch&) = delete;

  [[nodiscard]] double took() const { return took_; }
  [[nodiscard]] Broker& broker() { return *broker_; }

 private:
  void turn() {
    io_.restart();
    if (io_.run_one_for(std::chrono::seconds(20)) == 0) fail("a launcher does not answer");
  }

  boost::asio::io_context io_;
  std::optional<Broker> broker_;
  std::optional<Launched> launched_;
  bool cleared_ = false;
  double took_ = 0;
};

}  // namespace

LaunchTimes time_launches(const Stage& stage, std::size_t count) {
  LaunchTimes times;
  for (std::size_t number = 0; number < count; ++number) {
    times.open.push_back(Launch(stage, false).took());
    times.sandboxed.push_back(Launch(stage, true).took());
  }
  return times;
}

std::vector<double> time_views(const Stage& stage, std::size_t deepest) {
  Launch launch(stage, true);
  std::vector<double> times;
  std::vector<std::uint32_t> chain = {0};
  while (chain.size() <= deepest) {
    chain.push_back(static_cast<std::uint32_t>(chain.size()));
    const auto start = Clock::now();
    const Descriptor shown = or_fail(launch.broker().show(0, chain));
    times.push_back(Milliseconds(Clock::now() - start).count());
  }
  return times;
}

}  // namespace nbreplay::bench
