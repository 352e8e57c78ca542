// What stands behind Machine: the frame stack, and the steps that work on its top frame. Private to rewrite/machine*.cc.
// sendmail: rewrite() is Frame's life, callsubr() is next_call(), map_lookup() and the loop around it lookups().
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rewrite/machine.h"
#include "rewrite/matcher.h"
#include "rewrite/program.h"

namespace hky::rewrite {

constexpr int kMaxCalls = 16;  // sendmail: MAX_SUBR

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
  std::string deferral;
  Frame& top() { return *frames[depth - 1]; }
  const cf::Config& config() const { return *program.config; }
  const std::string& name_of(const Frame& f) const { return config().rulesets[static_cast<size_t>(f.ruleset)].name; }

  void error(std::string text);
  std::string shown(const std::vector<Tok>& tokens) const;

  // --- frames
  Frame& push(int ruleset, int frame_depth, size_t max_atoms);
  // sendmail: rewrite() begins. False: refused, the frame is gone.
  bool enter(Frame& f);
  std::string plain(const std::vector<Tok>& tokens) const;
  void finish(Frame& f);
  // The top frame goes; what it made of its words takes the place of the call.
  void leave(RewriteStatus ended);
  static void merge(Frame& f, RewriteStatus s) {
    if (f.status == RewriteStatus::kOk || s == RewriteStatus::kTempFail) f.status = s;
  }

  // --- rules
  // Works on the top frame until it leaves, calls another, or must ask. True: ask.
  bool step();
  void try_rules(Frame& f);
  // A side of a rule, cut into words as the trace prints them.
  std::string side(const cf::Text& text);
  void show_macro(cf::NameId id, const cf::Text* value);
  void show_rule(const Rule& rule);
  static void next_rule(Frame& f) {
    ++f.rule;
    ++f.rule_number;
    f.loops = 0;
  }
  void give_up(Frame& f);
  void fire(Frame& f, const Rule& rule);
  void note(Frame& f, Tok t);
  RewriteStatus too_long();
  RewriteStatus substitute(Frame& f, const Rule& rule);
  // $&x: the value as it is now, cut into words.
  bool insert_macro(Frame& f, cf::NameId id);
  // sendmail: prescan() says it of the text it stands in ("foo <... Unbalanced '<'"), whatever address is at work.
  void complain_of_scan(std::string_view text);

  // --- maps (machine_lookup.cc)
  // Looks up one $( or $[ after the other, left to right. True: an answer must come from outside.
  bool lookups(Frame& f);
  // Takes the look-up apart; true where `reply` holds the answer already.
  bool begin_lookup(Frame& f, bool host);
  void take_parts(Frame& f, uint32_t at, uint32_t end_id);
  // True where `reply` is known at once.
  bool ask(const maps::MapSpec* spec);
  // sendmail: with DeliveryMode=defer maps marked -D are not asked; ${deliveryMode} says which mode the envelope is in.
  bool deferred_mode() const;
  bool waits_for_run(const maps::MapSpec& spec) const;
  // sendmail: macro_map_lookup(): $(macro {name} $@ value $) sets, without a value unsets; gives nothing.
  void set_macro();
  void take_answer(Frame& f);
  // The default is joined and cut again, as sendmail does: that matters only where a blank is glued with a word's byte,
  // or a token would be cut differently; metasymbols pass as they are.
  bool fallback_needs_scan(const Frame& f) const;
  RewriteStatus keep_range(Frame& f, Range range);
  RewriteStatus rescan_fallback(Frame& f);
  RewriteStatus replace(Frame& f, const std::string& value);
  // The words of `scanned` stand where the look-up stood. sendmail: nothing but blanks or comments is an error.
  RewriteStatus put_scanned(Frame& f, bool may_be_empty);
  // True: there is a value all the same (-T). sendmail: map_lookup().
  bool temp_failure(Frame& f);
  MapAnswered map_reason(bool found) const;

  // --- calls
  // Collects the $> of the replacement; they are made from the last to the first. sendmail: callsubr().
  void find_calls(Frame& f);
  void refuse_calls(Frame& f, std::string text);
  int target_of(Tok name) const;
  void next_call(Frame& f);
  // The replacement is the workspace now.
  void commit(Frame& f);
  RuleFired rule_reason(const Frame& f) const;
};

}  // namespace hky::rewrite
