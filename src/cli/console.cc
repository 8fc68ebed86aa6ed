#include "cli/console.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <system_error>

namespace nbreplay::cli {
namespace {

bool set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

bool wants_colour(int fd) {
  if (set("NO_COLOR")) return false;
  if (set("FORCE_COLOR")) return true;
  const char* terminal = std::getenv("TERM");
  if (terminal != nullptr && std::string_view(terminal) == "dumb") return false;
  return ::isatty(fd) == 1;
}

std::size_t width_of(int fd) {
  constexpr std::size_t kNarrowest = 60;
  constexpr std::size_t kWidest = 100;
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kWidest;
  return std::clamp<std::size_t>(size.ws_col, kNarrowest, kWidest);
}

bool write(std::FILE* stream, std::string_view text) {
  const bool taken = std::fwrite(text.data(), 1, text.size(), stream) == text.size();
  return std::fflush(stream) == 0 && taken;
}

}  // namespace

Console::Console()
    : data_style_{wants_colour(STDOUT_FILENO), width_of(STDOUT_FILENO)},
      talk_style_{wants_colour(STDERR_FILENO), width_of(STDERR_FILENO)},
      interactive_(::isatty(STDERR_FILENO) == 1) {}

void Console::data(std::string_view text) const {
  if (write(stdout, text) || errno == EPIPE) return;
  const int reason = errno;
  data_written_ = environment_error("the results cannot be written to stdout",
                                    std::generic_category().message(reason),
                                    "write them elsewhere, or make room");
}

void Console::talk(std::string_view text) const {
  if (!quiet_) write(stderr, std::string(text) + "\n");
}

void Console::warning(std::string_view text) const {
  write(stderr,
        fmt::format("{} {}\n", talk_style_.colour ? "\x1b[33mwarning:\x1b[0m" : "warning:", text));
}

void Console::error(const Error& error) const {
  write(stderr, error_text(error, talk_style_));
}

int worse_exit(int a, int b) {
  const auto rank = [](int code) {
    switch (code) {
      case kExitInterrupted:
        return 3;
      case kExitError:
        return 2;
      case kExitBadNews:
        return 1;
      default:
        return 0;
    }
  };
  return rank(a) >= rank(b) ? a : b;
}

}  // namespace nbreplay::cli
