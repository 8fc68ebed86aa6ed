#include "nbreplay/store/sqlite_trial_cache.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include "store/outcome_json.h"

namespace nbreplay {

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};
struct FinishStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using StatementHandle = std::unique_ptr<sqlite3_stmt, FinishStatement>;

namespace {

/// Raise when the meaning of an entry changes: older entries are then not found.
constexpr int kFormatVersion = 1;
/// Another nbreplay may hold the file's lock for a moment.
constexpr int kBusyMilliseconds = 2000;

StatementHandle prepare(sqlite3* database, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(database, sql, -1, &statement, nullptr);
  return StatementHandle(statement);
}

// Not `bind`: for a std::string the compiler would prefer std::bind, which does nothing.
void bind_text(sqlite3_stmt* statement, int place, std::string_view text) {
  sqlite3_bind_text(statement, place, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
}

}  // namespace

struct SqliteTrialCache::Database {
  std::unique_ptr<sqlite3, CloseDatabase> handle;
  StatementHandle find;
  StatementHandle store;
  StatementHandle forget;

  ~Database() {
    find.reset();  // statements go before their database
    store.reset();
    forget.reset();
  }
};

SqliteTrialCache::SqliteTrialCache(std::unique_ptr<Database> database)
    : database_(std::move(database)) {}
SqliteTrialCache::~SqliteTrialCache() = default;

Result<std::unique_ptr<SqliteTrialCache>> SqliteTrialCache::open(const Path& folder,
                                                                 bool only_fresh) {
  const Path file = folder / "trials.sqlite";
  const auto failed = [&](std::string cause) {
    return environment_error(fmt::format("{}: the trial cache cannot be opened", file.string()),
                             std::move(cause),
                             "name another folder with --cache-dir, or delete the file");
  };
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (problem) return failed(problem.message());
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open(file.c_str(), &raw);
  auto database = std::make_unique<Database>();
  database->handle.reset(raw);
  if (opened != SQLITE_OK) return failed(sqlite3_errmsg(raw));
  sqlite3_busy_timeout(raw, kBusyMilliseconds);
  const char* schema =
      "PRAGMA journal_mode = WAL;"
      "PRAGMA synchronous = NORMAL;"
      "CREATE TABLE IF NOT EXISTS trials ("
      "  key TEXT NOT NULL, version INTEGER NOT NULL, origin TEXT NOT NULL,"
      "  outcome TEXT NOT NULL, stored_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,"
      "  PRIMARY KEY (key, version)) WITHOUT ROWID;";
  char* message = nullptr;
  if (sqlite3_exec(raw, schema, nullptr, nullptr, &message) != SQLITE_OK) {
    std::string cause = message != nullptr ? message : "unknown";
    sqlite3_free(message);
    return failed(std::move(cause));
  }
  database->find =
      prepare(raw, only_fresh ? "SELECT outcome FROM trials "
                                "WHERE key = ?1 AND version = ?2 AND origin = 'fresh'"
                              : "SELECT outcome FROM trials WHERE key = ?1 AND version = ?2");
  // What a fresh process showed is worth more than what a forked one does.
  database->store = prepare(raw,
                            "INSERT INTO trials (key, version, origin, outcome) "
                            "VALUES (?1, ?2, ?3, ?4) ON CONFLICT (key, version) DO UPDATE "
                            "SET origin = excluded.origin, outcome = excluded.outcome "
                            "WHERE excluded.origin = 'fresh' OR trials.origin <> 'fresh'");
  database->forget = prepare(raw, "DELETE FROM trials WHERE key = ?1 AND version = ?2");
  if (!database->find || !database->store || !database->forget) return failed(sqlite3_errmsg(raw));
  return std::unique_ptr<SqliteTrialCache>(new SqliteTrialCache(std::move(database)));
}

std::optional<Outcome> SqliteTrialCache::find(const std::string& key) {
  sqlite3_stmt* statement = database_->find.get();
  sqlite3_reset(statement);
  bind_text(statement, 1, key);
  sqlite3_bind_int(statement, 2, kFormatVersion);
  std::optional<Outcome> outcome;
  if (sqlite3_step(statement) == SQLITE_ROW) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    if (text != nullptr) outcome = outcome_from_json(text);
  }
  sqlite3_reset(statement);  // ends the read transaction
  return outcome;
}

void SqliteTrialCache::store(const std::string& key, const Outcome& outcome, Origin origin) {
  sqlite3_stmt* statement = database_->store.get();
  sqlite3_reset(statement);
  bind_text(statement, 1, key);
  sqlite3_bind_int(statement, 2, kFormatVersion);
  bind_text(statement, 3, to_string(origin));
  bind_text(statement, 4, outcome_to_json(outcome));
  sqlite3_step(statement);  // a full disk means no entry: see the class comment
  sqlite3_reset(statement);
}

void SqliteTrialCache::forget(const std::string& key) {
  sqlite3_stmt* statement = database_->forget.get();
  sqlite3_reset(statement);
  bind_text(statement, 1, key);
  sqlite3_bind_int(statement, 2, kFormatVersion);
  sqlite3_step(statement);
  sqlite3_reset(statement);
}

}  // namespace nbreplay
