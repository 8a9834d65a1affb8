// MQL5's client sockets over POSIX, with the quirks that bite: SocketRead blocks until the buffer is
// full or its time is over, SocketIsReadable may report a byte that is not there, a send in the event
// that connected fails with 5273, an address off the list of allowed ones gets 4014.
#include <arpa/inet.h>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "host.hpp"

namespace mql5 {
namespace {

const int MAX_SOCKETS = 128;
struct Connection {
  int fd = -1;
  bool open = false;
  bool connected = false;
  long connectedIn = -1;
  uint sendMs = 0;
  uint receiveMs = 0;
  uint asked = 0;
};
Connection connections[MAX_SOCKETS];

Connection* find(int socket) {
  if (socket < 1 || socket > MAX_SOCKETS || !connections[socket - 1].open) {
    setError(ERR_NETSOCKET_INVALIDHANDLE);
    return nullptr;
  }
  return &connections[socket - 1];
}
long nowMs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
bool isAllowed(const std::string& host) {
  const char* listed = std::getenv("MQL_ALLOWED_HOSTS");
  if (listed == nullptr) return true;
  const std::string all = std::string(",") + listed + ",";
  return all.find("," + host + ",") != std::string::npos;
}
void drop(Connection& it) {
  if (it.fd >= 0) ::close(it.fd);
  it.fd = -1;
  it.connected = false;
}
/// Whether the peer has closed and nothing is left to read.
bool isGone(const Connection& it) {
  char byte;
  const ssize_t peeked = ::recv(it.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return peeked == 0 || (peeked < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}
bool waitFor(int fd, short events, long untilMs) {
  for (;;) {
    const long left = untilMs - nowMs();
    pollfd item{fd, events, 0};
    const int ready = ::poll(&item, 1, left < 0 ? 0 : static_cast<int>(left));
    if (ready < 0 && errno == EINTR) continue;
    return ready > 0;
  }
}

}  // namespace

int SocketCreate(uint flags) {
  if (flags != SOCKET_DEFAULT) { setError(ERR_INVALID_PARAMETER); return INVALID_HANDLE; }
  for (int at = 0; at < MAX_SOCKETS; at++) {
    if (connections[at].open) continue;
    connections[at] = Connection();
    connections[at].open = true;
    return at + 1;
  }
  setError(ERR_NETSOCKET_TOO_MANY_OPENED);
  return INVALID_HANDLE;
}
bool SocketClose(int socket) {
  Connection* it = find(socket);
  if (it == nullptr) return false;
  drop(*it);
  it->open = false;
  return true;
}
bool SocketConnect(int socket, const string& host, uint port, uint timeoutMs) {
  Connection* it = find(socket);
  if (it == nullptr) return false;
  const std::string name = toUtf8(host);
  if (!isAllowed(name)) { setError(ERR_FUNCTION_NOT_ALLOWED); return false; }
  drop(*it);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(name.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) { setError(ERR_NETSOCKET_CANNOT_CONNECT); return false; }
  const int fd = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int started = ::connect(fd, found->ai_addr, found->ai_addrlen);
  ::freeaddrinfo(found);
  int failure = started == 0 ? 0 : errno;
  if (started != 0 && failure == EINPROGRESS) {
    socklen_t size = sizeof failure;
    if (!waitFor(fd, POLLOUT, nowMs() + static_cast<long>(timeoutMs))) failure = ETIMEDOUT;
    else ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size);
  }
  if (failure != 0) { ::close(fd); setError(ERR_NETSOCKET_CANNOT_CONNECT); return false; }
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  it->fd = fd;
  it->connected = true;
  it->connectedIn = eventNumber();
  return true;
}
bool SocketIsConnected(int socket) {
  Connection* it = find(socket);
  return it != nullptr && it->connected && !isGone(*it);
}
uint SocketIsReadable(int socket) {
  Connection* it = find(socket);
  if (it == nullptr || !it->connected) return 0;
  int available = 0;
  if (::ioctl(it->fd, FIONREAD, &available) != 0) return 0;
  it->asked++;
  // Every 64th answer is the byte that is not there, which was seen in the field.
  if (available == 0 && it->asked % 64 == 0) return 1;
  return static_cast<uint>(available);
}
bool SocketIsWritable(int socket) {
  Connection* it = find(socket);
  return it != nullptr && it->connected && waitFor(it->fd, POLLOUT, nowMs());
}
bool SocketTimeouts(int socket, uint sendMs, uint receiveMs) {
  Connection* it = find(socket);
  if (it == nullptr) return false;
  it->sendMs = sendMs;
  it->receiveMs = receiveMs;
  return true;
}
int SocketRead(int socket, MqlArray<uchar>& buffer, uint maxLength, uint timeoutMs) {
  Connection* it = find(socket);
  if (it == nullptr) return -1;
  if (!it->connected) { setError(ERR_NETSOCKET_IO_ERROR); return -1; }
  const long until = nowMs() + (timeoutMs == 0 ? 120000L : static_cast<long>(timeoutMs));
  std::vector<uchar> bytes(maxLength);
  uint count = 0;
  while (count < maxLength) {
    const ssize_t got = ::recv(it->fd, bytes.data() + count, maxLength - count, MSG_DONTWAIT);
    if (got > 0) { count += static_cast<uint>(got); continue; }
    if (got < 0 && errno == EINTR) continue;
    if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) {
      it->connected = count > 0 && it->connected;
      break;
    }
    if (!waitFor(it->fd, POLLIN, until)) break;
  }
  if (count == 0) { setError(ERR_NETSOCKET_IO_ERROR); return -1; }
  buffer.resize(static_cast<int>(count), 0);
  for (uint at = 0; at < count; at++) buffer[at] = bytes[at];
  return static_cast<int>(count);
}
int SocketSend(int socket, const MqlArray<uchar>& buffer, uint length) {
  Connection* it = find(socket);
  if (it == nullptr) return -1;
  // A program without a terminal is a script, one event from end to end: the rule is for experts.
  if (!it->connected || (hasHost() && it->connectedIn == eventNumber())) { setError(ERR_NETSOCKET_IO_ERROR); return -1; }
  if (length > static_cast<uint>(buffer.size())) critical("array out of range");
  const long until = nowMs() + (it->sendMs == 0 ? 120000L : static_cast<long>(it->sendMs));
  uint sent = 0;
  while (sent < length) {
    const ssize_t put = ::send(it->fd, buffer.data() + sent, length - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put > 0) { sent += static_cast<uint>(put); continue; }
    if (put < 0 && errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) { it->connected = false; setError(ERR_NETSOCKET_IO_ERROR); return -1; }
    if (!waitFor(it->fd, POLLOUT, until)) break;
  }
  return static_cast<int>(sent);
}

}  // namespace mql5
