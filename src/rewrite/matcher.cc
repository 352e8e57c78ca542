// Left sides against the workspace; see matcher.h.
#include "rewrite/matcher.h"

namespace hky::rewrite {

bool Matcher::match(const Rule& rule, const std::vector<Tok>& input) {
  ops_ = program_.ops.data() + rule.lhs;
  in_ = &input;
  size_ = static_cast<uint32_t>(input.size());
  op_ = at_ = 0;
  count_ = 0;
  while (at_ < size_ || op_ < rule.lhs_count) {
    Step step = Step::kBackUp;
    if (op_ < rule.lhs_count) {
      const Op& op = ops_[op_];
      if (at_ < size_ || op.kind == OpKind::kZeroAny || op.kind == OpKind::kZero) step = try_op(op);
    }
    if (step == Step::kNext) ++op_;
    else if (!back_up()) return false;
  }
  return true;
}

Matcher::Step Matcher::try_op(const Op& op) {
  switch (op.kind) {
    case OpKind::kWord:
      if ((*in_)[at_].fold != op.fold) return Step::kBackUp;
      ++at_;
      return Step::kNext;
    case OpKind::kZeroAny:
      push(at_, at_);
      return Step::kNext;
    case OpKind::kNotClass:
      if (in_class(program_.classes[op.arg], at_, at_ + 1)) return Step::kBackUp;
      [[fallthrough]];
    case OpKind::kAny:
    case OpKind::kOne:
      push(at_, at_ + 1);
      ++at_;
      return Step::kNext;
    case OpKind::kClass:
      matches_[static_cast<size_t>(count_)] = Match{op_, at_, at_};
      return extend_class(op);
    case OpKind::kMacro: return match_macro(static_cast<cf::NameId>(op.arg));
    case OpKind::kZero:
    default: return Step::kNext;
  }
}

// Takes one more token until the words so far are in the class. sendmail: "extendclass".
Matcher::Step Matcher::extend_class(const Op& op) {
  const ClassView& view = program_.classes[op.arg];
  Match& m = matches_[static_cast<size_t>(count_)];
  if (!view.may_begin((*in_)[m.begin].fold)) return Step::kBackUp;
  while (at_ < size_ && m.end - m.begin < view.max_tokens) {
    m.end = ++at_;
    if (in_class(view, m.begin, m.end)) {
      ++count_;
      return Step::kNext;
    }
  }
  return Step::kBackUp;
}

// The last wildcard that can take one more token takes it. False: none can.
bool Matcher::back_up() {
  while (--count_ >= 0) {
    Match& m = matches_[static_cast<size_t>(count_)];
    op_ = m.op;
    at_ = m.end;
    if (at_ >= size_) continue;
    const Op& op = ops_[op_];
    if (op.kind == OpKind::kAny || op.kind == OpKind::kZeroAny) {
      m.end = ++at_;
      ++op_;
      ++count_;
      return true;
    }
    if (op.kind == OpKind::kClass && extend_class(op) == Step::kNext) {
      ++op_;
      return true;
    }
  }
  return false;
}

bool Matcher::in_class(const ClassView& view, uint32_t begin, uint32_t end) {
  if (!view.may_begin((*in_)[begin].fold)) return false;
  word_.clear();
  append_cataddr(word_, words_, in_->data() + begin, in_->data() + end, program_.types.blank_sub());
  return program_.config->in_class(view.id, word_);
}

// sendmail: "broken for the general case ... but should work for the usual cases": the value is compared token by token
// as bytes, case folded; an unset macro matches nothing at all.
Matcher::Step Matcher::match_macro(cf::NameId id) {
  const cf::Text* value = scope_.find(id);
  if (value == nullptr) return Step::kNext;
  size_t pos = 0;
  uint32_t at = at_;
  auto lower = [](char16_t c) { return c >= 'A' && c <= 'Z' ? static_cast<char16_t>(c + 32) : c; };
  while (pos < value->size()) {
    if (at >= size_) return Step::kBackUp;
    std::u16string_view token = words_.text((*in_)[at].id);
    if (value->size() - pos < token.size()) return Step::kBackUp;
    for (size_t i = 0; i < token.size(); ++i)
      if (lower((*value)[pos + i]) != lower(token[i])) return Step::kBackUp;
    pos += token.size();
    ++at;
  }
  at_ = at;
  return Step::kNext;
}

void append_cataddr(std::string& out, const WordTable& words, const Tok* begin, const Tok* end, char space_sub) {
  bool word_before = false;
  for (const Tok* t = begin; t != end; ++t) {
    bool word = words.atom(t->id);
    if (word && word_before) out.push_back(space_sub);
    std::u16string_view text = words.text(t->id);
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] < 0x100) out.push_back(static_cast<char>(text[i]));
      else if (cf::meta_has_operand(text[i])) ++i;
    }
    word_before = word;
  }
}

}  // namespace hky::rewrite
