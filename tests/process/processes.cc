#include "process/processes.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace nbreplay::test {

int processes_with(const std::string& mark) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    if (name == std::to_string(::getpid())) continue;
    std::ifstream file(entry.path() / "cmdline", std::ios::binary);
    // Through the stream, which takes it that a process may be gone half-way; iterators throw.
    std::ostringstream line;
    line << file.rdbuf();
    if (line.str().find(mark) != std::string::npos) ++count;
  }
  return count;
}

std::string name_of(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/comm", pid));
  std::string name;
  std::getline(file, name);
  return name;
}

void wait_until(const std::function<bool()>& condition, std::chrono::seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!condition() && std::chrono::steady_clock::now() < deadline) ::usleep(10'000);
}

bool is_worker(pid_t pid) {
  std::error_code failed;
  const auto program = std::filesystem::read_symlink(fmt::format("/proc/{}/exe", pid), failed);
  return program.filename() == "nbreplay-worker";
}

std::string unique_mark() {
  static int number = 0;
  return fmt::format("nbreplay-test-mark-{}-{}", ::getpid(), ++number);
}

}  // namespace nbreplay::test
