// The machine's frame stack; see machine.h.
// sendmail: rewrite() is Frame's life, callsubr() is next_call(), map_lookup() and the loop around it begin_lookup().
#include "base/strings.h"
#include "rewrite/machine.h"

#include <fmt/format.h>

#include "rewrite/matcher.h"
#include "rewrite/program.h"

namespace hky::rewrite {

namespace {

constexpr int kMaxRuleRecursion = 50;  // sendmail: MAXRULERECURSION
constexpr int kMaxRuleLoops = 100;
constexpr int kMaxFirings = 50000;     // ours: rules fired in one evaluation; calls that call themselves twice end here
constexpr int kMaxCalls = 16;          // sendmail: MAX_SUBR
constexpr size_t kMaxMapArgs = 19;     // sendmail: MAX_MAP_ARGS less the key and the end

enum class Phase { kRules, kLookups, kAnswer, kCalls };

struct Range { uint32_t begin = 0, end = 0; };

// One look-up as found in the replacement: $( map key $@ arg $: default $) or $[ key $: default $].
struct Lookup {
  Range whole, key, fallback;
  bool has_fallback = false;
  std::string map, key_text;
  std::vector<std::string> args;
};

struct Call { int ruleset; uint32_t at; };

struct Frame {
  int ruleset = 0, depth = 0, loops = 0, rule_number = 1;
  uint32_t rule = 0, rule_end = 0;
  bool ended = false;  // a rule with $@ fired
  size_t max_atoms = kMaxAtoms;
  RewriteStatus status = RewriteStatus::kOk;
  Phase phase = Phase::kRules;
  std::vector<Tok> work, out;  // sendmail: pvp, npvp
  uint32_t scan_at = 0;        // kLookups: where the search goes on
  bool has_lookup = false, has_call = false;
  int calls_left = 0;
  std::array<Call, kMaxCalls> calls;
  const Rule* fired = nullptr;
};

}  // namespace

struct Machine::Impl {
  Impl(const Program& p, cf::MacroScope& s, maps::MapSet& m, TraceSink* t, Reasons* r)
      : program(p), scope(s), maps(m), trace(t), reasons(r), words(p.types, &p.words), matcher(p, words, s) {}

  const Program& program;
  cf::MacroScope& scope;
  maps::MapSet& maps;
  TraceSink* trace;
  Reasons* reasons;
  WordTable words;
  Matcher matcher;
  std::vector<std::unique_ptr<Frame>> frames;  // the first `depth` are live, the rest is kept for reuse
  size_t depth = 0;
  int firings = 0;
  int level = 0;  // of the trace; 0: nobody looks
  Scan scanned;
  Lookup lookup;
  maps::MapAnswer reply;
  std::vector<Tok> tail;
  std::vector<Tok> result;
  RewriteStatus status = RewriteStatus::kOk;
  std::vector<std::string> errors;

  Frame& top() { return *frames[depth - 1]; }
  const cf::Config& config() const { return *program.config; }
  const std::string& name_of(const Frame& f) const { return config().rulesets[static_cast<size_t>(f.ruleset)].name; }

  void error(std::string text) {
    if (trace != nullptr) trace->error(text);
    errors.push_back(std::move(text));
  }

  std::string shown(const std::vector<Tok>& tokens) const {
    std::string out;
    for (Tok t : tokens) {
      out.push_back(' ');
      append_display(out, words.text(t.id), config().names);
    }
    return out;
  }

  // --- frames

  Frame& push(int ruleset, int frame_depth, size_t max_atoms) {
    if (depth == frames.size()) frames.push_back(std::make_unique<Frame>());
    Frame& f = *frames[depth++];
    f.ruleset = ruleset;
    f.depth = frame_depth;
    f.max_atoms = max_atoms;
    f.loops = 0;
    f.rule_number = 1;
    RuleRange range = program.rulesets[static_cast<size_t>(ruleset)];
    f.rule = range.first;
    f.rule_end = range.first + range.count;
    f.ended = false;
    f.status = RewriteStatus::kOk;
    f.phase = Phase::kRules;
    f.work.clear();
    f.out.clear();
    return f;
  }

  // sendmail: rewrite() begins. False: refused, the frame is gone.
  bool enter(Frame& f) {
    if (trace != nullptr) trace->line(fmt::format("{:<16.16}   input:{}", name_of(f), shown(f.work)));
    if (reasons != nullptr) reasons->add(RulesetEntered{name_of(f), plain(f.work)});
    if (f.depth <= kMaxRuleRecursion) return true;
    error(fmt::format("rewrite: excessive recursion (max {}), ruleset {}", kMaxRuleRecursion, name_of(f)));
    leave(RewriteStatus::kConfig);
    return false;
  }

  std::string plain(const std::vector<Tok>& tokens) const {
    std::string s = shown(tokens);
    return s.empty() ? s : s.substr(1);
  }

  void finish(Frame& f) {
    if (trace != nullptr) trace->line(fmt::format("{:<16.16} returns:{}", name_of(f), shown(f.work)));
    if (reasons != nullptr) reasons->add(RulesetReturned{name_of(f), plain(f.work)});
    leave(f.status);
  }

  // The top frame goes; what it made of its words takes the place of the call.
  void leave(RewriteStatus ended) {
    Frame& f = top();
    --depth;
    if (depth == 0) {
      result.swap(f.work);
      status = ended;
      return;
    }
    Frame& caller = top();
    caller.out.insert(caller.out.end(), f.work.begin(), f.work.end());
    merge(caller, ended);
    // sendmail: callsubr() gives up at a hard error, rewrite() goes on with what is there
    if (ended != RewriteStatus::kOk && ended != RewriteStatus::kTempFail) caller.calls_left = 0;
  }

  static void merge(Frame& f, RewriteStatus s) {
    if (f.status == RewriteStatus::kOk || s == RewriteStatus::kTempFail) f.status = s;
  }

  // --- rules

  // Works on the top frame until it leaves, calls another, or must ask. True: ask.
  bool step() {
    Frame& f = top();
    switch (f.phase) {
      case Phase::kRules: try_rules(f); return false;
      case Phase::kLookups: return lookups(f);
      case Phase::kAnswer: take_answer(f); return false;
      case Phase::kCalls: next_call(f); return false;
    }
    return false;
  }

  void try_rules(Frame& f) {
    uint64_t present = 0;
    for (Tok t : f.work) present |= uint64_t{1} << (t.fold % 64);
    bool canonical = !f.work.empty() && f.work.front().id == meta_id(cf::kCanonNet);
    while (!f.ended && f.rule < f.rule_end && !canonical) {
      const Rule& rule = program.rules[f.rule];
      // sendmail: more than a hundred times the same rule
      if (++f.loops > kMaxRuleLoops) {
        error(fmt::format("554 5.3.5 Infinite loop in ruleset {}, rule {}", name_of(f), f.rule_number));
        break;
      }
      if (level >= 12) show_rule(rule);
      if ((rule.needs & ~present) == 0 && f.work.size() >= rule.min_tokens && f.work.size() <= rule.max_tokens &&
          matcher.match(rule, f.work)) {
        fire(f, rule);
        return;
      }
      if (level >= 10) trace->line("----- rule fails");
      next_rule(f);
    }
    finish(f);
  }

  // A side of a rule, cut into words as the trace prints them.
  std::string side(const cf::Text& text) {
    scan(scanned, std::u16string_view(text), '\t', program.types, TokenTable::kKeepComments, true);
    std::string out;
    for (Span span : scanned.spans) {
      out.push_back(' ');
      append_display(out, std::u16string_view(scanned.buffer).substr(span.begin, span.length), config().names);
    }
    return out;
  }

  void show_macro(cf::NameId id, const cf::Text* value) {
    std::string name = config().names.display(id);
    if (!name.starts_with('{')) name = "{" + name + "}";
    trace->line(fmt::format("rewrite: RHS $&{} => \"{}\"", name, value == nullptr ? "(NULL)" : to_bytes(*value)));
  }

  void show_rule(const Rule& rule) {
    std::string where = level >= 15 ? fmt::format(" (line {})", rule.line->place.line) : std::string();
    trace->line(fmt::format("-----trying rule{}:{}", where, side(rule.line->lhs)));
  }

  static void next_rule(Frame& f) {
    ++f.rule;
    ++f.rule_number;
    f.loops = 0;
  }

  void give_up(Frame& f) {
    error(fmt::format("554 5.3.5 rewrite: more than {} rules fired, ruleset {}", kMaxFirings, name_of(f)));
    result.swap(f.work);
    status = RewriteStatus::kConfig;
    depth = 0;
  }

  void fire(Frame& f, const Rule& rule) {
    if (++firings > kMaxFirings) {
      give_up(f);
      return;
    }
    f.fired = &rule;
    f.out.clear();
    if (level >= 12) trace->line("-----rule matches:" + side(rule.line->rhs));
    f.has_lookup = f.has_call = false;
    RewriteStatus s = substitute(f, rule);
    if (s != RewriteStatus::kOk) {
      leave(s);
      return;
    }
    if (rule.once) next_rule(f);
    if (rule.returns) f.ended = true;
    f.scan_at = 0;
    f.phase = f.has_lookup ? Phase::kLookups : Phase::kCalls;
    if (f.phase == Phase::kCalls) find_calls(f);
  }

  void note(Frame& f, Tok t) {
    if (t.id >= kMetaIds) return;
    f.has_lookup = f.has_lookup || t.id == meta_id(cf::kHostBegin) || t.id == meta_id(cf::kLookupBegin);
    f.has_call = f.has_call || t.id == meta_id(cf::kCallSubr);
  }

  RewriteStatus too_long() {
    error("554 5.3.0 rewrite: expansion too long");
    return RewriteStatus::kDataErr;
  }

  RewriteStatus substitute(Frame& f, const Rule& rule) {
    for (uint32_t i = 0; i < rule.rhs_count; ++i) {
      const Op& op = program.ops[rule.rhs + i];
      if (op.kind == OpKind::kReplace) {
        int n = static_cast<int>(op.arg) - 1;
        if (n < 0 || n >= matcher.count()) {
          error(fmt::format("554 5.3.5 rewrite: ruleset {}: replacement ${} out of bounds", name_of(f), op.arg));
          return RewriteStatus::kConfig;
        }
        const Match& m = matcher.at(n);
        for (uint32_t k = m.begin; k < m.end; ++k) {
          note(f, f.work[k]);
          f.out.push_back(f.work[k]);
        }
      } else if (op.kind == OpKind::kMacro) {
        if (!insert_macro(f, static_cast<cf::NameId>(op.arg))) return RewriteStatus::kDataErr;
      } else {
        f.out.push_back(Tok{op.arg, op.fold});
        note(f, f.out.back());
      }
      if (f.out.size() > f.max_atoms) return too_long();
    }
    return RewriteStatus::kOk;
  }

  // $&x: the value as it is now, cut into words.
  bool insert_macro(Frame& f, cf::NameId id) {
    const cf::Text* value = scope.find(id);
    if (level >= 2) show_macro(id, value);
    if (value == nullptr || value->empty()) return true;
    scan(scanned, std::u16string_view(*value), '\0', program.types, TokenTable::kExternal);
    complain_of_scan([&] { return to_bytes(*value); });
    for (Span span : scanned.spans) f.out.push_back(words.intern(std::u16string_view(scanned.buffer).substr(span.begin, span.length)));
    return !scanned.spans.empty();
  }

  // sendmail: prescan() says it of the text it stands in ("foo <... Unbalanced '<'"), whatever address is at work.
  template <class TextOf>
  void complain_of_scan(TextOf text_of) {
    for (const std::string& e : scanned.errors) {
      size_t code = e.find(' ') + 1;
      if (code < e.size() && e[code] == '5' && e.size() > code + 1 && e[code + 1] == '.') code = e.find(' ', code) + 1;
      error(text_of() + "... " + e.substr(code));
    }
  }

  // --- maps

  // Looks up one $( or $[ after the other, left to right. True: an answer must come from outside.
  bool lookups(Frame& f) {
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

  // Takes the look-up apart; true where `reply` holds the answer already.
  bool begin_lookup(Frame& f, bool host) {
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

  void take_parts(Frame& f, uint32_t at, uint32_t end_id) {
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

  // True where `reply` is known at once.
  bool ask(const maps::MapSpec* spec) {
    reply = maps::MapAnswer{};
    if (spec == nullptr) return true;
    if (spec->defer && deferred_mode()) {
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

  // sendmail: with DeliveryMode=defer maps marked -D are not asked; ${deliveryMode} says which mode the envelope is in.
  bool deferred_mode() const {
    cf::NameId id = 0;
    if (!config().names.find("deliveryMode", id)) return false;
    const cf::Text* mode = scope.find(id);
    return mode != nullptr && *mode == u"d";
  }

  // sendmail: macro_map_lookup(): $(macro {name} $@ value $) sets, without a value unsets; gives nothing.
  void set_macro() {
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

  void take_answer(Frame& f) {
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

  // The default is joined and cut again, as sendmail does: that matters only where a blank is glued with a word's byte,
  // or a token would be cut differently; metasymbols pass as they are.
  bool fallback_needs_scan(const Frame& f) const {
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

  RewriteStatus keep_range(Frame& f, Range range) {
    std::copy(f.out.begin() + range.begin, f.out.begin() + range.end, f.out.begin() + lookup.whole.begin);
    f.out.resize(lookup.whole.begin + (range.end - range.begin));
    return RewriteStatus::kOk;
  }

  RewriteStatus rescan_fallback(Frame& f) {
    cf::Text text;
    bool word_before = false;
    for (uint32_t i = lookup.fallback.begin; i < lookup.fallback.end; ++i) {
      bool word = words.atom(f.out[i].id);
      if (word && word_before) text.push_back(static_cast<unsigned char>(program.types.blank_sub()));
      text += words.text(f.out[i].id);
      word_before = word;
    }
    scan(scanned, std::u16string_view(text), '\0', program.types, TokenTable::kInternal);
    complain_of_scan([&] { return to_bytes(text); });
    return put_scanned(f, text.empty());
  }

  RewriteStatus replace(Frame& f, const std::string& value) {
    scan(scanned, std::string_view(value), '\0', program.types, TokenTable::kExternal);
    complain_of_scan([&] { return value; });
    return put_scanned(f, value.empty());
  }

  // The words of `scanned` stand where the look-up stood. sendmail: nothing but blanks or comments is an error.
  RewriteStatus put_scanned(Frame& f, bool may_be_empty) {
    f.out.resize(lookup.whole.begin);
    if (scanned.spans.empty()) return may_be_empty ? RewriteStatus::kOk : RewriteStatus::kDataErr;
    for (Span span : scanned.spans) f.out.push_back(words.intern(std::u16string_view(scanned.buffer).substr(span.begin, span.length)));
    return f.out.size() > f.max_atoms ? too_long() : RewriteStatus::kOk;
  }

  // True: there is a value all the same (-T). sendmail: map_lookup().
  bool temp_failure(Frame& f) {
    const maps::MapSpec* spec = maps.find(lookup.map);
    if (spec == nullptr) return false;
    if (!spec->no_tempfail) f.status = RewriteStatus::kTempFail;
    if (!spec->has_on_tempfail) return false;
    reply.value = lookup.key_text + spec->on_tempfail;
    return true;
  }

  MapAnswered map_reason(bool found) const {
    MapAnswered m;
    m.map = lookup.map;
    m.key = lookup.key_text;
    m.found = found;
    if (found) m.value = reply.value;
    m.status = reply.status == maps::Status::kOk ? "ok" : reply.status == maps::Status::kTempFail ? "tempfail" : "not found";
    return m;
  }

  // --- calls

  // Collects the $> of the replacement; they are made from the last to the first. sendmail: callsubr().
  void find_calls(Frame& f) {
    f.calls_left = 0;
    if (!f.has_call) {
      commit(f);
      return;
    }
    for (uint32_t i = 0; i + 1 < f.out.size(); ++i) {
      if (f.out[i].id != meta_id(cf::kCallSubr)) continue;
      int target = target_of(f.out[i + 1]);
      if (target == kUnknownRuleset) {
        std::string name;
        append_cataddr(name, words, &f.out[i + 1], &f.out[i + 1] + 1, ' ');
        refuse_calls(f, fmt::format("554 5.3.5 Unknown ruleset {}", strip_quotes(name)));
        return;
      }
      if (target == kEmptyRuleset || program.rulesets[static_cast<size_t>(target)].count == 0) {
        // sendmail: an empty ruleset is not called; what follows its name is not looked at
        f.out.erase(f.out.begin() + i, f.out.begin() + i + 2);
        continue;
      }
      if (f.calls_left + 1 >= kMaxCalls) {
        refuse_calls(f, fmt::format("554 5.3.0 Too many subroutine calls ({} max)", kMaxCalls));
        return;
      }
      f.calls[static_cast<size_t>(f.calls_left++)] = Call{target, i};
    }
    next_call(f);
  }

  void refuse_calls(Frame& f, std::string text) {
    error(std::move(text));
    merge(f, RewriteStatus::kConfig);
    f.calls_left = 0;
    commit(f);
  }

  int target_of(Tok name) const {
    if (name.id < program.target_of_word.size() && program.target_of_word[name.id] != kNotAsked) return program.target_of_word[name.id];
    std::string text;
    append_cataddr(text, words, &name, &name + 1, ' ');
    return program.find_ruleset(strip_quotes(text));
  }

  void next_call(Frame& f) {
    if (f.calls_left == 0) {
      commit(f);
      return;
    }
    Call call = f.calls[static_cast<size_t>(--f.calls_left)];
    f.phase = Phase::kCalls;
    Frame& callee = push(call.ruleset, f.depth + 1, f.max_atoms - std::min<size_t>(call.at, f.max_atoms));
    callee.work.assign(f.out.begin() + call.at + 2, f.out.end());
    f.out.resize(call.at);
    enter(callee);
  }

  // The replacement is the workspace now.
  void commit(Frame& f) {
    if (level >= 4) trace->line("rewritten as:" + shown(f.out));
    if (reasons != nullptr) reasons->add(rule_reason(f));
    f.work.swap(f.out);
    f.phase = Phase::kRules;
  }

  RuleFired rule_reason(const Frame& f) const {
    RuleFired r;
    r.ruleset = name_of(f);
    r.file = f.fired->line->place.file;
    r.line = f.fired->line->place.line;
    append_display(r.lhs, f.fired->line->lhs, config().names);
    append_display(r.rhs, f.fired->line->rhs, config().names);
    r.before = plain(f.work);
    r.after = plain(f.out);
    return r;
  }
};

Machine::Machine(const Program& program, cf::MacroScope& scope, maps::MapSet& maps, TraceSink* trace, Reasons* reasons)
    : impl_(std::make_unique<Impl>(program, scope, maps, trace, reasons)) {}

Machine::~Machine() = default;

void Machine::start(int ruleset_index, Tokens input) {
  Impl& m = *impl_;
  m.depth = 0;
  m.firings = 0;
  m.level = m.trace == nullptr ? 0 : m.trace->level();
  m.status = RewriteStatus::kOk;
  m.result.clear();
  m.errors.clear();
  m.words.clear();
  Frame& f = m.push(ruleset_index, 0, kMaxAtoms);
  for (const Token& t : input)
    if (!t.empty()) f.work.push_back(m.words.intern(t));
  m.enter(f);
}

std::optional<NeedLookup> Machine::run() {
  Impl& m = *impl_;
  while (m.depth > 0)
    if (m.step()) return NeedLookup{m.lookup.map, m.lookup.key_text, m.lookup.args};
  return std::nullopt;
}

void Machine::answer(maps::MapAnswer a) { impl_->reply = std::move(a); }

Tokens Machine::take_result() {
  Tokens out;
  out.reserve(impl_->result.size());
  for (Tok t : impl_->result) out.emplace_back(impl_->words.text(t.id));
  return out;
}

RewriteStatus Machine::status() const { return impl_->status; }
const std::vector<std::string>& Machine::errors() const { return impl_->errors; }

}  // namespace hky::rewrite
