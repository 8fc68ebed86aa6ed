#pragma once

#include <memory>

#include "nbreplay/trial/runner.h"

namespace nbreplay::process {

/// Children that nobody waits for, such as downloads of what may be wanted soon. Each leads a
/// process group of its own; those that still run at the end are killed as a whole. What they say
/// is thrown away, and time-outs and caps of their commands do not count.
class BackgroundChildren {
 public:
  BackgroundChildren();
  ~BackgroundChildren();
  BackgroundChildren(const BackgroundChildren&) = delete;
  BackgroundChildren& operator=(const BackgroundChildren&) = delete;

  /// While some run already, it waits until the next call, which puts its own in its place: what
  /// was asked for last is wanted most. A child that cannot be started is left out, since nobody
  /// relies on it.
  void start(ChildCommand command);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nbreplay::process
