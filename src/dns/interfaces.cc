#include "dns/interfaces.h"

#include <fmt/format.h>

#include "dns/files.h"

namespace hky::dns {

std::string plain_address(const std::string& address) {
  constexpr std::string_view kMapped = "::ffff:";
  return address.starts_with(kMapped) ? address.substr(kMapped.size()) : address;
}

net::Task<Interface> Interfaces::find(net::Loop& loop, const NameEnvironment& names, std::string address, bool compressed, int64_t now) {
  Interface out;
  const std::string plain = plain_address(address);
  if (plain.empty()) co_return out;
  Known known = known_[plain];
  if (known.until <= now) {
    const NameOfAddress found = co_await name_of(loop, names, plain);
    known.name = found.status == Status::kOk ? found.name : std::string();
    known.until = now + kRemember;
    known_[plain] = known;
  }
  const std::string shown = shown_address(plain, compressed);
  out.name = known.name.empty() ? fmt::format("[{}]", shown) : known.name;
  if (!plain.starts_with("127.") && plain != "::1") out.addr = shown;
  co_return out;
}

}  // namespace hky::dns
