#include "cli/signals.h"

#include <unistd.h>

#include <atomic>
#include <csignal>

namespace nbreplay::cli {
namespace {

// A signal handler can reach nothing else.
std::atomic<StopRequest*> the_stop{nullptr};

void on_signal(int) {
  StopRequest* stop = the_stop.load();
  if (stop == nullptr || stop->requested()) ::_exit(130);
  stop->request(StopRequest::Reason::kInterrupt);
  constexpr char text[] = "\nstopping: keeping the best result so far (Ctrl-C again to quit)\n";
  [[maybe_unused]] const auto ignored = ::write(STDERR_FILENO, text, sizeof text - 1);
}

}  // namespace

void stop_on_signals(StopRequest& stop) {
  the_stop = &stop;
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  action.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &action, nullptr);
}

}  // namespace nbreplay::cli
