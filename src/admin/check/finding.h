// Finding: one thing that `hikyaku check` tells the operator: how bad, where, what, and how to mend it.
// Findings collects them; the same one said twice (a map that two K lines name) is kept once. Threads: one.
#pragma once

#include <set>
#include <string>
#include <vector>

namespace hky::admin::check {

enum class Severity {
  kError,    // mail is lost, refused or open to abuse as it stands
  kWarning,  // dangerous, or wrong as soon as somebody leans on it
  kNote,     // worth knowing; nothing is wrong
};
const char* severity_name(Severity severity);   // "error", "warning", "note"

struct Finding {
  Severity severity = Severity::kNote;
  std::string id;          // stable word for scripts: "open-relay", "map-stale"
  std::string file;        // as the configuration names it (no --root); may be empty
  int line = 0;            // 0: the file as a whole
  std::string text;        // one sentence: what is wrong
  std::string cure;        // one sentence: what the operator does about it
};

class Findings {
 public:
  void add(Severity severity, std::string id, std::string file, int line, std::string text, std::string cure);
  void error(std::string id, std::string file, int line, std::string text, std::string cure) {
    add(Severity::kError, std::move(id), std::move(file), line, std::move(text), std::move(cure));
  }
  void warning(std::string id, std::string file, int line, std::string text, std::string cure) {
    add(Severity::kWarning, std::move(id), std::move(file), line, std::move(text), std::move(cure));
  }
  void note(std::string id, std::string file, int line, std::string text, std::string cure) {
    add(Severity::kNote, std::move(id), std::move(file), line, std::move(text), std::move(cure));
  }
  // True the first time a key is asked: for what should be told once although many things lead to it.
  bool first(const std::string& key) { return said_.insert("first\n" + key).second; }
  // Errors first, then warnings, then notes; by file and line within.
  std::vector<Finding> sorted() const;
  size_t count(Severity severity) const;

 private:
  std::vector<Finding> all_;
  std::set<std::string> said_;
};

// "/etc/mail/access:12: warning: TEXT [id]\n    cure: CURE\n"
std::string to_text(const Finding& finding);
// An array of {"severity","id","file","line","text","cure"}, indented.
std::string to_json(const std::vector<Finding>& findings);

}  // namespace hky::admin::check
