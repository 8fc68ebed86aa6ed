#include "cli/version_services.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace nbreplay::cli {
namespace {

/// More minors of Python than this are a mistake.
constexpr int kMostMinors = 40;

/// The minor of "3.11".
std::optional<int> minor_number(std::string_view text) {
  if (!text.starts_with("3.")) return std::nullopt;
  int minor = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, failed] = std::from_chars(text.data() + 2, end, minor);
  if (failed != std::errc() || rest != end || minor < 0 || minor > kMostMinors) return std::nullopt;
  return minor;
}

}  // namespace

VersionServices version_services(Session& session,
                                 const std::shared_ptr<const Environment>& environment) {
  const auto package_of = [&session, environment](const std::string& module) {
    EnvironmentRequest request;
    request.imports = {module};
    const auto inference =
        session.packages().infer(request, environment->interpreter, environment->site_packages);
    if (!inference || inference->requirements.size() != 1) return std::string();
    const std::string& requirement = inference->requirements.front();
    return normalised_name(required_name(requirement));
  };
  return {session.releases(), session.editor(), {}, package_of, session.options().build, false};
}

void add_versions_option(CLI::App& app, std::string& when) {
  app.add_option("--versions", when,
                 "Search the releases of a library: auto: when the crash says that something of it "
                 "is missing; always: also when it only happens inside of it; never")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str()
      ->type_name("WHEN");
}

std::optional<VersionServices> version_services(
    Session& session, const std::shared_ptr<const Environment>& environment,
    const std::string& when) {
  if (when == "never") return std::nullopt;
  VersionServices services = version_services(session, environment);
  services.always = when == "always";
  return services;
}

std::vector<Interpreter> usable_interpreters(Session& session) {
  std::vector<Interpreter> usable = session.environments().interpreters();
  std::erase_if(usable, [](const Interpreter& one) { return one.libpython.empty(); });
  return usable;
}

Result<std::vector<std::string>> parse_python_versions(const std::string& text) {
  const auto wrong = [&] {
    return usage_error(fmt::format("'{}' names no versions of Python", text),
                       "write a range such as 3.8..3.12, or a list such as 3.8,3.11");
  };
  std::vector<int> minors;
  if (const std::size_t dots = text.find(".."); dots != std::string::npos) {
    const auto first = minor_number(std::string_view(text).substr(0, dots));
    const auto last = minor_number(std::string_view(text).substr(dots + 2));
    if (!first || !last || *first > *last) return wrong();
    for (int minor = *first; minor <= *last; ++minor) minors.push_back(minor);
  } else {
    for (std::size_t begin = 0; begin <= text.size();) {
      const std::size_t end = std::min(text.find(',', begin), text.size());
      const auto minor = minor_number(std::string_view(text).substr(begin, end - begin));
      if (!minor) return wrong();
      minors.push_back(*minor);
      begin = end + 1;
    }
    std::ranges::sort(minors);
    minors.erase(std::unique(minors.begin(), minors.end()), minors.end());
  }
  if (minors.size() < 2)
    return usage_error(fmt::format("'{}' is one version; comparing takes two", text),
                       "write a range such as 3.8..3.12");
  std::vector<std::string> versions;
  for (const int minor : minors) versions.push_back(fmt::format("3.{}", minor));
  return versions;
}

}  // namespace nbreplay::cli
