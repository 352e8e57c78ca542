// WordTable: every token is an integer. A Program's table knows the words of its rules; each evaluation lays its own over it.
// Single metasymbols have fixed ids below kMetaIds, so that asking "is this $#?" is a comparison.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "cf/text.h"
#include "rewrite/scan.h"

namespace hky::rewrite {

inline constexpr uint32_t kMetaIds = cf::kMetaEnd - 0x100;
constexpr uint32_t meta_id(cf::Meta m) { return static_cast<uint32_t>(m) - 0x100; }

// fold: id of the word in lower case. Words match where their folds are equal (sendmail: sm_strcasecmp).
struct Tok { uint32_t id, fold; };

class WordTable {
 public:
  explicit WordTable(const CharTypes& types, const WordTable* parent = nullptr);
  Tok intern(std::u16string_view word);
  bool find(std::u16string_view word, Tok& tok) const;
  void clear();  // forgets its own words, keeps the memory
  uint32_t size() const { return base_ + static_cast<uint32_t>(words_.size()); }
  std::u16string_view text(uint32_t id) const {
    if (id < base_) return parent_->text(id);
    const Word& w = words_[id - base_];
    return std::u16string_view(arena_).substr(w.begin, w.length);
  }
  bool atom(uint32_t id) const { return id < base_ ? parent_->atom(id) : words_[id - base_].atom; }
  Tok tok(uint32_t id) const { return id < base_ ? parent_->tok(id) : Tok{id, words_[id - base_].fold}; }

 private:
  struct Word { uint32_t begin, length, hash, fold; bool atom; };
  bool find_hashed(std::u16string_view word, uint32_t hash, Tok& tok) const;
  uint32_t add(std::u16string_view word, uint32_t hash);
  void grow();

  const CharTypes& types_;
  const WordTable* parent_;
  uint32_t base_;
  cf::Text arena_;
  std::vector<Word> words_;
  std::vector<uint32_t> slots_;  // index + 1; 0: free
};

}  // namespace hky::rewrite
