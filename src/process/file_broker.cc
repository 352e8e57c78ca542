#include "process/file_broker.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace hky::process {
namespace {

constexpr size_t kMaxPath = 4096;

// One byte (0, or the errno) and with it, on success, the descriptor.
bool send_answer(int to, int file, int error) {
  char byte = static_cast<char>(error);
  iovec part{&byte, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> room{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (file >= 0) {
    message.msg_control = room.data();
    message.msg_controllen = room.size();
    cmsghdr* head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(head), &file, sizeof file);
  }
  return ::sendmsg(to, &message, MSG_NOSIGNAL) == 1;
}

int receive_answer(int from, int& error) {
  char byte = 0;
  iovec part{&byte, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> room{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = room.data();
  message.msg_controllen = room.size();
  ssize_t n = 0;
  do n = ::recvmsg(from, &message, MSG_CMSG_CLOEXEC);
  while (n < 0 && errno == EINTR);
  error = n == 1 ? static_cast<unsigned char>(byte) : EPIPE;
  int file = -1;
  const cmsghdr* head = n == 1 ? CMSG_FIRSTHDR(&message) : nullptr;
  if (head != nullptr && head->cmsg_type == SCM_RIGHTS) std::memcpy(&file, CMSG_DATA(head), sizeof file);
  return file;
}

int open_allowed(const std::string& path, const std::vector<std::string>& directories, int& error) {
  const std::string directory = path.substr(0, path.rfind('/'));
  error = EACCES;
  if (path.find("/../") != std::string::npos) return -1;
  if (std::find(directories.begin(), directories.end(), directory) == directories.end()) return -1;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    error = errno;
    return -1;
  }
  struct stat st {};
  if (::fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
    ::close(fd);
    return -1;
  }
  error = 0;
  return fd;
}

}  // namespace

Result<int> FileBroker::ask(const std::string& path) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (path.size() > kMaxPath) return errno_error(ENAMETOOLONG, "open " + path);
  if (::send(fd_, path.data(), path.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(path.size())) return errno_error(errno, "open " + path);
  int error = 0;
  const int file = receive_answer(fd_, error);
  if (file < 0) return errno_error(error != 0 ? error : EACCES, "open " + path);
  return file;
}

void serve_files(int fd, const std::vector<std::string>& directories) {
  std::string path(kMaxPath + 1, '\0');
  while (true) {
    const ssize_t n = ::recv(fd, path.data(), path.size(), 0);  // SOCK_SEQPACKET: one path a packet
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    int error = 0;
    const int file = open_allowed(path.substr(0, static_cast<size_t>(n)), directories, error);
    const bool sent = send_answer(fd, file, error);
    if (file >= 0) ::close(file);
    if (!sent) return;
  }
}

}  // namespace hky::process
