#include "queue/sweep.h"

#include <memory>

namespace hky::queue {
namespace {

constexpr unsigned kPage = 100;

struct Sweep : std::enable_shared_from_this<Sweep> {
  storage::Store& store;
  const std::string group;
  const std::function<SweepVerdict(const std::string&)> judge;

  Sweep(storage::Store& s, std::string g, std::function<SweepVerdict(const std::string&)> j)
      : store(s), group(std::move(g)), judge(std::move(j)) {}

  void page(const std::string& after) {
    store.list_bodies(group, after, kPage, [self = shared_from_this()](storage::Rc rc, const storage::BodyPage& page) {
      if (rc == storage::Rc::kOk) self->look_at(page);
    });
  }

  void look_at(const storage::BodyPage& page) {
    for (const storage::HeldBody& body : page.bodies) {
      for (const std::string& holder : body.holders) {
        SweepVerdict verdict = judge(holder);
        if (verdict == SweepVerdict::kStop) return;
        if (verdict == SweepVerdict::kFree) store.release(body.ref, holder, [](storage::Rc, std::monostate) {});
      }
    }
    if (page.more) this->page(page.bodies.back().ref.blob);
  }
};

}  // namespace

void sweep(storage::Store& store, const std::string& group, std::function<SweepVerdict(const std::string&)> judge) {
  std::make_shared<Sweep>(store, group, std::move(judge))->page("");
}

}  // namespace hky::queue
