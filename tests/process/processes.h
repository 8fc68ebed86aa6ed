#pragma once

#include <sys/types.h>

#include <string>

namespace nbreplay::test {

/// How many processes have `mark` in their command line.
[[nodiscard]] int processes_with(const std::string& mark);

/// Whether `pid` is a worker, a frozen copy of one included.
[[nodiscard]] bool is_worker(pid_t pid);

/// Something that stands in no other command line of this machine.
[[nodiscard]] std::string unique_mark();

}  // namespace nbreplay::test
