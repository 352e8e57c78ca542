// The machine's look-ups: $( map key $) and $[ host $], asked and answered; see machine_impl.h.
#include <fmt/format.h>

#include "base/strings.h"
#include "rewrite/machine_impl.h"

namespace hky::rewrite {
namespace {

constexpr size_t kMaxMapArgs = 19;  // sendmail: MAX_MAP_ARGS less the key and the end

}  // namespace

bool Machine::Impl::lookups(Frame& f) {
  for (; f.scan_at < f.out.size(); ++f.scan_at) {
    uint32_t id = f.out[f.scan_at].id;
    if (id != meta_id(cf::kHostBegin) && id != meta_id(cf::kLookupBegin)) continue;
    f.phase = Phase::kAnswer;
    return !begin_lookup(f, id == meta_id(cf::kHostBegin));
  }
  f.phase = Phase::kCalls;
  find_calls(f);
  return false;
}

bool Machine::Impl::begin_lookup(Frame& f, bool host) {
  uint32_t at = f.scan_at;
  lookup.whole.begin = at++;
  lookup.args.clear();
  lookup.has_fallback = false;
  if (host) {
    lookup.map = "host";
  } else if (at < f.out.size()) {
    lookup.map.clear();
    append_cataddr(lookup.map, words, &f.out[at], &f.out[at] + 1, ' ');
    ++at;
  } else {
    lookup.map.clear();
    error("554 5.3.0 rewrite: missing mapname");
  }
  lower_in_place(lookup.map);  // sendmail's symbol table is blind to case
  const maps::MapSpec* spec = maps.find(lookup.map);
  if (spec == nullptr) error(fmt::format("554 5.3.0 rewrite: map {} not found", lookup.map));
  take_parts(f, at, host ? meta_id(cf::kHostEnd) : meta_id(cf::kLookupEnd));
  lookup.key_text.clear();
  char space = spec != nullptr && spec->space_sub != '\0' ? spec->space_sub : program.types.blank_sub();
  append_cataddr(lookup.key_text, words, f.out.data() + lookup.key.begin, f.out.data() + lookup.key.end, space);
  return ask(spec);
}

void Machine::Impl::take_parts(Frame& f, uint32_t at, uint32_t end_id) {
  lookup.key = Range{at, at};
  Range part = lookup.key;
  enum { kKey, kArg, kFallback } kind = kKey;
  auto close = [&](uint32_t end) {
    part.end = end;
    if (kind == kKey) lookup.key = part;
    if (kind == kFallback) lookup.fallback = part;
    if (kind == kArg && lookup.args.size() < kMaxMapArgs) {
      lookup.args.emplace_back();
      append_cataddr(lookup.args.back(), words, f.out.data() + part.begin, f.out.data() + part.end, program.types.blank_sub());
    }
  };
  for (; at < f.out.size() && f.out[at].id != end_id; ++at) {
    uint32_t id = f.out[at].id;
    if (id != meta_id(cf::kCanonHost) && id != meta_id(cf::kCanonUser)) continue;
    close(at);
    part.begin = at + 1;
    kind = id == meta_id(cf::kCanonHost) ? kArg : kFallback;
    lookup.has_fallback = lookup.has_fallback || kind == kFallback;
  }
  close(at);
  lookup.whole.end = at < f.out.size() ? at + 1 : at;
}

bool Machine::Impl::ask(const maps::MapSpec* spec) {
  reply = maps::MapAnswer{};
  if (spec == nullptr) return true;
  if (waits_for_run(*spec)) {
    reply.status = maps::Status::kTempFail;
    return true;
  }
  if (!spec->keep_quotes) lookup.key_text = strip_quotes(lookup.key_text);
  if (spec->map_class == "macro") {
    set_macro();
    return true;
  }
  return maps.lookup_now(lookup.map, lookup.key_text, lookup.args, reply);
}

// sendmail: for a deferred envelope $[ $] answers "later" without a question to the name service.
bool Machine::Impl::waits_for_run(const maps::MapSpec& spec) const { return (spec.defer || lookup.map == "host") && deferred_mode(); }

bool Machine::Impl::deferred_mode() const {
  cf::NameId id = 0;
  if (!config().names.find("deliveryMode", id)) return false;
  const cf::Text* mode = scope.find(id);
  return mode != nullptr && *mode == u"d";
}

void Machine::Impl::set_macro() {
  reply.status = maps::Status::kOk;
  reply.value.clear();
  std::string_view name = lookup.key_text;
  if (name.size() > 2 && name.front() == '{') name = name.substr(1, name.find('}') - 1);
  else name = name.substr(0, 1);
  cf::NameId id = 0;
  if (name.empty() || !config().names.find(name, id)) return;  // a name that no rule, header or option speaks of
  if (lookup.args.empty()) scope.unset(id);
  else scope.set(id, std::string_view(lookup.args.front()));
}

void Machine::Impl::take_answer(Frame& f) {
  bool found = reply.status == maps::Status::kOk;
  if (!reply.message.empty()) error(reply.message);  // "x.example: Name server timeout"
  if (reply.status == maps::Status::kTempFail) found = temp_failure(f);
  if (reasons != nullptr) reasons->add(map_reason(found));
  tail.assign(f.out.begin() + lookup.whole.end, f.out.end());
  RewriteStatus s = RewriteStatus::kOk;
  if (found) {
    s = replace(f, reply.value);
  } else if (lookup.has_fallback) {
    s = fallback_needs_scan(f) ? rescan_fallback(f) : keep_range(f, lookup.fallback);
  } else {
    s = keep_range(f, lookup.key);
  }
  if (s != RewriteStatus::kOk) {
    leave(s);
    return;
  }
  f.scan_at = static_cast<uint32_t>(f.out.size());
  f.out.insert(f.out.end(), tail.begin(), tail.end());
  if (f.out.size() > f.max_atoms) {
    leave(too_long());
    return;
  }
  f.phase = Phase::kLookups;
}

bool Machine::Impl::fallback_needs_scan(const Frame& f) const {
  bool word_before = false;
  for (uint32_t i = lookup.fallback.begin; i < lookup.fallback.end; ++i) {
    uint32_t id = f.out[i].id;
    bool word = words.atom(id);
    if (word && word_before && program.types.of(static_cast<unsigned char>(program.types.blank_sub()), TokenTable::kInternal) != kSpc) return true;
    std::u16string_view text = words.text(id);
    if (text.front() == '(' || text.front() == ')' || text.front() == '<' || text.front() == '>' || text.find(u'\\') != text.npos ||
        text.find(u'"') != text.npos)
      return true;
    word_before = word;
  }
  return false;
}

RewriteStatus Machine::Impl::keep_range(Frame& f, Range range) {
  std::copy(f.out.begin() + range.begin, f.out.begin() + range.end, f.out.begin() + lookup.whole.begin);
  f.out.resize(lookup.whole.begin + (range.end - range.begin));
  return RewriteStatus::kOk;
}

RewriteStatus Machine::Impl::rescan_fallback(Frame& f) {
  cf::Text text;
  bool word_before = false;
  for (uint32_t i = lookup.fallback.begin; i < lookup.fallback.end; ++i) {
    bool word = words.atom(f.out[i].id);
    if (word && word_before) text.push_back(static_cast<unsigned char>(program.types.blank_sub()));
    text += words.text(f.out[i].id);
    word_before = word;
  }
  scan(scanned, std::u16string_view(text), '\0', program.types, TokenTable::kInternal);
  if (!scanned.errors.empty()) complain_of_scan(to_bytes(text));
  return put_scanned(f, text.empty());
}

RewriteStatus Machine::Impl::replace(Frame& f, const std::string& value) {
  scan(scanned, std::string_view(value), '\0', program.types, TokenTable::kExternal);
  complain_of_scan(value);
  return put_scanned(f, value.empty());
}

RewriteStatus Machine::Impl::put_scanned(Frame& f, bool may_be_empty) {
  f.out.resize(lookup.whole.begin);
  if (scanned.spans.empty()) return may_be_empty ? RewriteStatus::kOk : RewriteStatus::kDataErr;
  for (Span span : scanned.spans) f.out.push_back(words.intern(std::u16string_view(scanned.buffer).substr(span.begin, span.length)));
  return f.out.size() > f.max_atoms ? too_long() : RewriteStatus::kOk;
}

bool Machine::Impl::temp_failure(Frame& f) {
  const maps::MapSpec* spec = maps.find(lookup.map);
  if (spec == nullptr) return false;
  if (!spec->no_tempfail) f.status = RewriteStatus::kTempFail;
  if (!spec->no_tempfail && !waits_for_run(*spec)) deferral = fmt::format("{:.80} map: lookup ({}): deferred", lookup.map, lookup.key_text);   // sendmail: map_lookup(): e_message
  if (!spec->has_on_tempfail) return false;
  reply.value = lookup.key_text + spec->on_tempfail;
  return true;
}

MapAnswered Machine::Impl::map_reason(bool found) const {
  MapAnswered m;
  m.map = lookup.map;
  m.key = lookup.key_text;
  m.found = found;
  if (found) m.value = reply.value;
  m.status = reply.status == maps::Status::kOk ? "ok" : reply.status == maps::Status::kTempFail ? "tempfail" : "not found";
  return m;
}

}  // namespace hky::rewrite
