#include "admin/check/alias_graph.h"

#include <algorithm>
#include <set>

#include "base/strings.h"

namespace hky::admin::check {
namespace {

AliasTarget target_of(std::string_view item) {
  AliasTarget t;
  std::string_view inner = item;
  if (inner.size() > 1 && inner.front() == '"' && inner.back() == '"') inner = inner.substr(1, inner.size() - 2);
  constexpr std::string_view kInclude = ":include:";
  if (starts_with_i(inner, kInclude)) {
    t.kind = AliasTarget::Kind::kInclude;
    t.text = trim(inner.substr(kInclude.size()));
  } else if (inner.starts_with("|")) {
    t.kind = AliasTarget::Kind::kProgram;
    t.text = trim(inner.substr(1));
  } else if (inner.starts_with("/") && inner.find('@') == std::string_view::npos) {
    t.kind = AliasTarget::Kind::kFile;
    t.text = inner;
  } else if (item.starts_with("\\")) {
    t.kind = AliasTarget::Kind::kUser;
    t.text = item.substr(1);
  } else {
    t.text = item;
  }
  return t;
}

// Depth first; `path` is the way from the start, a name met on it closes a ring.
class Rings {
 public:
  explicit Rings(const AliasGraph& graph) : graph_(graph) {}
  std::vector<std::vector<std::string>> find() {
    for (const auto& [name, node] : graph_) visit(name);
    return {rings_.begin(), rings_.end()};
  }

 private:
  void visit(const std::string& name) {
    const auto node = graph_.find(name);
    if (node == graph_.end() || done_.count(name) != 0) return;
    if (const auto at = std::find(path_.begin(), path_.end(), name); at != path_.end()) {
      std::vector<std::string> ring(at, path_.end());
      std::rotate(ring.begin(), std::min_element(ring.begin(), ring.end()), ring.end());
      rings_.insert(std::move(ring));
      return;
    }
    path_.push_back(name);
    for (const std::string& next : node->second.next) visit(next);
    path_.pop_back();
    done_.insert(name);
  }

  const AliasGraph& graph_;
  std::vector<std::string> path_;
  std::set<std::string> done_;
  std::set<std::vector<std::string>> rings_;
};

}  // namespace

std::vector<AliasTarget> alias_targets(std::string_view list) {
  std::vector<AliasTarget> out;
  std::string item;
  bool quoted = false;
  int depth = 0;
  auto flush = [&] {
    if (const std::string_view word = trim(item); !word.empty()) out.push_back(target_of(word));
    item.clear();
  };
  for (size_t i = 0; i < list.size(); ++i) {
    const char c = list[i];
    if (c == '\\' && i + 1 < list.size()) {
      item += c;
      item += list[++i];
      continue;
    }
    if (c == '"') quoted = !quoted;
    if (!quoted && (c == '(' || c == '<')) ++depth;
    if (!quoted && (c == ')' || c == '>') && depth > 0) --depth;
    if (c == ',' && !quoted && depth == 0) flush();
    else item += c;
  }
  flush();
  return out;
}

std::vector<std::vector<std::string>> alias_rings(const AliasGraph& graph) { return Rings(graph).find(); }

}  // namespace hky::admin::check
