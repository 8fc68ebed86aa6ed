#pragma once

#include "nbreplay/diagnosis/versions.h"

#include "cli/session.h"

namespace nbreplay::cli {

/// What comparing versions of a notebook works with, for which `environment` was found; without
/// interpreters. The session must outlive it.
[[nodiscard]] VersionServices version_services(
    Session& session, const std::shared_ptr<const Environment>& environment);

/// --versions, of commands that find causes: when releases of a library are searched.
void add_versions_option(CLI::App& app, std::string& when);
/// What such a command works with; nothing for "never".
[[nodiscard]] std::optional<VersionServices> version_services(
    Session& session, const std::shared_ptr<const Environment>& environment,
    const std::string& when);

/// Those of this machine with a library to load. Finding them takes a moment.
[[nodiscard]] std::vector<Interpreter> usable_interpreters(Session& session);

/// "3.8..3.11" → 3.8, 3.9, 3.10, 3.11; "3.8,3.12" → both.
[[nodiscard]] Result<std::vector<std::string>> parse_python_versions(const std::string& text);

}  // namespace nbreplay::cli
