#pragma once

namespace nbreplay::launcher {

// What a process gives up for good before it becomes the notebook's, each once and in this order.
// False with errno set.

/// All capabilities, and the way back to any (capabilities(7)).
[[nodiscard]] bool drop_capabilities();

/// Set-user-id programs give nothing (PR_SET_NO_NEW_PRIVS).
[[nodiscard]] bool forbid_new_privileges();

/// A filter (seccomp(2)) that forbids what no data analysis needs and attacks on the kernel or on
/// other processes do: tracing, mounting, namespaces, keys, kernel modules, performance counters,
/// io_uring, terminal injection, sockets other than local and internet ones. Refused calls fail
/// with EPERM, clone3 with ENOSYS (its flags are out of a filter's sight, and the C library then
/// uses clone), sockets with EAFNOSUPPORT. Calls of another architecture kill.
[[nodiscard]] bool filter_system_calls();

}  // namespace nbreplay::launcher
