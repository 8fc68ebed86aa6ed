#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <string>

namespace nbreplay::test {

/// How many processes have `mark` in their command line.
[[nodiscard]] int processes_with(const std::string& mark);

/// As the kernel names a process, in 15 letters at most; empty when it is gone. Also of processes
/// whose program one may not look at.
[[nodiscard]] std::string name_of(pid_t pid);

/// Waits for it, `limit` at most.
void wait_until(const std::function<bool()>& condition, std::chrono::seconds limit);

/// Whether `pid` is a worker, a frozen copy of one included.
[[nodiscard]] bool is_worker(pid_t pid);

/// Something that stands in no other command line of this machine.
[[nodiscard]] std::string unique_mark();

}  // namespace nbreplay::test
