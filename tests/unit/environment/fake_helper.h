#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "nbreplay/environment/package_tools.h"

#include "fake_machine.h"

namespace nbreplay::test {

/// A machine with interpreters and a helper package that answers as it is told.
class FakeHelper final : public ChildRunner {
 public:
  struct Question {
    std::string command;
    nlohmann::json request;
    ChildCommand child;
  };

  explicit FakeHelper(FakeMachine& machine) : machine_(machine) {
    FakeMachine::write(share() / "python" / "run.py", "");
    std::filesystem::create_directories(share() / "helper");
  }

  Result<ChildResult> run(const ChildCommand& command) override {
    const bool is_helper = command.argv.size() == 5 && command.argv[3] == share() / "python/run.py";
    if (!is_helper) return machine_.run(command);
    const std::string& name = command.argv[4];
    questions.push_back({name, nlohmann::json::parse(command.input), command});
    ChildResult result = next;
    if (const auto answer = answers.find(name); answer != answers.end())
      result.output = answer->second;
    return result;
  }

  /// The answer to a command from now on.
  void answer(const std::string& command, const nlohmann::json& ok) {
    answers[command] = nlohmann::json({{"ok", ok}}).dump();
  }
  void fail(const std::string& command, const std::string& kind, const std::string& message) {
    answers[command] = nlohmann::json({{"error", {{"kind", kind}, {"message", message}}}}).dump();
  }

  [[nodiscard]] Path share() const { return machine_.root() / "share"; }
  [[nodiscard]] PackageToolSettings settings() const {
    PackageToolSettings settings;
    settings.share = share();
    settings.variables = {{"HOME", "/home/somebody"}};
    return settings;
  }
  [[nodiscard]] std::size_t asked(const std::string& command) const {
    std::size_t times = 0;
    for (const Question& question : questions) times += question.command == command ? 1 : 0;
    return times;
  }

  std::vector<Question> questions;
  std::map<std::string, std::string> answers;
  ChildResult next;  ///< How its process ends; `answers` replace its output.

 private:
  FakeMachine& machine_;
};

}  // namespace nbreplay::test
