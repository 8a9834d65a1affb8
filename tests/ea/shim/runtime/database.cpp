// MQL5's built-in SQLite, over SQLite.
#include <cstdlib>
#include <sqlite3.h>
#include "host.hpp"
#include "paths.hpp"

namespace mql5 {
namespace {

std::vector<sqlite3*> databases;
struct Request {
  sqlite3_stmt* statement = nullptr;
  bool onRow = false;
};
std::vector<Request> requests;

sqlite3* databaseOf(int handle) {
  if (handle < 1 || handle > static_cast<int>(databases.size()) || databases[static_cast<size_t>(handle - 1)] == nullptr) {
    setError(ERR_INVALID_PARAMETER);
    return nullptr;
  }
  return databases[static_cast<size_t>(handle - 1)];
}
Request* requestOf(int handle) {
  if (handle < 1 || handle > static_cast<int>(requests.size()) || requests[static_cast<size_t>(handle - 1)].statement == nullptr) {
    setError(ERR_INVALID_PARAMETER);
    return nullptr;
  }
  return &requests[static_cast<size_t>(handle - 1)];
}
// 5601 is SQLITE_ERROR; the terminal adds SQLite's own code to 5600.
bool failed(int code) {
  setError(5600 + (code & 0xff));
  return false;
}
bool executed(int handle, const char* sql) {
  sqlite3* database = databaseOf(handle);
  if (database == nullptr) return false;
  const int code = sqlite3_exec(database, sql, nullptr, nullptr, nullptr);
  return code == SQLITE_OK || failed(code);
}
sqlite3_stmt* rowOf(int handle, int column) {
  Request* request = requestOf(handle);
  if (request == nullptr) return nullptr;
  if (!request->onRow || column < 0 || column >= sqlite3_column_count(request->statement)) {
    setError(ERR_DATABASE_NO_MORE_DATA);
    return nullptr;
  }
  return request->statement;
}

}  // namespace

int DatabaseOpen(const string& file, uint flags) {
  int mode = (flags & DATABASE_OPEN_READWRITE) || (flags & DATABASE_OPEN_CREATE) ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
  if (flags & DATABASE_OPEN_CREATE) mode |= SQLITE_OPEN_CREATE;
  if (flags & DATABASE_OPEN_MEMORY) mode |= SQLITE_OPEN_MEMORY;
  const std::string path = (flags & DATABASE_OPEN_MEMORY) ? ":memory:" : sandboxPath(file, (flags & DATABASE_OPEN_COMMON) != 0);
  if (path.empty()) { setError(ERR_CANNOT_OPEN_FILE); return INVALID_HANDLE; }
  sqlite3* database = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &database, mode, nullptr);
  if (code != SQLITE_OK) {
    sqlite3_close(database);
    failed(code);
    return INVALID_HANDLE;
  }
  databases.push_back(database);
  return static_cast<int>(databases.size());
}
void DatabaseClose(int handle) {
  sqlite3* database = databaseOf(handle);
  if (database == nullptr) return;
  // Requests that were not finalized are freed with their database.
  for (Request& request : requests)
    if (request.statement != nullptr && sqlite3_db_handle(request.statement) == database) {
      sqlite3_finalize(request.statement);
      request.statement = nullptr;
    }
  sqlite3_close(database);
  databases[static_cast<size_t>(handle - 1)] = nullptr;
}
bool DatabaseExecute(int handle, const string& sql) { return executed(handle, toUtf8(sql).c_str()); }
bool DatabaseTransactionBegin(int handle) { return executed(handle, "BEGIN"); }
bool DatabaseTransactionCommit(int handle) { return executed(handle, "COMMIT"); }
bool DatabaseTransactionRollback(int handle) { return executed(handle, "ROLLBACK"); }
int prepareStatement(int handle, const string& sql, std::initializer_list<FormatArgument> arguments) {
  sqlite3* database = databaseOf(handle);
  if (database == nullptr) return INVALID_HANDLE;
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(database, toUtf8(sql).c_str(), -1, &statement, nullptr);
  if (code != SQLITE_OK || statement == nullptr) { failed(code); return INVALID_HANDLE; }
  Request request;
  request.statement = statement;
  requests.push_back(request);
  const int made = static_cast<int>(requests.size());
  int index = 0;
  for (const FormatArgument& argument : arguments)
    if (!bindValue(made, index++, argument)) { DatabaseFinalize(made); return INVALID_HANDLE; }
  return made;
}
bool bindValue(int handle, int index, const FormatArgument& value) {
  Request* request = requestOf(handle);
  if (request == nullptr) return false;
  int code = SQLITE_OK;
  switch (value.kind) {
    case FormatArgument::text: {
      const std::string text = toUtf8(value.words);
      code = sqlite3_bind_text(request->statement, index + 1, text.c_str(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
      break;
    }
    case FormatArgument::real: code = sqlite3_bind_double(request->statement, index + 1, value.number); break;
    default: code = sqlite3_bind_int64(request->statement, index + 1, value.whole); break;
  }
  return code == SQLITE_OK || failed(code);
}
bool DatabaseRead(int handle) {
  Request* request = requestOf(handle);
  if (request == nullptr) return false;
  const int code = sqlite3_step(request->statement);
  request->onRow = code == SQLITE_ROW;
  if (request->onRow) return true;
  if (code != SQLITE_DONE) return failed(code);
  setError(ERR_DATABASE_NO_MORE_DATA);
  return false;
}
void DatabaseFinalize(int handle) {
  Request* request = requestOf(handle);
  if (request == nullptr) return;
  sqlite3_finalize(request->statement);
  request->statement = nullptr;
}
bool DatabaseColumnInteger(int handle, int column, int& value) {
  sqlite3_stmt* row = rowOf(handle, column);
  if (row != nullptr) value = sqlite3_column_int(row, column);
  return row != nullptr;
}
bool DatabaseColumnLong(int handle, int column, long& value) {
  sqlite3_stmt* row = rowOf(handle, column);
  if (row != nullptr) value = sqlite3_column_int64(row, column);
  return row != nullptr;
}
bool DatabaseColumnText(int handle, int column, string& value) {
  sqlite3_stmt* row = rowOf(handle, column);
  if (row == nullptr) return false;
  const unsigned char* text = sqlite3_column_text(row, column);
  value = text == nullptr ? string() : fromUtf8(std::string(reinterpret_cast<const char*>(text), static_cast<size_t>(sqlite3_column_bytes(row, column))));
  return true;
}

}  // namespace mql5
