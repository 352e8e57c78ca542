#include "queue/codec.h"

namespace hky::queue {
namespace {

constexpr uint64_t kHeld = 1, kWarned = 2, kReport = 4, kUnsaid = 8, kListCopy = 16, kEnvid = 32;
constexpr uint64_t kStates = 3, kAnswered = 4;   // of a recipient
constexpr uint64_t kAllFlags = kHeld | kWarned | kReport | kUnsaid | kListCopy | kEnvid;

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}
  void byte(uint8_t b) { out_.push_back(static_cast<char>(b)); }
  void number(uint64_t n) {
    for (; n >= 0x80; n >>= 7) out_.push_back(static_cast<char>(n | 0x80));
    out_.push_back(static_cast<char>(n));
  }
  void signed_number(int64_t n) { number(static_cast<uint64_t>(n) << 1 ^ static_cast<uint64_t>(n >> 63)); }
  void text(std::string_view s) {
    number(s.size());
    out_.append(s);
  }

 private:
  std::string& out_;
};

// After damage everything reads as empty and ok() is false.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  size_t left() const { return rest_.size(); }

  uint8_t byte() {
    if (rest_.empty()) return damaged(), 0;
    auto b = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return b;
  }
  uint64_t number() {
    uint64_t n = 0;
    for (int shift = 0; shift < 64 && ok_; shift += 7) {
      uint8_t b = byte();
      uint64_t bits = b & 0x7fu;
      if (shift == 63 && bits > 1) break;
      n |= bits << shift;
      if (b < 0x80) return ok_ ? n : 0;
    }
    return damaged(), 0;
  }
  // A number with a greatest value: enumerators, flags, 32 bit fields.
  uint64_t number(uint64_t most) {
    uint64_t n = number();
    if (n > most) return damaged(), 0;
    return n;
  }
  int64_t signed_number() {
    uint64_t n = number();
    return static_cast<int64_t>(n >> 1 ^ (~(n & 1) + 1));
  }
  int small() {
    int64_t n = signed_number();
    if (n < INT32_MIN || n > INT32_MAX) return damaged(), 0;
    return static_cast<int>(n);
  }
  std::string text() {
    uint64_t size = number();
    if (size > rest_.size()) return damaged(), std::string();
    std::string s(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return s;
  }
  // How many things of at least `least` bytes follow: never more than could, so that reserving is safe.
  size_t count(size_t least) {
    uint64_t n = number();
    if (n > rest_.size() / least) return damaged(), 0;
    return static_cast<size_t>(n);
  }

 private:
  void damaged() {
    ok_ = false;
    rest_ = {};
  }
  std::string_view rest_;
  bool ok_ = true;
};

void write_rcpt(std::string& out, const Rcpt& rcpt) {
  static const std::string none;
  Writer w(out);
  const bool refused = rcpt.refused_exit != 0;
  for (const std::string* s : {&rcpt.address, refused ? &none : &rcpt.mailer, refused ? &none : &rcpt.host, refused ? &none : &rcpt.user,
                               &rcpt.controlling_user, &rcpt.orcpt, &rcpt.alias_of, &rcpt.final_rcpt, &rcpt.status, &rcpt.last_reply, &rcpt.remote_mta}) {
    w.text(*s);
  }
  w.number(rcpt.notify);
  w.number(static_cast<uint64_t>(rcpt.state) | (rcpt.answered ? kAnswered : 0));
  w.signed_number(rcpt.tries);
  w.signed_number(rcpt.last_try);
  w.number(rcpt.attempts.size());
  for (const Attempt& a : rcpt.attempts) {
    w.signed_number(a.when);
    for (const std::string* s : {&a.relay, &a.status, &a.reply}) w.text(*s);
  }
}

constexpr size_t kLeastRcpt = 15;   // of the oldest version
constexpr size_t kLeastAttempt = 4;

bool known(uint8_t version) { return version >= kOldestVersion && version <= kEnvelopeVersion; }

Rcpt read_rcpt(Reader& r, uint8_t version) {
  Rcpt rcpt;
  for (std::string* s : {&rcpt.address, &rcpt.mailer, &rcpt.host, &rcpt.user, &rcpt.controlling_user, &rcpt.orcpt, &rcpt.alias_of}) *s = r.text();
  if (version >= 3) rcpt.final_rcpt = r.text();
  for (std::string* s : {&rcpt.status, &rcpt.last_reply, &rcpt.remote_mta}) *s = r.text();
  rcpt.notify = static_cast<uint8_t>(r.number(255));
  const uint64_t state = r.number(version >= 3 ? kStates | kAnswered : kStates);
  rcpt.state = static_cast<RcptState>(state & kStates);
  rcpt.answered = (state & kAnswered) != 0;
  rcpt.tries = r.small();
  rcpt.last_try = r.signed_number();
  const size_t attempts = r.count(kLeastAttempt);
  for (size_t i = 0; i < attempts && r.ok(); ++i) {
    Attempt& a = rcpt.attempts.emplace_back();
    a.when = r.signed_number();
    for (std::string* s : {&a.relay, &a.status, &a.reply}) *s = r.text();
  }
  return rcpt;
}

// Everything before the recipients; their number here is known only when they have been laid out.
void write_head(std::string& out, const Envelope& e, uint32_t generation, size_t chunks, size_t rcpts) {
  Writer w(out);
  w.byte(kEnvelopeVersion);
  w.number((e.held ? kHeld : 0) | (e.warning_sent ? kWarned : 0) | (e.is_report ? kReport : 0) | (e.sender_unsaid ? kUnsaid : 0) |
           (e.list_copy ? kListCopy : 0) | (e.envid ? kEnvid : 0));
  w.number(generation);
  w.number(chunks);
  w.number(rcpts);
  const std::string envid = e.envid.value_or("");
  for (const std::string* s : {&e.id, &e.sender, &envid, &e.body_type, &e.message, &e.quarantine_reason, &e.queue_group,
                               &e.auth_sender, &e.body.blob}) {
    w.text(*s);
  }
  w.number(e.body.off);
  w.number(e.body.len);
  w.number(e.size);
  w.number(e.queued_size);
  w.number(static_cast<uint64_t>(e.ret));
  w.number(static_cast<uint64_t>(e.urgency));
  w.number(static_cast<uint8_t>(e.deliver_by_mode));
  w.signed_number(e.created);
  w.signed_number(e.next_try);
  w.signed_number(e.tries);
  w.signed_number(e.priority);
  w.signed_number(e.msg_class);
  w.signed_number(e.hops);
  w.signed_number(e.deliver_by);
  w.number(e.macros.size());
  for (const auto& [name, value] : e.macros) {
    w.text(name);
    w.text(value);
  }
}

struct Head {
  Decoded decoded;
  size_t rcpts = 0;
};

Head read_head(Reader& r, uint8_t version) {
  Head head;
  Envelope& e = head.decoded.envelope;
  uint64_t flags = r.number(kAllFlags);
  e.held = flags & kHeld;
  e.warning_sent = flags & kWarned;
  e.is_report = flags & kReport;
  e.sender_unsaid = flags & kUnsaid;
  e.list_copy = flags & kListCopy;
  head.decoded.generation = static_cast<uint32_t>(r.number(UINT32_MAX));
  head.decoded.chunks = static_cast<uint32_t>(r.number(UINT16_MAX));
  head.rcpts = r.count(kLeastRcpt);
  std::string envid;
  for (std::string* s : {&e.id, &e.sender, &envid, &e.body_type}) *s = r.text();
  if (version >= 3) e.message = r.text();
  for (std::string* s : {&e.quarantine_reason, &e.queue_group, &e.auth_sender, &e.body.blob}) *s = r.text();
  if ((flags & kEnvid) != 0 || !envid.empty()) e.envid = std::move(envid);   // what was written before that flag has it only so
  e.body.off = r.number();
  e.body.len = static_cast<uint32_t>(r.number(UINT32_MAX));
  e.size = r.number();
  e.queued_size = e.collected_size = r.number();
  e.ret = static_cast<Envelope::Ret>(r.number(2));
  e.urgency = static_cast<Envelope::Urgency>(r.number(2));
  e.deliver_by_mode = static_cast<char>(r.number(255));
  e.created = r.signed_number();
  e.next_try = r.signed_number();
  e.tries = r.small();
  e.priority = static_cast<long>(r.signed_number());
  e.msg_class = r.small();
  e.hops = r.small();
  e.deliver_by = r.signed_number();
  size_t macros = r.count(2);
  for (size_t i = 0; i < macros && r.ok(); ++i) {
    std::string name = r.text();
    e.macros.emplace_back(std::move(name), r.text());
  }
  return head;
}

Error unreadable(const char* what) { return temporary_error(std::string("the queue's ") + what + " is not readable"); }

}  // namespace

Result<Encoded> encode(const Envelope& envelope, uint32_t generation) {
  std::string probe;  // the head with its largest counts, to know what is left for recipients
  write_head(probe, envelope, generation, UINT16_MAX, UINT32_MAX);
  if (probe.size() > kChunkBytes) return permanent_error("envelope too large", 552, "5.3.4");
  std::string rcpts, one;
  size_t inlined = 0;
  const auto& all = envelope.rcpts;
  for (; inlined < all.size(); ++inlined) {
    one.clear();
    write_rcpt(one, all[inlined]);
    if (probe.size() + rcpts.size() + one.size() > kChunkBytes) break;
    rcpts += one;
  }
  Encoded out;
  for (size_t i = inlined; i < all.size();) {
    std::string body;
    size_t in_chunk = 0;
    for (; i < all.size(); ++i, ++in_chunk) {
      one.clear();
      write_rcpt(one, all[i]);
      if (one.size() + 16 > kChunkBytes) return permanent_error("recipient too large", 553, "5.1.3");
      if (body.size() + one.size() + 16 > kChunkBytes) break;
      body += one;
    }
    std::string chunk;
    Writer w(chunk);
    w.byte(kEnvelopeVersion);
    w.number(in_chunk);
    out.chunks.push_back(std::move(chunk += body));
  }
  if (out.chunks.size() > kMaxChunks) return permanent_error("too many recipients", 552, "5.5.3");
  out.header.reserve(probe.size() + rcpts.size());
  write_head(out.header, envelope, generation, out.chunks.size(), inlined);
  out.header += rcpts;
  return out;
}

Result<std::string> encode_header(const Envelope& envelope, uint32_t generation, uint32_t chunks) {
  std::string out;
  write_head(out, envelope, generation, chunks, envelope.rcpts.size());
  for (const Rcpt& rcpt : envelope.rcpts) write_rcpt(out, rcpt);
  if (out.size() > kChunkBytes + (12u << 10)) return permanent_error("envelope too large", 552, "5.3.4");
  return out;
}

Result<Decoded> decode(std::string_view header) {
  Reader r(header);
  const uint8_t version = r.byte();
  if (!known(version)) return temporary_error("envelope of version " + std::to_string(version) + ": written by a newer Hikyaku?");
  Head head = read_head(r, version);
  auto& rcpts = head.decoded.envelope.rcpts;
  rcpts.reserve(r.ok() ? head.rcpts : 0);
  for (size_t i = 0; i < head.rcpts && r.ok(); ++i) rcpts.push_back(read_rcpt(r, version));
  if (!r.ok() || !r.at_end()) return unreadable("envelope");
  return std::move(head.decoded);
}

Result<> decode_chunk(std::string_view chunk, std::vector<Rcpt>& into) {
  Reader r(chunk);
  const uint8_t version = r.byte();
  if (!known(version)) return unreadable("recipient list");
  size_t count = r.count(kLeastRcpt);
  std::vector<Rcpt> rcpts;
  for (size_t i = 0; i < count && r.ok(); ++i) rcpts.push_back(read_rcpt(r, version));
  if (!r.ok() || !r.at_end()) return unreadable("recipient list");
  into.insert(into.end(), std::make_move_iterator(rcpts.begin()), std::make_move_iterator(rcpts.end()));
  return {};
}

}  // namespace hky::queue
