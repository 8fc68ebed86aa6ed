#pragma once

#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>

namespace nbreplay::process {

/// A descriptor in asio's reactor that leaves it before it is closed.
///
/// asio's own closes it and relies on the kernel to forget it, which the kernel does only once no
/// copy is left (epoll(7), question 6). A child between fork and exec holds copies of all that we
/// have open: events of what was closed meanwhile would come to whatever has taken its place.
class WatchedDescriptor : public boost::asio::posix::stream_descriptor {
 public:
  using boost::asio::posix::stream_descriptor::stream_descriptor;
  WatchedDescriptor(WatchedDescriptor&&) = default;
  WatchedDescriptor& operator=(WatchedDescriptor&&) = delete;
  ~WatchedDescriptor() { shut(); }

  /// Cancels what waits for it, and closes it.
  void shut() {
    if (is_open()) ::close(release());
  }
};

}  // namespace nbreplay::process
