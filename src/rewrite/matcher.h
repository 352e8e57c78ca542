// Matcher: one rule's left side against the workspace, with sendmail's minimal match and backtracking.
// Who calls it: machine. sendmail: parseaddr.c rewrite(), the loop over r_lhs and its "backup".
#pragma once

#include <array>
#include <string>
#include <vector>

#include "cf/expand.h"
#include "rewrite/program.h"

namespace hky::rewrite {

struct Match { uint32_t op, begin, end; };  // end: one past the last token

class Matcher {
 public:
  Matcher(const Program& program, const WordTable& words, const cf::MacroScope& scope)
      : program_(program), words_(words), scope_(scope) {}

  bool match(const Rule& rule, const std::vector<Tok>& input);
  int count() const { return count_; }
  const Match& at(int i) const { return matches_[static_cast<size_t>(i)]; }

 private:
  enum class Step { kNext, kBackUp };
  Step try_op(const Op& op);
  Step extend_class(const Op& op);
  bool back_up();
  bool in_class(const ClassView& view, uint32_t begin, uint32_t end);
  Step match_macro(cf::NameId id);
  void push(uint32_t begin, uint32_t end) { matches_[static_cast<size_t>(count_++)] = Match{op_, begin, end}; }

  const Program& program_;
  const WordTable& words_;
  const cf::MacroScope& scope_;
  const Op* ops_ = nullptr;
  const std::vector<Tok>* in_ = nullptr;
  uint32_t op_ = 0, at_ = 0, size_ = 0;
  int count_ = 0;
  std::array<Match, kMaxMatches + 1> matches_{};
  std::string word_;  // reused
};

// sendmail: cataddr() over interned tokens, appended to `out`.
void append_cataddr(std::string& out, const WordTable& words, const Tok* begin, const Tok* end, char space_sub);

}  // namespace hky::rewrite
