#include "nbreplay/crash/crash_type.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "crash/frames.h"
#include "crash/message.h"
#include "crash/relatives.h"
#include "crash/text.h"

namespace nbreplay {
namespace {

/// Crash types that show by the message, whatever the exception. Earlier rows win: the messages
/// of broadcasting speak of shapes too.
struct MessageRule {
  std::string_view crash_type;
  std::string_view part;  // in lower case
};
constexpr std::array kMessageRules = std::to_array<MessageRule>({
    {"feature name mismatch", "feature names should match"},
    {"feature name mismatch", "feature_names mismatch"},
    {"feature name mismatch", "feature names seen at fit time"},
    {"feature name mismatch", "number of features of the model must match"},
    {"out of memory", "out of memory"},
    {"out of memory", "unable to allocate"},
    {"out of memory", "failed to allocate"},
    {"model initialization error", "is not fitted yet"},
    {"model initialization error", "must compile your model"},
    {"model initialization error", "weights for model"},
    {"model initialization error", "attempting to use uninitialized"},
    {"unsupported broadcast", "could not be broadcast"},
    {"unsupported broadcast", "could not broadcast"},
    {"unsupported broadcast", "cannot broadcast"},
    {"unsupported broadcast", "does not match length of index"},
    {"unsupported broadcast", "columns must be same length as key"},
    {"unsupported broadcast", "unable to coerce to series"},
    {"unsupported broadcast", "must have equal len keys"},
    {"tensor shape mismatch", "inconsistent numbers of samples"},
    {"tensor shape mismatch", "found array with dim"},
    {"tensor shape mismatch", "d array, got"},
    {"tensor shape mismatch", "not aligned"},
    {"tensor shape mismatch", "mismatch in its core dimension"},
    {"tensor shape mismatch", "shapes cannot be multiplied"},
    {"tensor shape mismatch", "incompatible with the layer"},
    {"tensor shape mismatch", "incompatible with layer"},
    {"tensor shape mismatch", "incompatible shapes"},
    {"tensor shape mismatch", "cannot reshape"},
    {"tensor shape mismatch", "invalid for input of size"},
    {"tensor shape mismatch", "size mismatch"},
    {"tensor shape mismatch", "shape mismatch"},
    {"tensor shape mismatch", "must match the size of tensor"},
    {"tensor shape mismatch", "sizes of tensors must match"},
    {"tensor shape mismatch", "target size"},
    {"tensor shape mismatch", "must have same first dimension"},
    {"tensor shape mismatch", "must be the same size"},
    {"tensor shape mismatch", "must have the same shape"},
    {"tensor shape mismatch", "all the input array"},
    {"tensor shape mismatch", "inhomogeneous shape"},
    {"tensor shape mismatch", "dimensions must be equal"},
    {"data value violation", "contains nan"},
    {"data value violation", "contains infinity"},
    {"data value violation", "unknown label type"},
    {"data value violation", "inferred unique values of `y`"},
    {"data value violation", "invalid classes inferred"},
    {"data value violation", "least populated class"},
    {"data value violation", "samples of at least 2 classes"},
    {"data value violation", "previously unseen label"},
    {"data value violation", "found unknown categories"},
    {"data value violation", "classification metrics can't handle"},
    {"data value violation", "target is multiclass"},
    {"data value violation", "negative values in data"},
    {"invalid argument", "unexpected keyword argument"},
    {"invalid argument", "got multiple values for"},
    {"invalid argument", "positional argument"},
    {"invalid argument", "required keyword-only argument"},
    {"invalid argument", "got an invalid"},
    {"invalid argument", "object has no property"},
    {"invalid argument", "is not a valid value for"},
    {"invalid argument", "is not a valid package style"},
    {"invalid argument", "invalid parameter"},
    {"invalid argument", "invalid frequency"},
    {"invalid argument", "unrecognized"},
    {"invalid argument", "must be one of"},
    {"io error", "error tokenizing data"},
    {"io error", "no columns to parse from file"},
    {"io error", "cannot identify image file"},
    {"environment error", "shared object file"},
    {"environment error", "dll load failed"},
    {"environment error", "cuda driver"},
    {"environment error", "no kernel image is available"},
    {"environment error", "no display name"},
});

struct TypeRule {
  std::string_view crash_type;
  std::string_view exception;  // this or a relative
};
constexpr std::array kTypeRules = std::to_array<TypeRule>({
    {"module not found", "ImportError"},
    {"request error", "HTTPError"},
    {"request error", "URLError"},
    {"request error", "ConnectionError"},
    {"request error", "TimeoutError"},
    {"request error", "RequestException"},
    {"request error", "SSLError"},
    {"request error", "gaierror"},
    {"request error", "MaxRetryError"},
    {"io error", "JSONDecodeError"},
    {"io error", "UnicodeDecodeError"},
    {"io error", "UnpicklingError"},
    {"io error", "BadZipFile"},
    {"io error", "EOFError"},
    {"io error", "ParserError"},
    {"io error", "EmptyDataError"},
    {"io error", "OSError"},
    {"out of memory", "MemoryError"},
    {"out of memory", "OutOfMemoryError"},
    {"out of memory", "ResourceExhaustedError"},
    {"environment error", "PackageNotFoundError"},
    {"environment error", "DistributionNotFound"},
    {"environment error", "ExecutableNotFound"},
    {"environment error", "TclError"},
    {"model initialization error", "NotFittedError"},
    {"model initialization error", "FailedPreconditionError"},
    {"invalid argument", "InvalidParameterError"},
    {"attribute error", "AttributeError"},
    {"key error", "KeyError"},
    {"index error", "IndexError"},
    {"type error", "TypeError"},
    {"value error", "ValueError"},
    {"runtime error", "RuntimeError"},
});

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return result;
}

/// Whether `code` calls `name`: the word, then "(".
bool calls(std::string_view code, std::string_view name) {
  for (std::size_t at = code.find(name); at != std::string_view::npos;
       at = code.find(name, at + 1)) {
    const bool starts = at == 0 || (!is_word(code[at - 1]) && code[at - 1] != '.');
    if (starts && trimmed(code.substr(at + name.size())).starts_with('(')) return true;
  }
  return false;
}

/// A NameError is of a variable, or of a function or class: of what the failing line calls.
std::string type_of_name_error(const Crash& crash) {
  const std::string message = crash.message.value_or("");
  const std::vector<std::string_view> names = quoted_names(message);
  if (names.empty() || crash.type == "UnboundLocalError") return "variable not found";
  std::string_view code;
  if (crash.statement) code = *crash.statement;
  // Where the name was missed in a function, the statement only calls that function.
  if (const Frame* const frame = crash.innermost_frame();
      frame != nullptr && !frame->text.empty()) {
    code = frame->text;
  }
  return calls(code, names.front()) ? "name error" : "variable not found";
}

/// "X has 4 features, but LogisticRegression is expecting 3 features as input": counts, or names.
bool feature_counts_differ(std::string_view message) {
  return contains(message, " features, but ") && contains(message, "expecting");
}

bool is_in_model_library(const Crash& crash) {
  static constexpr std::array<std::string_view, 9> kLibraries = {
      "sklearn", "xgboost", "lightgbm",    "catboost", "tensorflow",
      "keras",   "torch",   "statsmodels", "imblearn"};
  return std::ranges::any_of(plain_frames(crash), [](const PlainFrame& frame) {
    const std::string_view top = std::string_view(frame.module).substr(0, frame.module.find('.'));
    return std::ranges::find(kLibraries, top) != kLibraries.end();
  });
}

std::optional<std::string> type_by_message(const Crash& crash) {
  if (!crash.message) return std::nullopt;
  const std::string message = lower(std::string_view(*crash.message).substr(0, 4096));
  if (feature_counts_differ(message)) return "feature name mismatch";
  for (const MessageRule& rule : kMessageRules) {
    if (contains(message, rule.part)) return std::string(rule.crash_type);
  }
  // The same words from float() are a cast, from an estimator a constraint on its data.
  if (contains(message, "could not convert string to float") && is_in_model_library(crash)) {
    return "data value violation";
  }
  return std::nullopt;
}

}  // namespace

std::string crash_type(const Crash& crash) {
  if (is_a(crash, "NameError")) return type_of_name_error(crash);
  // These name what they miss; no wording overrules them.
  const bool plain = crash.type == "KeyError" || is_a(crash, "ModuleNotFoundError");
  if (!plain) {
    if (std::optional<std::string> type = type_by_message(crash)) return *type;
  }
  for (const TypeRule& rule : kTypeRules) {
    if (is_a(crash, rule.exception)) return std::string(rule.crash_type);
  }
  return "other";
}

std::string crash_library(const Crash& crash) {
  const std::vector<PlainFrame> frames = plain_frames(crash);
  const auto innermost =
      std::find_if(frames.rbegin(), frames.rend(), [](const PlainFrame& f) { return f.library; });
  // Code of the notebook below it (a callback) raised, not the library.
  const auto own = std::find_if(frames.rbegin(), frames.rend(),
                                [](const PlainFrame& f) { return f.in_notebook; });
  if (innermost == frames.rend() || own < innermost) return {};
  return innermost->module.substr(0, innermost->module.find('.'));
}

}  // namespace nbreplay
