// Policy from the options of a configuration.
#include <algorithm>

#include "base/strings.h"
#include "cf/port_options.h"
#include "deliver/deliverer.h"
#include "deliver/host_status.h"
#include "dns/files.h"
#include "queue/groups.h"

namespace hky::deliver {
namespace {

int seconds(std::chrono::seconds t) { return static_cast<int>(std::min<int64_t>(t.count(), 1'000'000'000)); }

Timeouts timeouts_of(const cf::Timeouts& t) {
  Timeouts out;
  out.connect = seconds(t.connect);
  out.initial_connect = seconds(t.iconnect);
  out.all_connects = seconds(t.aconnect);
  out.initial = seconds(t.initial);
  out.helo = seconds(t.helo);
  out.mail = seconds(t.mail);
  out.rcpt = seconds(t.rcpt);
  out.data_init = seconds(t.datainit);
  out.data_block = seconds(t.datablock);
  out.data_final = seconds(t.datafinal);
  out.rset = seconds(t.rset);
  out.quit = seconds(t.quit);
  out.misc = seconds(t.misc);
  out.lhlo = seconds(t.lhlo);
  return out;
}

queue::RetryOptions retry_of(const cf::Config& config) {
  const cf::Options& o = config.options;
  queue::RetryOptions r;
  for (const cf::QueueGroup& group : config.queue_groups)
    if (group.interval > 0) r.group_intervals[queue::stored_name(config, group)] = group.interval;
  const cf::Timeouts& t = o.timeout;
  r.min_queue_age = o.min_queue_age.count();
  r.max_queue_age = o.max_queue_age.count();
  r.queue_return = {t.queuereturn_normal.count(), t.queuereturn_urgent.count(), t.queuereturn_non_urgent.count(), t.queuereturn_dsn.count()};
  r.queue_warn = {t.queuewarn_normal.count(), t.queuewarn_urgent.count(), t.queuewarn_non_urgent.count(), t.queuewarn_dsn.count()};
  return r;
}

// sendmail: setclientoptions(): one of each family, the last of the file.
void take_client_port(const cf::PortOptions& options, Policy& p) {
  ClientPort c;
  c.from.address = cf::port_option(options, 'a');
  const bool v6 = c.from.address.find(':') != std::string::npos || iequals(cf::port_option(options, 'f'), "inet6");
  if (const std::string plain = dns::canonical_address(c.from.address); !plain.empty()) c.from.address = plain;
  if (const std::string port = cf::port_option(options, 'p'); !port.empty()) c.from.port = cf::port_number(port);
  c.from.send_buffer = cf::buffer_size(options, 'S');
  c.from.receive_buffer = cf::buffer_size(options, 'R');
  c.helo_by_interface = cf::port_option(options, 'm').find('h') != std::string::npos;
  (v6 ? p.client6 : p.client) = std::move(c);
}

}  // namespace

Policy policy_from(const cf::Config& config) {
  const cf::Options& o = config.options;
  Policy p;
  p.timeouts = timeouts_of(o.timeout);
  p.retry = retry_of(config);
  p.cache_connections = static_cast<int>(std::clamp<long>(o.connection_cache_size, 0, 1000));
  // sendmail keeps connections only within one queue run or delivery; a daemon that never ends lets an idle one go after
  // a second, so that the next hop is not held up by us (and ConnectionCacheTimeout stays the upper bound).
  p.cache_seconds = std::min(1, seconds(o.connection_cache_timeout));
  p.eight_bit_mode = o.eight_bit_mode;
  p.default_charset = o.default_char_set;
  p.blank_after_cut = o.max_mime_header_length.header > 0 || o.max_mime_header_length.field > 0;
  p.dial_delay = seconds(o.dial_delay);
  p.compressed_ipv6 = o.use_compressed_ipv6_addresses;
  p.double_bounce = o.double_bounce_address;
  p.post_master_copy = o.postmaster_copy;
  p.no_return_body = o.privacy(cf::kPrivNoBodyReturn);
  p.no_actual_rcpt = o.privacy(cf::kPrivNoActualRecipient);
  p.no_receipts = o.privacy(cf::kPrivNoReceipts);
  p.host_status_directory = host_status_directory(o);
  p.host_status_seconds = o.timeout.hoststatus.count();
  // sendmail: SingleThreadDelivery is nothing without HostStatusDirectory.
  p.single_thread = o.single_thread_delivery && !p.host_status_directory.empty();
  if (p.single_thread) p.destination_connections = 1;
  for (const cf::PortOptions& options : o.client_port_options) take_client_port(options, p);
  return p;
}

}  // namespace hky::deliver
