#include <cstdio>
#include <cstdlib>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>
#include "host.hpp"
#include "paths.hpp"

namespace mql5 {

std::string sandboxPath(const string& name, bool common) {
  const char* folder = std::getenv(common ? "MQL_COMMON_FILES" : "MQL_FILES");
  if (folder == nullptr) critical(common ? "MQL_COMMON_FILES is not set" : "MQL_FILES is not set");
  std::string relative = toUtf8(name);
  for (char& unit : relative) if (unit == '\\') unit = '/';
  if (relative.empty() || relative[0] == '/' || relative.find("..") != std::string::npos || relative.find(':') != std::string::npos) return "";
  std::string path = folder;
  ::mkdir(path.c_str(), 0700);
  for (size_t at = 0; at < relative.size(); at++)
    if (relative[at] == '/') ::mkdir((path + "/" + relative.substr(0, at)).c_str(), 0700);
  return path + "/" + relative;
}

namespace {
struct Opened {
  FILE* stream = nullptr;
  int flags = 0;
};
std::vector<Opened> files;
FILE* streamOf(int handle) {
  if (handle < 0 || handle >= static_cast<int>(files.size()) || files[static_cast<size_t>(handle)].stream == nullptr) {
    setError(ERR_INVALID_PARAMETER);
    return nullptr;
  }
  return files[static_cast<size_t>(handle)].stream;
}
}  // namespace

int FileOpen(const string& name, int flags, ushort, uint) {
  const std::string path = sandboxPath(name, (flags & FILE_COMMON) != 0);
  const bool writes = (flags & FILE_WRITE) != 0;
  const bool reads = (flags & FILE_READ) != 0;
  if (path.empty() || (!writes && !reads)) { setError(ERR_CANNOT_OPEN_FILE); return INVALID_HANDLE; }
  const bool exists = ::access(path.c_str(), F_OK) == 0;
  if (!writes && !exists) { setError(ERR_FILE_NOT_EXIST); return INVALID_HANDLE; }
  // Writing alone begins anew; reading and writing keeps what is there.
  FILE* stream = std::fopen(path.c_str(), !writes ? "rb" : reads && exists ? "r+b" : "w+b");
  if (stream == nullptr) { setError(ERR_CANNOT_OPEN_FILE); return INVALID_HANDLE; }
  files.push_back({stream, flags});
  return static_cast<int>(files.size()) - 1;
}
void FileClose(int handle) {
  FILE* stream = streamOf(handle);
  if (stream == nullptr) return;
  std::fclose(stream);
  files[static_cast<size_t>(handle)].stream = nullptr;
}
void FileFlush(int handle) { FILE* stream = streamOf(handle); if (stream != nullptr) std::fflush(stream); }
bool FileIsExist(const string& name, int common) {
  const std::string path = sandboxPath(name, (common & FILE_COMMON) != 0);
  return !path.empty() && ::access(path.c_str(), F_OK) == 0;
}
bool FileDelete(const string& name, int common) {
  const std::string path = sandboxPath(name, (common & FILE_COMMON) != 0);
  return !path.empty() && ::unlink(path.c_str()) == 0;
}
uint FileWriteArray(int handle, const MqlArray<uchar>& array, int start, int count) {
  FILE* stream = streamOf(handle);
  if (stream == nullptr || start < 0 || start > array.size()) return 0;
  int wanted = array.size() - start;
  if (count >= 0 && count < wanted) wanted = count;
  if (wanted == 0) return 0;
  return static_cast<uint>(std::fwrite(array.data() + start, 1, static_cast<size_t>(wanted), stream));
}
uint FileReadArray(int handle, MqlArray<uchar>& array, int start, int count) {
  FILE* stream = streamOf(handle);
  if (stream == nullptr || start < 0) return 0;
  const long here = std::ftell(stream);
  std::fseek(stream, 0, 2);
  const ulong left = static_cast<ulong>(std::ftell(stream) - here);
  std::fseek(stream, here, 0);
  int wanted = count >= 0 && static_cast<ulong>(count) < left ? count : static_cast<int>(left);
  if (start + wanted > array.size() && array.resize(start + wanted, 0) < 0) wanted = array.size() - start;
  if (wanted <= 0) return 0;
  return static_cast<uint>(std::fread(array.data() + start, 1, static_cast<size_t>(wanted), stream));
}

}  // namespace mql5
