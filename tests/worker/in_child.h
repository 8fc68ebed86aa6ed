#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <functional>

namespace nbreplay::test {

/// Runs `code` in a forked child; whether it returned true there.
inline bool in_child(const std::function<bool()>& code) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(code() ? 0 : 1);
  int status = 0;
  return ::waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace nbreplay::test
