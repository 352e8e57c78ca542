// DnsHostFinder: the hosts of a destination from MX records, as sendmail finds them. (deliver.c, domain.c getmxrr();
// RFC 5321 5.1, RFC 7505.)
#pragma once

#include "deliver/smtp_pool.h"

namespace hky::deliver {

class DnsHostFinder : public HostFinder {
 public:
  explicit DnsHostFinder(Services& services) : s_(services) {}
  net::Task<HostList> hosts(std::string host, const cf::Mailer& mailer, const Settings& settings) override;
  net::Task<HostList> addresses(std::string name, const Settings& settings) override;

 private:
  Services& s_;
};

}  // namespace hky::deliver
