#include "nbreplay/report/junit.h"

#include <fmt/format.h>

#include "nbreplay/base/utf8.h"

namespace nbreplay {
namespace {

/// Text for an attribute, or for an element's body, where lines stay lines; escape_control leaves
/// only what XML 1.0 may carry.
std::string xml(std::string_view text, bool is_body = false) {
  std::string result;
  for (const char c : escape_control(text)) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\n':
        result += is_body ? "\n" : "&#10;";
        break;
      default:
        result.push_back(c);
    }
  }
  return result;
}

std::string element(std::string_view name, const TestResult& result) {
  std::string body = result.traceback;
  if (!result.cause.empty()) body += "\n\ncause: " + result.cause;
  const std::string where =
      result.failed_ordinal ? fmt::format("cell {}: ", *result.failed_ordinal) : std::string();
  return fmt::format("    <{} message=\"{}\">{}</{}>\n", name, xml(where + result.summary),
                     xml(body, true), name);
}

}  // namespace

std::string junit_xml(const std::vector<TestResult>& results) {
  const TestTotals sum = totals(results);
  double time = 0;
  for (const TestResult& result : results) time += seconds(result.wall);
  std::string text = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites>\n"
      "  <testsuite name=\"nbreplay\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" "
      "time=\"{:.3f}\">\n",
      results.size(), sum.failed, sum.errors, sum.skipped, time);
  for (const TestResult& result : results) {
    text += fmt::format("  <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\">\n",
                        xml(result.notebook.parent_path().string()),
                        xml(result.notebook.filename().string()), seconds(result.wall));
    switch (result.status) {
      case TestStatus::kPassed:
        break;
      case TestStatus::kFailed:
        text += element("failure", result);
        break;
      case TestStatus::kError:
        text += element("error", result);
        break;
      case TestStatus::kSkipped:
        text += fmt::format("    <skipped message=\"{}\"/>\n", xml(result.summary));
        break;
    }
    text += "  </testcase>\n";
  }
  return text + "  </testsuite>\n</testsuites>\n";
}

}  // namespace nbreplay
