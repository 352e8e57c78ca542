// The machine's frame stack: rules tried, fired and called; see machine_impl.h.
#include <fmt/format.h>

#include "rewrite/machine_impl.h"

namespace hky::rewrite {
namespace {

constexpr int kMaxRuleRecursion = 50;  // sendmail: MAXRULERECURSION
constexpr int kMaxRuleLoops = 100;
constexpr int kMaxFirings = 50000;     // ours: rules fired in one evaluation; calls that call themselves twice end here

}  // namespace

void Machine::Impl::error(std::string text) {
  if (trace != nullptr) trace->error(text);
  errors.push_back(std::move(text));
}

std::string Machine::Impl::shown(const std::vector<Tok>& tokens) const {
  std::string out;
  for (Tok t : tokens) {
    out.push_back(' ');
    append_display(out, words.text(t.id), config().names);
  }
  return out;
}

// --- frames

Frame& Machine::Impl::push(int ruleset, int frame_depth, size_t max_atoms) {
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

bool Machine::Impl::enter(Frame& f) {
  if (trace != nullptr) trace->line(fmt::format("{:<16.16}   input:{}", name_of(f), shown(f.work)));
  if (reasons != nullptr) reasons->add(RulesetEntered{name_of(f), plain(f.work)});
  if (f.depth <= kMaxRuleRecursion) return true;
  error(fmt::format("rewrite: excessive recursion (max {}), ruleset {}", kMaxRuleRecursion, name_of(f)));
  leave(RewriteStatus::kConfig);
  return false;
}

std::string Machine::Impl::plain(const std::vector<Tok>& tokens) const {
  std::string s = shown(tokens);
  return s.empty() ? s : s.substr(1);
}

void Machine::Impl::finish(Frame& f) {
  if (trace != nullptr) trace->line(fmt::format("{:<16.16} returns:{}", name_of(f), shown(f.work)));
  if (reasons != nullptr) reasons->add(RulesetReturned{name_of(f), plain(f.work)});
  leave(f.status);
}

void Machine::Impl::leave(RewriteStatus ended) {
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

// --- rules

bool Machine::Impl::step() {
  Frame& f = top();
  switch (f.phase) {
    case Phase::kRules: try_rules(f); return false;
    case Phase::kLookups: return lookups(f);
    case Phase::kAnswer: take_answer(f); return false;
    case Phase::kCalls: next_call(f); return false;
  }
  return false;
}

void Machine::Impl::try_rules(Frame& f) {
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

std::string Machine::Impl::side(const cf::Text& text) {
  scan(scanned, std::u16string_view(text), '\t', program.types, TokenTable::kKeepComments, true);
  std::string out;
  for (Span span : scanned.spans) {
    out.push_back(' ');
    append_display(out, std::u16string_view(scanned.buffer).substr(span.begin, span.length), config().names);
  }
  return out;
}

void Machine::Impl::show_macro(cf::NameId id, const cf::Text* value) {
  std::string name = config().names.display(id);
  if (!name.starts_with('{')) name = "{" + name + "}";
  trace->line(fmt::format("rewrite: RHS $&{} => \"{}\"", name, value == nullptr ? "(NULL)" : to_bytes(*value)));
}

void Machine::Impl::show_rule(const Rule& rule) {
  std::string where = level >= 15 ? fmt::format(" (line {})", rule.line->place.line) : std::string();
  trace->line(fmt::format("-----trying rule{}:{}", where, side(rule.line->lhs)));
}

void Machine::Impl::give_up(Frame& f) {
  error(fmt::format("554 5.3.5 rewrite: more than {} rules fired, ruleset {}", kMaxFirings, name_of(f)));
  result.swap(f.work);
  status = RewriteStatus::kConfig;
  depth = 0;
}

void Machine::Impl::fire(Frame& f, const Rule& rule) {
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

void Machine::Impl::note(Frame& f, Tok t) {
  if (t.id >= kMetaIds) return;
  f.has_lookup = f.has_lookup || t.id == meta_id(cf::kHostBegin) || t.id == meta_id(cf::kLookupBegin);
  f.has_call = f.has_call || t.id == meta_id(cf::kCallSubr);
}

RewriteStatus Machine::Impl::too_long() {
  error("554 5.3.0 rewrite: expansion too long");
  return RewriteStatus::kDataErr;
}

RewriteStatus Machine::Impl::substitute(Frame& f, const Rule& rule) {
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

bool Machine::Impl::insert_macro(Frame& f, cf::NameId id) {
  const cf::Text* value = scope.find(id);
  if (level >= 2) show_macro(id, value);
  if (value == nullptr || value->empty()) return true;
  scan(scanned, std::u16string_view(*value), '\0', program.types, TokenTable::kExternal);
  if (!scanned.errors.empty()) complain_of_scan(to_bytes(*value));
  for (Span span : scanned.spans) f.out.push_back(words.intern(std::u16string_view(scanned.buffer).substr(span.begin, span.length)));
  return !scanned.spans.empty();
}

void Machine::Impl::complain_of_scan(std::string_view text) {
  for (const std::string& e : scanned.errors) {
    size_t code = e.find(' ') + 1;
    if (code < e.size() && e[code] == '5' && e.size() > code + 1 && e[code + 1] == '.') code = e.find(' ', code) + 1;
    error(fmt::format("{}... {}", text, e.substr(code)));
  }
}

// --- calls

void Machine::Impl::find_calls(Frame& f) {
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

void Machine::Impl::refuse_calls(Frame& f, std::string text) {
  error(std::move(text));
  merge(f, RewriteStatus::kConfig);
  f.calls_left = 0;
  commit(f);
}

int Machine::Impl::target_of(Tok name) const {
  if (name.id < program.target_of_word.size() && program.target_of_word[name.id] != kNotAsked) return program.target_of_word[name.id];
  std::string text;
  append_cataddr(text, words, &name, &name + 1, ' ');
  return program.find_ruleset(strip_quotes(text));
}

void Machine::Impl::next_call(Frame& f) {
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

void Machine::Impl::commit(Frame& f) {
  if (level >= 4) trace->line("rewritten as:" + shown(f.out));
  if (reasons != nullptr) reasons->add(rule_reason(f));
  f.work.swap(f.out);
  f.phase = Phase::kRules;
}

RuleFired Machine::Impl::rule_reason(const Frame& f) const {
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

// --- what machine.h promises

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
  m.deferral.clear();
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
const std::string& Machine::deferral() const { return impl_->deferral; }

}  // namespace hky::rewrite
