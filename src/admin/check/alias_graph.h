// The aliases of all alias files as a graph: what each name stands for, one list item an edge. Built from the text alone;
// which items are local names is asked of the rulesets by check_aliases.cc.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hky::admin::check {

struct AliasTarget {
  enum class Kind { kAddress, kInclude, kProgram, kFile, kUser /* \name: no further aliasing */ };
  Kind kind = Kind::kAddress;
  std::string text;          // the address, path or command, without what marks it
};
// The items of an alias' right side or a line of a list: commas part them, quotes and brackets hold them together.
std::vector<AliasTarget> alias_targets(std::string_view list);

struct AliasNode {
  std::string file;
  int line = 0;
  std::vector<AliasTarget> targets;
  std::vector<std::string> next;   // names of other nodes it leads to; filled by the caller
};
using AliasGraph = std::map<std::string, AliasNode>;   // by folded name

// Every ring of names, each once, as the names in their order from the smallest on. A name that leads to itself is one too.
std::vector<std::vector<std::string>> alias_rings(const AliasGraph& graph);

}  // namespace hky::admin::check
