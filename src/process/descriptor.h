#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "nbreplay/base/result.h"

namespace nbreplay::process {

/// An owned file descriptor, -1 when empty.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() { reset(); }

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }
  void reset();

 private:
  int fd_ = -1;
};

/// Two connected descriptors, closed on exec.
struct DescriptorPair {
  Descriptor ours;    ///< Non-blocking.
  Descriptor theirs;  ///< Blocking.
};

/// A pipe of which we read, and a stream socket. Errors are kEnvironment (no descriptors left).
[[nodiscard]] Result<DescriptorPair> make_pipe();
[[nodiscard]] Result<DescriptorPair> make_socket_pair();

enum class ReadEnd { kMore, kWouldBlock, kClosed };

/// Appends to `into` what can be read without waiting, at most `cap` bytes. kMore: the cap was
/// reached. kClosed also stands for every read error: nothing more will come.
[[nodiscard]] ReadEnd read_available(int fd, std::string& into, std::size_t cap);

/// Sends all of `bytes`, with descriptors that the receiver gets copies of (SCM_RIGHTS, unix(7)),
/// to a stream socket that is non-blocking and empty: false when it is full or broken.
[[nodiscard]] bool send_with_descriptors(int socket, std::string_view bytes,
                                         std::span<const int> descriptors);

/// How many bytes lie in a pipe or socket now.
[[nodiscard]] std::size_t bytes_waiting(int fd);

}  // namespace nbreplay::process
