#pragma once

#include <sys/syscall.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <utility>

#include "process/descriptor.h"
#include "process/watched_descriptor.h"

namespace nbreplay::process {

/// A handle of `pid` that becomes readable when the process ends (pidfd_open(2)).
[[nodiscard]] inline Descriptor open_process(pid_t pid) {
  return Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

/// Calls `ended` once, from the io_context, when the process of `handle` has ended by what `over`
/// says. That is asked, without waiting, because a descriptor's readiness may be false: asio hands
/// what came for a descriptor that was closed meanwhile to the next one in its place.
inline void await_end(const std::shared_ptr<WatchedDescriptor>& handle, std::function<bool()> over,
                      std::function<void()> ended) {
  handle->async_wait(WatchedDescriptor::wait_read,
                     [handle, over = std::move(over),
                      ended = std::move(ended)](boost::system::error_code failed) mutable {
                       if (failed) return;
                       if (!over()) return await_end(handle, std::move(over), std::move(ended));
                       handle->shut();
                       ended();
                     });
}

}  // namespace nbreplay::process
