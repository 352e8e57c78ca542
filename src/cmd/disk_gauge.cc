#include "cmd/disk_gauge.h"

#include <sys/statvfs.h>

namespace hky::cmd {

receive::DiskSpace DiskGauge::operator()() {
  const MonoTime now = system_clock().mono();
  if (asked_ != MonoTime{} && now - asked_ < std::chrono::seconds(1)) return known_;
  asked_ = now;
  known_ = {INT64_MAX, 1024};
  struct statvfs st {};
  if (::statvfs(folder_.c_str(), &st) != 0) return known_;
  known_.block = static_cast<int64_t>(st.f_frsize);
  known_.bytes = static_cast<int64_t>(st.f_bavail) * known_.block;
  return known_;
}

}  // namespace hky::cmd
