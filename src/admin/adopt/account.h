// Account: what becomes of every line of the files that a sendmail host has in /etc/mail: nothing is passed over in silence.
// Who calls it: survey.cc and its readers (one file a kind of file), cmd/verb_adopt.cc for printing. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hky::admin::adopt {

enum class Verdict {
  kComment,     // says nothing to sendmail either: comments, blank lines
  kHonoured,    // does what it does with sendmail
  kDifferent,   // has its effect, in another way: `why` says which
  kNotHonoured, // has no effect: `why` says what to do instead
};
const char* verdict_name(Verdict verdict);   // "comment", "honoured", "different", "not-honoured"

struct Line {
  int number = 0;           // from 1
  Verdict verdict = Verdict::kComment;
  std::string text;
  std::string why;          // of the last two
};

struct FileAccount {
  std::string path;         // without --root
  std::string what;         // "macro configuration", "access map" ...
  std::vector<Line> lines;  // each line of the file once, in order; a binary file is one line 0
  std::string remark;       // of the file as a whole; may be empty
  std::array<size_t, 4> counts() const;   // by Verdict
};

// The lines of a text, all kHonoured; a last line without newline counts.
std::vector<Line> lines_of(std::string_view text);
// Marks blank lines and those that begin with one of `marks` (after blanks) as comments.
void mark_comments(std::vector<Line>& lines, std::string_view marks);
void set(Line& line, Verdict verdict, std::string why);

// A line of counts a file; with `verbose` each line that is not a comment below it, else only those with a `why`.
std::string to_text(const FileAccount& account, bool verbose);

}  // namespace hky::admin::adopt
