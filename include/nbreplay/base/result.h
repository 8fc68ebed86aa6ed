#pragma once

// Errors of nbreplay itself. A notebook that crashes is data, never an Error: see crash/ and
// trial/. `Result<T>` is boost::system::result with our own error type; it becomes std::expected
// when the project moves to C++23, which is why nothing outside this header names Boost.System.
//
// Propagate with NBREPLAY_TRY:
//
//   Result<Notebook> load(const Path& path) {
//     NBREPLAY_TRY(auto text, read_file(path, kMaxNotebook));
//     return parse(text);
//   }

#include <boost/system/result.hpp>
#include <string>
#include <utility>

namespace nbreplay {

/// What kind of failure this is; decides the exit code and whether trying again can help.
enum class ErrorCode {
  kUsage,        ///< The person asked for something that cannot be: wrong flag, missing file.
  kBadInput,     ///< A file from outside is not what it must be: a broken notebook, a bad CSV.
  kEnvironment,  ///< The machine lacks something: an interpreter, a library, disk space.
  kProtocol,     ///< A child process said something that the protocol does not allow.
  kInternal,     ///< A bug of ours.
};

/// An error that a person can act on. `message` says what is wrong and where (file, JSON path or
/// line); `cause` is the reason underneath, often the system's own words; `hint` is what to do
/// next. Only `message` is never empty.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  std::string cause = {};
  std::string hint = {};
};

template <class T>
using Result = boost::system::result<T, Error>;

/// The result of something that returns nothing when it works.
using Status = Result<void>;

[[nodiscard]] inline Error usage_error(std::string message, std::string hint = {}) {
  return {ErrorCode::kUsage, std::move(message), {}, std::move(hint)};
}
[[nodiscard]] inline Error bad_input(std::string message, std::string cause = {},
                                     std::string hint = {}) {
  return {ErrorCode::kBadInput, std::move(message), std::move(cause), std::move(hint)};
}
[[nodiscard]] inline Error environment_error(std::string message, std::string cause = {},
                                             std::string hint = {}) {
  return {ErrorCode::kEnvironment, std::move(message), std::move(cause), std::move(hint)};
}

/// For boost::system::result, which asks how to throw an Error when value() is called on one.
/// Reaching it is a bug: check before reading.
[[noreturn]] void throw_exception_from_error(const Error& error,
                                             const boost::source_location& where);

}  // namespace nbreplay

#define NBREPLAY_CONCAT_INNER(a, b) a##b
#define NBREPLAY_CONCAT(a, b) NBREPLAY_CONCAT_INNER(a, b)
#define NBREPLAY_TRY_INNER(temporary, declaration, expression) \
  auto&& temporary = (expression);                             \
  if (!temporary) return std::move(temporary).error();         \
  declaration = std::move(*temporary)

/// Declares `declaration` from the value of `expression`, or returns its error.
#define NBREPLAY_TRY(declaration, expression) \
  NBREPLAY_TRY_INNER(NBREPLAY_CONCAT(nbreplay_try_, __LINE__), declaration, expression)

/// Returns the error of a Status, if it holds one.
#define NBREPLAY_TRY_VOID(expression)                            \
  do {                                                           \
    if (auto&& nbreplay_status = (expression); !nbreplay_status) \
      return std::move(nbreplay_status).error();                 \
  } while (false)
