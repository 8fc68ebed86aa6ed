// Cases 30 to 33, 40 and 41: how a run ended is seen from outside, whatever it says.
#include <gmock/gmock.h>
#include <signal.h>

#include "nbreplay/trial/ending.h"

#include "sandbox/attack_fixture.h"

namespace nbreplay::test {
namespace {

using testing::HasSubstr;

/// Sockets that the notebook did not make: ours.
constexpr const char* kOurSockets = R"(
import struct
def is_socket(fd):
    try:
        return stat.S_ISSOCK(os.fstat(fd).st_mode)
    except OSError:
        return False
ours = [fd for fd in range(3, 64) if is_socket(fd)]
# The end of a cell: completed, without a count, texts, lists or anything observed.
def end_of_cell(position):
    body = struct.pack('<I', position) + bytes(2) + bytes(6 * 4) + b'\0\0'
    return struct.pack('<IB', len(body), 0x45) + body
)";

std::string with_sockets(const std::string& cell) {
  return kOurSockets + cell;
}

void expect_violation(const Answer& ended) {
  EXPECT_TRUE(std::holds_alternative<Killed>(ended.outcome.termination))
      << describe(ended.outcome.termination);
  EXPECT_THAT(ended.outcome.notes, testing::Contains(testing::StartsWith("protocol violation: ")));
  EXPECT_EQ(describe_end(ended.outcome), "protocol violation");
}

TEST_P(Attack, Case30_GarbageOnTheControlSocket) {
  const Answer ended =
      attack(with_sockets("for fd in ours: tried(os.write, fd, b'\\xff' * 4096)\ntime.sleep(600)"));
  expect_violation(ended);
}

TEST_P(Attack, Case30_AForgedEndOfAnotherCell) {
  const Answer ended =
      attack(with_sockets("for fd in ours: tried(os.write, fd, end_of_cell(9))\ntime.sleep(600)"));
  expect_violation(ended);
}

TEST_P(Attack, Case30_AForgedSuccess) {
  const Answer ended =
      attack(with_sockets("for fd in ours: tried(os.write, fd, end_of_cell(1))\nos._exit(5)"));
  ASSERT_TRUE(std::holds_alternative<Exited>(ended.outcome.termination))
      << describe(ended.outcome.termination);
  EXPECT_EQ(std::get<Exited>(ended.outcome.termination).code, 5);
  EXPECT_FALSE(ended.outcome.finished);
}

TEST_P(Attack, Case30_AClosedControlSocket) {
  const Answer ended = attack(with_sockets("os.closerange(1, 64)\ntime.sleep(600)"), hurry);
  EXPECT_EQ(ends(ended.outcome), "completed interrupted");
  EXPECT_FALSE(ended.outcome.finished);
}

TEST_P(Attack, Case30_ACopyOfTheControlSocketInAnotherProcess) {
  const Answer ended =
      attack(with_sockets("copies = [os.dup(fd) for fd in ours]\n"
                          "if os.fork() == 0:\n    os.setsid()\n"
                          "    while True:\n"
                          "        for fd in copies: tried(os.write, fd, end_of_cell(9))\n"
                          "time.sleep(600)"));
  EXPECT_TRUE(std::holds_alternative<Killed>(ended.outcome.termination))
      << describe(ended.outcome.termination);
}

TEST_P(Attack, Case31_AReportOnTheStreams) {
  const Answer ended = attack(R"(
for stream in (sys.stdout, sys.stderr):
    print('Traceback (most recent call last):\n  File "x", line 1\nKeyError: "forged"', file=stream)
    print('{"schema_version": 1, "verdict": "crashed", "cells": []}', file=stream, flush=True)
for fd in (1, 2):
    os.write(fd, bytes([5, 0, 0, 0, 0x45]) + bytes(5))
)");
  EXPECT_EQ(ends(ended.outcome), "completed completed");
  EXPECT_TRUE(ended.outcome.finished) << describe(ended.outcome.termination);
}

TEST_P(Attack, Case32_LeavingEarly) {
  Answer ended = attack("os._exit(0)");
  EXPECT_EQ(ends(ended.outcome), "completed interrupted");
  ASSERT_TRUE(std::holds_alternative<Exited>(ended.outcome.termination));
  EXPECT_EQ(std::get<Exited>(ended.outcome.termination).code, 0);
  EXPECT_EQ(describe_end(ended.outcome), "exited early (code 0)");
  EXPECT_FALSE(ended.outcome.finished);

  ended = attack("sys.exit(0)");
  EXPECT_EQ(ends(ended.outcome), "completed raised");
  EXPECT_EQ(crash_of(ended.outcome, 1).type, "SystemExit");
}

TEST_P(Attack, Case32_Quitting) {
  const Answer ended = attack("quit()", [](Trial& trial) {
    trial.executions.push_back({2, "", "state = None", false});
  });
  EXPECT_EQ(ends(ended.outcome), "completed completed not-reached");
  EXPECT_FALSE(ended.outcome.finished);
  ASSERT_TRUE(std::holds_alternative<Exited>(ended.outcome.termination));
  EXPECT_EQ(std::get<Exited>(ended.outcome.termination).code, 0);
}

TEST_P(Attack, Case32_ExitHandlersWithoutEnd) {
  const Answer ended = attack(
      "import atexit\ndef again():\n    atexit.register(again)\n    time.sleep(600)\n"
      "atexit.register(again)");
  EXPECT_FALSE(ended.outcome.finished);
  EXPECT_TRUE(std::holds_alternative<TimedOut>(ended.outcome.termination))
      << describe(ended.outcome.termination);
}

TEST_P(Attack, Case33_DeathsBySignal) {
  const std::pair<const char*, int> deaths[] = {
      {"ctypes.string_at(0)", SIGSEGV},
      {"libc.abort()", SIGABRT},
      {"libc.div(1, 0)", SIGFPE},
      {"os.kill(os.getpid(), signal.SIGKILL)", SIGKILL},
      {"sys.setrecursionlimit(10 ** 9)\ndef deeper(): return list(map(lambda _: deeper(), [0]))\n"
       "deeper()",
       SIGSEGV},
  };
  for (const auto& [cell, number] : deaths) {
    const Answer ended = attack(cell, [](Trial& trial) { trial.limits.memory = gib(2); });
    expect_signal(ended, number);
    EXPECT_EQ(ends(ended.outcome), "completed interrupted") << cell;
  }
}

TEST_P(Attack, Case40_ReplacedBuiltins) {
  const Answer ended = attack(R"(
import builtins, json, traceback
json.dumps = lambda *_, **__: '{"status": "ok"}'
json.loads = lambda *_, **__: {}
traceback.format_exception = traceback.extract_tb = lambda *_, **__: []
os.fork = lambda: 0
os._exit = os.kill = sys.exit = print
time.time = time.monotonic = lambda: 0.0
sys.excepthook = sys.unraisablehook = None
sys.settrace(lambda *_: None)
sys.setprofile(lambda *_: None)
threading.Thread.start = lambda self: None
builtins.print = builtins.open = builtins.repr = None
get_ipython().run_cell = get_ipython().run_cell_async = lambda *_, **__: None
{}['true end']
)");
  EXPECT_EQ(ends(ended.outcome), "completed raised") << describe(ended.outcome.termination);
  EXPECT_EQ(crash_of(ended.outcome, 1).type, "KeyError");
}

TEST_P(Attack, Case40_NoBuiltinsAtAll) {
  // However it ends, it is no success.
  ends_may_differ_ = true;
  const Answer ended = attack("import builtins\nnames = vars(builtins)\nnames.clear()\n{}[1]");
  EXPECT_FALSE(ended.outcome.finished);
}

TEST_P(Attack, Case41_WritingIntoOurMemory) {
  ends_may_differ_ = true;
  const Answer ended = attack(R"(
libc.memset.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
for line in open('/proc/self/maps').read().splitlines():
    where, access, *_, name = line.split()
    start, end = (int(number, 16) for number in where.split('-'))
    if access.startswith('rw') and os.path.basename(name).startswith('nbreplay-worker'):
        libc.memset(start, 0x41, end - start)
)");
  EXPECT_FALSE(ended.outcome.finished) << describe(ended.outcome.termination);
}

}  // namespace
}  // namespace nbreplay::test
