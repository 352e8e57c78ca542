// The record of reasons (design, decision 6): why the system decided as it did, as typed events.
// Whoever decides appends; -bt, -v, the log, `hikyaku explain` and the web page are views of the same record.
// A null Reasons* means nobody asks: the recorder must then cost one branch.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace hky {

struct RulesetEntered { std::string name; std::string input; };
struct RulesetReturned { std::string name; std::string output; };
struct RuleFired { std::string ruleset; std::string file; int line = 0; std::string lhs, rhs; std::string before, after; };
struct MapAnswered { std::string map, key, value; bool found = false; std::string status; };
struct DnsAnswered { std::string name, type, answer; bool secure = false; };
struct Verdict { std::string check; bool accept = true; int code = 250; std::string text; };
struct AliasExpanded { std::string from, to, file; };
struct AddressResolved { std::string address, mailer, host, user; };
struct Remark { std::string text; };

using Reason = std::variant<RulesetEntered, RulesetReturned, RuleFired, MapAnswered, DnsAnswered, Verdict, AliasExpanded,
                            AddressResolved, Remark>;

class Reasons {
 public:
  virtual ~Reasons() = default;
  virtual void add(Reason reason) = 0;
};

// Keeps them all, in order.
class ReasonList : public Reasons {
 public:
  void add(Reason reason) override { list_.push_back(std::move(reason)); }
  const std::vector<Reason>& list() const { return list_; }

 private:
  std::vector<Reason> list_;
};

// One line a reason, for terminals and logs: "rule proto.m4:123 R$+ ... matched: before -> after".
std::string to_line(const Reason& reason);

}  // namespace hky
