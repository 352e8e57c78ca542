// Interned words; see words.h.
#include "rewrite/words.h"

#include <algorithm>

namespace hky::rewrite {

namespace {

uint32_t hash_of(std::u16string_view word) {
  uint32_t h = 2166136261u;
  for (char16_t c : word) h = (h ^ c) * 16777619u;
  return h ^ (h >> 15);
}

bool is_upper(char16_t c) { return c >= 'A' && c <= 'Z'; }

}  // namespace

WordTable::WordTable(const CharTypes& types, const WordTable* parent)
    : types_(types), parent_(parent), base_(parent == nullptr ? 0 : parent->size()), slots_(parent == nullptr ? 1024 : 128, 0) {
  if (parent != nullptr) {
    arena_.reserve(512);
    words_.reserve(48);
    return;
  }
  for (uint32_t i = 0; i < kMetaIds; ++i) {
    char16_t meta = static_cast<char16_t>(0x100 + i);
    add(std::u16string_view(&meta, 1), hash_of(std::u16string_view(&meta, 1)));
  }
}

bool WordTable::find_hashed(std::u16string_view word, uint32_t hash, Tok& tok) const {
  if (parent_ != nullptr && parent_->find_hashed(word, hash, tok)) return true;
  size_t mask = slots_.size() - 1;
  for (size_t at = hash & mask; slots_[at] != 0; at = (at + 1) & mask) {
    const Word& w = words_[slots_[at] - 1];
    if (w.hash != hash || w.length != word.size()) continue;
    if (std::u16string_view(arena_).substr(w.begin, w.length) != word) continue;
    tok = Tok{base_ + slots_[at] - 1, w.fold};
    return true;
  }
  return false;
}

bool WordTable::find(std::u16string_view word, Tok& tok) const { return find_hashed(word, hash_of(word), tok); }

Tok WordTable::intern(std::u16string_view word) {
  uint32_t hash = hash_of(word);
  Tok tok{};
  if (find_hashed(word, hash, tok)) return tok;
  uint32_t fold = 0;
  bool mixed = std::any_of(word.begin(), word.end(), is_upper) && word.front() < 0x100;
  if (mixed) {
    cf::Text lower(word);
    for (char16_t& c : lower)
      if (is_upper(c)) c = static_cast<char16_t>(c + 32);
    fold = intern(lower).id;
  }
  uint32_t id = add(word, hash);
  if (mixed) words_[id - base_].fold = fold;
  return Tok{id, words_[id - base_].fold};
}

uint32_t WordTable::add(std::u16string_view word, uint32_t hash) {
  if ((words_.size() + 1) * 2 > slots_.size()) grow();
  uint32_t id = size();
  Word w{static_cast<uint32_t>(arena_.size()), static_cast<uint32_t>(word.size()), hash, id, false};
  w.atom = !word.empty() && types_.atom(word.front());
  arena_.append(word);
  words_.push_back(w);
  size_t mask = slots_.size() - 1;
  size_t at = hash & mask;
  while (slots_[at] != 0) at = (at + 1) & mask;
  slots_[at] = static_cast<uint32_t>(words_.size());
  return id;
}

void WordTable::grow() {
  slots_.assign(slots_.size() * 2, 0);
  size_t mask = slots_.size() - 1;
  for (size_t i = 0; i < words_.size(); ++i) {
    size_t at = words_[i].hash & mask;
    while (slots_[at] != 0) at = (at + 1) & mask;
    slots_[at] = static_cast<uint32_t>(i + 1);
  }
}

void WordTable::clear() {
  if (words_.empty()) return;
  arena_.clear();
  words_.clear();
  std::fill(slots_.begin(), slots_.end(), 0);
}

}  // namespace hky::rewrite
