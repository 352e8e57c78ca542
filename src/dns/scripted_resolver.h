// ScriptedResolver: a Resolver that answers from zone text, at once and always alike: for tests, the simulator, goldens.
// One record a line: NAME TYPE DATA. "*.x" is a wildcard; type SERVFAIL is a temporary failure for the name and below;
// a name without record and with nothing below it does not exist; '#' starts a comment.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "dns/resolver.h"

namespace hky::dns {

class ScriptedResolver : public Resolver {
 public:
  explicit ScriptedResolver(std::string_view zone, std::vector<std::string> search = {}, int ndots = 1);
  net::Task<Answer> query(net::Loop& loop, std::string name, Type type) override;
  std::vector<std::string> search_list() const override { return search_; }
  int ndots() const override { return ndots_; }
  // What query() answers; counted too.
  Answer answer(std::string_view name, Type type);
  size_t questions() const { return questions_; }
  void secure(bool on) { secure_ = on; }  // the AD bit of every answer

 private:
  struct Found { bool servfail = false, exists = false; const std::vector<std::pair<std::string, std::string>>* records = nullptr; };
  Found find(const std::string& name) const;
  std::unordered_map<std::string, std::vector<std::pair<std::string, std::string>>> zone_;
  std::unordered_set<std::string> parents_;  // names that have something below them
  std::vector<std::string> search_;
  int ndots_;
  size_t questions_ = 0;
  bool secure_ = false;
};

}  // namespace hky::dns
