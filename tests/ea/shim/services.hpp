// Clocks, events, logs, global variables, sockets, SQLite, files, digests.
#pragma once
#include "text.hpp"

#undef SEEK_SET
#undef SEEK_CUR
#undef SEEK_END

namespace mql5 {

const int ERR_SUCCESS = 0;
const int ERR_INTERNAL_ERROR = 4001;
const int ERR_INVALID_PARAMETER = 4003;
const int ERR_FUNCTION_NOT_ALLOWED = 4014;
const int ERR_MARKET_UNKNOWN_SYMBOL = 4301;
const int ERR_HISTORY_NOT_FOUND = 4401;
const int ERR_GLOBALVARIABLE_NOT_FOUND = 4501;
const int ERR_NOTIFICATION_SEND_FAILED = 4515;
const int ERR_NOTIFICATION_TOO_FREQUENT = 4518;
const int ERR_TRADE_DISABLED = 4752;
const int ERR_TRADE_POSITION_NOT_FOUND = 4753;
const int ERR_TRADE_ORDER_NOT_FOUND = 4754;
const int ERR_TRADE_DEAL_NOT_FOUND = 4755;
const int ERR_TRADE_SEND_FAILED = 4756;
const int ERR_FILE_NOT_EXIST = 5019;
const int ERR_CANNOT_OPEN_FILE = 5004;
const int ERR_DATABASE_ERROR = 5601;
const int ERR_DATABASE_NO_MORE_DATA = 5126;
const int ERR_NETSOCKET_INVALIDHANDLE = 5270;
const int ERR_NETSOCKET_TOO_MANY_OPENED = 5271;
const int ERR_NETSOCKET_CANNOT_CONNECT = 5272;
const int ERR_NETSOCKET_IO_ERROR = 5273;
const int ERR_USER_ERROR_FIRST = 65536;

enum ENUM_INIT_RETCODE { INIT_SUCCEEDED = 0, INIT_FAILED = 1, INIT_PARAMETERS_INCORRECT = 32767, INIT_AGENT_NOT_SUITABLE = 32768 };
const int REASON_PROGRAM = 0;
const int REASON_REMOVE = 1;
const int REASON_RECOMPILE = 2;
const int REASON_CHARTCHANGE = 3;
const int REASON_CHARTCLOSE = 4;
const int REASON_PARAMETERS = 5;
const int REASON_ACCOUNT = 6;
const int REASON_TEMPLATE = 7;
const int REASON_INITFAILED = 8;
const int REASON_CLOSE = 9;

int GetLastError();
void ResetLastError();

/// Time of the last quote, server time; it stands still while there are none.
datetime TimeCurrent();
datetime TimeTradeServer();
datetime TimeGMT();
ulong GetTickCount64();
ulong GetMicrosecondCount();
void Sleep(int milliseconds);
bool IsStopped();
bool EventSetMillisecondTimer(int milliseconds);
void EventKillTimer();
long ChartID();
int MathRand();
void MathSrand(int seed);

void printLine(const char* channel, std::initializer_list<FormatArgument> arguments);
template <typename... A> void Print(const A&... arguments) { printLine("print", {FormatArgument(arguments)...}); }
template <typename... A> void Comment(const A&... arguments) { printLine("comment", {FormatArgument(arguments)...}); }
template <typename... A> void PrintFormat(const string& format, const A&... arguments) { Print(StringFormat(format, arguments...)); }
/// A push message to the operator's phone, at most 255 characters; 2 a second and 10 a minute.
bool SendNotification(const string& text);

bool GlobalVariableCheck(const string& name);
double GlobalVariableGet(const string& name);
/// Time of the last change, or 0.
datetime GlobalVariableSet(const string& name, double value);
bool GlobalVariableSetOnCondition(const string& name, double value, double expected);
bool GlobalVariableTemp(const string& name);
bool GlobalVariableDel(const string& name);

const uint SOCKET_DEFAULT = 0;
int SocketCreate(uint flags = SOCKET_DEFAULT);
bool SocketClose(int socket);
/// False with 4014 for an address that is not on the terminal's list of allowed ones.
bool SocketConnect(int socket, const string& host, uint port, uint timeoutMs);
bool SocketIsConnected(int socket);
/// Bytes that can be read; may be a speculative 1 when there is nothing.
uint SocketIsReadable(int socket);
bool SocketIsWritable(int socket);
bool SocketTimeouts(int socket, uint sendMs, uint receiveMs);
/// Blocks until `maxLength` bytes came or `timeoutMs` passed (0: two minutes). Bytes read, or -1.
int SocketRead(int socket, MqlArray<uchar>& buffer, uint maxLength, uint timeoutMs);
int SocketSend(int socket, const MqlArray<uchar>& buffer, uint length);

const uint DATABASE_OPEN_READONLY = 1;
const uint DATABASE_OPEN_READWRITE = 2;
const uint DATABASE_OPEN_CREATE = 4;
const uint DATABASE_OPEN_MEMORY = 128;
const uint DATABASE_OPEN_COMMON = 4096;
enum ENUM_DATABASE_FIELD_TYPE {
  DATABASE_FIELD_TYPE_INVALID = 0,
  DATABASE_FIELD_TYPE_INTEGER = 1,
  DATABASE_FIELD_TYPE_FLOAT = 2,
  DATABASE_FIELD_TYPE_TEXT = 3,
  DATABASE_FIELD_TYPE_BLOB = 4,
  DATABASE_FIELD_TYPE_NULL = 5
};
int DatabaseOpen(const string& file, uint flags);
void DatabaseClose(int database);
bool DatabaseExecute(int database, const string& sql);
int prepareStatement(int database, const string& sql, std::initializer_list<FormatArgument> arguments);
template <typename... A> int DatabasePrepare(int database, const string& sql, const A&... arguments) {
  return prepareStatement(database, sql, {FormatArgument(arguments)...});
}
/// Parameters are counted from 0.
bool bindValue(int request, int index, const FormatArgument& value);
template <typename T> bool DatabaseBind(int request, int index, T value) { return bindValue(request, index, FormatArgument(value)); }
/// Next row; false at the end (5126) and on an error.
bool DatabaseRead(int request);
void DatabaseFinalize(int request);
bool DatabaseColumnInteger(int request, int column, int& value);
bool DatabaseColumnLong(int request, int column, long& value);
bool DatabaseColumnText(int request, int column, string& value);
bool DatabaseTransactionBegin(int database);
bool DatabaseTransactionCommit(int database);
bool DatabaseTransactionRollback(int database);

const int FILE_READ = 1;
const int FILE_WRITE = 2;
const int FILE_BIN = 4;
const int FILE_CSV = 8;
const int FILE_TXT = 16;
const int FILE_ANSI = 32;
const int FILE_UNICODE = 64;
const int FILE_SHARE_READ = 128;
const int FILE_SHARE_WRITE = 256;
const int FILE_REWRITE = 512;
const int FILE_COMMON = 4096;
enum ENUM_FILE_POSITION { SEEK_SET, SEEK_CUR, SEEK_END };
int FileOpen(const string& name, int flags, ushort delimiter = '\t', uint codepage = CP_ACP);
void FileClose(int file);
void FileFlush(int file);
bool FileIsExist(const string& name, int common = 0);
bool FileDelete(const string& name, int common = 0);
uint FileWriteArray(int file, const MqlArray<uchar>& array, int start = 0, int count = WHOLE_ARRAY);
uint FileReadArray(int file, MqlArray<uchar>& array, int start = 0, int count = WHOLE_ARRAY);

enum ENUM_CRYPT_METHOD { CRYPT_HASH_SHA256 };
/// Only CRYPT_HASH_SHA256 exists here. Length of the result, or 0.
int CryptEncode(ENUM_CRYPT_METHOD method, const MqlArray<uchar>& data, const MqlArray<uchar>& key, MqlArray<uchar>& result);

}  // namespace mql5
