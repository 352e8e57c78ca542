// Program: the rules of one Config, compiled: words interned, sides flat in one vector, classes prepared for matching.
// Made by compile(), read by Machine; immutable.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "cf/config.h"
#include "rewrite/machine.h"
#include "rewrite/words.h"

namespace hky::rewrite {

enum class OpKind : uint8_t {
  kWord,      // LHS: this word, case folded; RHS: this word
  kZeroAny, kAny, kOne, kZero,
  kClass, kNotClass,  // arg: index into classes
  kMacro,     // $&x, arg: NameId
  kReplace,   // RHS $1..$9, arg: 1..9
};

struct Op { OpKind kind; uint32_t arg; uint32_t fold; };

struct Rule {
  uint32_t lhs = 0, lhs_count = 0, rhs = 0, rhs_count = 0;  // into Program::ops
  bool once = false;       // RHS began with $: (gone from rhs)
  bool returns = false;    // RHS began with $@ (gone from rhs)
  uint64_t needs = 0;      // a bit for each word the LHS names: fold % 64
  uint32_t min_tokens = 0, max_tokens = 0;
  const cf::RuleLine* line = nullptr;
};

// A class as a matcher sees it. What a class holds is asked of Config; this only says "no" early.
struct ClassView {
  cf::NameId id = 0;
  std::vector<uint64_t> first;  // bit per fold: some word of the class begins with this token
  bool filter = true;           // false: `first` cannot be relied on (odd words)
  uint32_t max_tokens = 0;      // of any word in the class
  bool may_begin(uint32_t fold) const {
    if (!filter) return true;
    return fold / 64 < first.size() && (first[fold / 64] >> (fold % 64) & 1) != 0;
  }
};

struct RuleRange { uint32_t first = 0, count = 0; };

inline constexpr int kUnknownRuleset = -1;
inline constexpr int kEmptyRuleset = -2;

class Program {
 public:
  explicit Program(std::shared_ptr<const cf::Config> c) : config(std::move(c)), types(*config), words(types) {}
  Program(const Program&) = delete;

  // Index of the ruleset a call names; kUnknownRuleset, kEmptyRuleset. sendmail: strtorwset(ST_FIND).
  int find_ruleset(std::string_view name) const;

  std::shared_ptr<const cf::Config> config;
  CharTypes types;
  WordTable words;
  std::vector<Op> ops;
  std::vector<Rule> rules;
  std::vector<RuleRange> rulesets;  // by index in Config::rulesets
  std::vector<ClassView> classes;
  std::vector<int> target_of_word;  // by word id: find_ruleset() of a program's word, or kNotAsked
};

inline constexpr int kNotAsked = -3;
inline constexpr int kMaxMatches = 9;  // sendmail: MAXMATCH

}  // namespace hky::rewrite
