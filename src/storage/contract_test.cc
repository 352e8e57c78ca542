// Every clause of doc/storage.md on every engine.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <set>

#include "storage/limits.h"
#include "storage/memory_store.h"
#include "storage/rocksdb_store.h"

namespace hky::storage {
namespace {

using Set = std::vector<std::pair<Bytes, std::optional<Bytes>>>;

class TempDir {
 public:
  TempDir() {
    std::string form = (std::filesystem::temp_directory_path() / "hky-storage-XXXXXX").string();
    path_ = mkdtemp(form.data());
  }
  ~TempDir() { std::filesystem::remove_all(path_); }
  std::string path() const { return path_ + "/store"; }

 private:
  std::string path_;
};

class ContractTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { open(); }
  void open() {
    store_.reset();
    if (GetParam() == "memory" || GetParam() == "memory_inline") {
      MemoryOptions options;
      options.inline_answers = GetParam() == "memory_inline";
      store_ = open_memory_store(options);
      return;
    }
    RocksdbOptions options;
    options.inline_commit = GetParam() == "rocksdb_inline";
    options.removal_ms = 5;
    auto opened = open_rocksdb_store(dir_.path(), options);
    ASSERT_TRUE(opened.ok()) << opened.error().text;
    store_ = std::move(*opened);
  }
  bool durable() const { return GetParam().starts_with("rocksdb"); }

  // Starts a call and waits for its one answer.
  template <class T, class Call>
  std::pair<Rc, T> wait(Call call) {
    auto promise = std::make_shared<std::promise<std::pair<Rc, T>>>();
    auto future = promise->get_future();
    call(Done<T>([promise](Rc rc, T value) { promise->set_value({rc, std::move(value)}); }));
    return future.get();
  }
  Rc commit(Set set, Set expect = {}, uint64_t epoch = 0, Part part = {'q', "1"}) {
    Batch batch;
    batch.set = std::move(set);
    batch.expect = std::move(expect);
    batch.epoch = epoch;
    return commit_batch(std::move(batch), part);
  }
  Rc commit_batch(Batch batch, Part part = {'q', "1"}) {
    return wait<std::monostate>([&](auto done) { store_->commit(part, std::move(batch), done); }).first;
  }
  std::optional<Bytes> get(Bytes key, Part part = {'q', "1"}) {
    std::vector<Bytes> keys{std::move(key)};
    auto answer = wait<std::vector<std::optional<Bytes>>>([&](auto done) { store_->get(part, keys, done); });
    EXPECT_EQ(answer.first, Rc::kOk);
    return answer.second.at(0);
  }
  Page range(Bytes from, Bytes to, unsigned limit, Part part = {'q', "1"}) {
    return wait<Page>([&](auto done) { store_->range(part, from, to, limit, done); }).second;
  }
  std::vector<Ref> put_bodies(std::vector<Bytes> bodies, std::vector<Bytes> holders) {
    return wait<std::vector<Ref>>([&](auto done) { store_->put_bodies("q/1", bodies, holders, done); }).second;
  }
  std::pair<Rc, Bytes> read(Ref ref, uint64_t off = 0, uint32_t len = UINT32_MAX) {
    return wait<Bytes>([&](auto done) { store_->read_body(ref, off, len, done); });
  }
  Rc hold(Ref ref, Bytes holder) {
    return wait<std::monostate>([&](auto done) { store_->hold(ref, holder, done); }).first;
  }
  Rc release(Ref ref, Bytes holder) {
    return wait<std::monostate>([&](auto done) { store_->release(ref, holder, done); }).first;
  }
  Lease acquire(Bytes owner, Part part = {'q', "1"}) {
    return wait<Lease>([&](auto done) { store_->acquire(part, owner, 1000, done); }).second;
  }

  TempDir dir_;
  std::unique_ptr<Store> store_;
};

TEST_P(ContractTest, Clause1ACommitIsSeenAndStays) {
  EXPECT_EQ(commit({{"a", "1"}, {"b", "2"}}), Rc::kOk);
  EXPECT_EQ(get("a"), "1");
  EXPECT_EQ(commit({{"a", std::nullopt}, {"never", std::nullopt}}), Rc::kOk);
  EXPECT_EQ(get("a"), std::nullopt);
  if (!durable()) return;
  open();
  EXPECT_EQ(get("b"), "2");
}

TEST_P(ContractTest, Clause2AllOrNothingOnTheStateJustBefore) {
  EXPECT_EQ(commit({{"h", "1"}}, {{"h", std::nullopt}}), Rc::kOk);
  EXPECT_EQ(commit({{"h", "9"}, {"x", "9"}}, {{"h", std::nullopt}}), Rc::kConflict);
  EXPECT_EQ(commit({{"h", "9"}, {"x", "9"}}, {{"h", "1"}, {"y", "1"}}), Rc::kConflict);
  EXPECT_EQ(get("x"), std::nullopt);
  EXPECT_EQ(get("h"), "1");
  EXPECT_EQ(commit({{"h", "2"}, {"x", "2"}}, {{"h", "1"}, {"y", std::nullopt}}), Rc::kOk);
  EXPECT_EQ(get("x"), "2");
}

TEST_P(ContractTest, Clause2ConditionsSeeTheBatchesBeforeInTheSameGroup) {
  // All counted up from what they expect: exactly one of two with the same expectation may pass.
  std::vector<std::future<Rc>> answers;
  for (int i = 0; i < 40; ++i) {
    Batch batch;
    int n = i / 2;
    batch.expect = {{"n", n == 0 ? std::nullopt : std::optional<Bytes>(std::to_string(n))}};
    batch.set = {{"n", std::to_string(n + 1)}};
    auto promise = std::make_shared<std::promise<Rc>>();
    answers.push_back(promise->get_future());
    store_->commit({'q', "1"}, std::move(batch), [promise](Rc rc, std::monostate) { promise->set_value(rc); });
  }
  for (int i = 0; i < 40; ++i) EXPECT_EQ(answers[i].get(), i % 2 == 0 ? Rc::kOk : Rc::kConflict) << i;
  EXPECT_EQ(get("n"), "20");
}

TEST_P(ContractTest, Clause3RefusesWhatDoesNotFit) {
  EXPECT_EQ(commit({{"", "1"}}), Rc::kTooBig);
  EXPECT_EQ(commit({{"k", ""}}), Rc::kTooBig);
  EXPECT_EQ(commit({{Bytes(kMaxKey + 1, 'k'), "1"}}), Rc::kTooBig);
  EXPECT_EQ(commit({{"k", Bytes(kMaxValue + 1, 'v')}}), Rc::kTooBig);
  EXPECT_EQ(commit({{Bytes(kMaxKey, 'k'), Bytes(kMaxValue, 'v')}}), Rc::kOk);
  Set many;
  for (size_t i = 0; i <= kMaxBatchSets; ++i) many.emplace_back("k" + std::to_string(i), "1");
  EXPECT_EQ(commit(many), Rc::kTooBig);
  EXPECT_EQ(get("k0"), std::nullopt);
  many.pop_back();
  EXPECT_EQ(commit(many), Rc::kOk);
  Set large;
  for (int i = 0; i < 65; ++i) large.emplace_back("l" + std::to_string(i), Bytes(kMaxValue, 'v'));
  EXPECT_EQ(commit(large), Rc::kTooBig);
  EXPECT_EQ(commit({{"k", "1"}}, {}, 0, {'\0', "1"}), Rc::kTooBig);
  EXPECT_EQ(commit({{"k", "1"}}, {}, 0, {'q', ""}), Rc::kTooBig);
  auto none = wait<std::vector<Ref>>([&](auto done) { store_->put_bodies("g", {""}, {"h"}, done); });
  EXPECT_EQ(none.first, Rc::kTooBig);
}

TEST_P(ContractTest, Clause4RangeIsOrderedBytewiseAndPaged) {
  EXPECT_EQ(commit({{"b", "2"}, {"a", "1"}, {"\xff", "4"}, {"c", "3"}, {Bytes("a\0z", 3), "1.5"}}), Rc::kOk);
  EXPECT_EQ(commit({{"bb", "other"}}, {}, 0, {'q', "12"}), Rc::kOk);   // a neighbour whose id begins alike
  EXPECT_EQ(commit({{"bb", "other"}}, {}, 0, {'m', "1"}), Rc::kOk);
  Page page = range("a", "\xff\xff", 3);
  ASSERT_EQ(page.rows.size(), 3u);
  EXPECT_TRUE(page.more);
  EXPECT_EQ(page.rows[0].first, "a");
  EXPECT_EQ(page.rows[1].first, Bytes("a\0z", 3));
  EXPECT_EQ(page.rows[2].second, "2");
  page = range(page.rows[2].first + '\0', "\xff\xff", 3);
  ASSERT_EQ(page.rows.size(), 2u);
  EXPECT_FALSE(page.more);
  EXPECT_EQ(page.rows[1].first, "\xff");
  page = range("a", "b", 10);
  EXPECT_EQ(page.rows.size(), 2u);  // the end is not in it
}

TEST_P(ContractTest, Clause5And6OneCallersBatchesInOrderEachAnsweredOnce) {
  constexpr int kCount = 500;
  std::vector<std::atomic<int>> answered(kCount);
  std::promise<void> last;
  for (int i = 0; i < kCount; ++i) {
    Batch batch;
    batch.set = {{"k", std::to_string(i)}, {"k" + std::to_string(i), "1"}};
    if (i > 0) batch.set.emplace_back("k" + std::to_string(i - 1), std::nullopt);
    batch.durable = i % 7 != 0 || i == kCount - 1;
    store_->commit({'q', "1"}, std::move(batch), [&, i](Rc rc, std::monostate) {
      EXPECT_EQ(rc, Rc::kOk);
      ++answered[i];
      if (i == kCount - 1) last.set_value();
    });
  }
  last.get_future().wait();
  EXPECT_EQ(get("k"), std::to_string(kCount - 1));
  EXPECT_EQ(range("k0", "l", 1000).rows.size(), 1u);
  store_.reset();  // nothing may be answered again
  for (int i = 0; i < kCount; ++i) EXPECT_EQ(answered[i], 1) << i;
}

TEST_P(ContractTest, Clause6TheDestructorAnswersWhatWaits) {
  std::atomic<int> answered = 0;
  for (int i = 0; i < 50; ++i) {
    Batch batch;
    batch.set = {{"k" + std::to_string(i), "1"}};
    batch.durable = i % 2 == 0;
    store_->commit({'q', "1"}, std::move(batch), [&](Rc rc, std::monostate) { answered += rc == Rc::kOk; });
  }
  store_.reset();
  EXPECT_EQ(answered, 50);
}

TEST_P(ContractTest, Clause7AnOldOwnerIsFencedForGood) {
  Lease first = acquire("a");
  EXPECT_GT(first.epoch, 0u);
  EXPECT_EQ(commit({{"k", "1"}}, {}, first.epoch), Rc::kOk);
  Lease second = acquire("b");
  EXPECT_GT(second.epoch, first.epoch);
  EXPECT_EQ(commit({{"k", "2"}}, {}, first.epoch), Rc::kFenced);
  EXPECT_EQ(get("k"), "1");
  EXPECT_EQ(commit({{"k", "3"}}, {}, second.epoch), Rc::kOk);
  auto renew = [&](Lease lease) {
    return wait<std::monostate>([&](auto done) { store_->renew(lease, done); }).first;
  };
  EXPECT_EQ(renew(first), Rc::kFenced);
  EXPECT_EQ(renew(second), Rc::kOk);
  EXPECT_EQ(renew(Lease{}), Rc::kFenced);
  EXPECT_GT(acquire("other part", {'q', "2"}).epoch, 0u);
  EXPECT_EQ(commit({{"k", "4"}}, {}, second.epoch), Rc::kOk);  // another partition's lease changes nothing here
  if (!durable()) return;
  open();
  EXPECT_EQ(commit({{"k", "5"}}, {}, second.epoch), Rc::kOk);
  EXPECT_GT(acquire("c").epoch, second.epoch);
  EXPECT_EQ(commit({{"k", "6"}}, {}, second.epoch), Rc::kFenced);
}

TEST_P(ContractTest, Clause0BodiesAreReadableAtOnceAndStayWithTheCommit) {
  std::vector<Ref> refs = put_bodies({"first", "second"}, {"h1", "h2"});
  ASSERT_EQ(refs.size(), 2u);
  EXPECT_EQ(refs[1].len, 6u);
  EXPECT_EQ(read(refs[0]).second, "first");
  EXPECT_EQ(commit({{"k", refs[0].blob}}), Rc::kOk);
  if (durable()) open();
  EXPECT_EQ(read(refs[0]).second, "first");
  EXPECT_EQ(read(refs[1], 2, 3).second, "con");
  EXPECT_EQ(read(refs[1], 6, 3).second, "");
  EXPECT_EQ(read(Ref{"no such blob", 0, 5}).first, Rc::kAbsent);
  std::vector<Ref> later = put_bodies({"third"}, {"h3"});
  EXPECT_NE(later[0].blob, refs[0].blob);
  EXPECT_NE(later[0].blob, refs[1].blob);
}

TEST_P(ContractTest, TheLastHolderFreesTheBody) {
  Ref one = put_bodies({"one"}, {"a"})[0];
  Ref many = put_bodies({"many"}, {"a", "b"})[0];
  EXPECT_EQ(commit({{"k", "1"}}), Rc::kOk);
  EXPECT_EQ(release(many, "a"), Rc::kOk);
  EXPECT_EQ(release(many, "a"), Rc::kAbsent);
  EXPECT_EQ(release(many, "stranger"), Rc::kAbsent);
  EXPECT_EQ(read(many).second, "many");
  EXPECT_EQ(release(many, "b"), Rc::kOk);
  EXPECT_EQ(read(many).first, Rc::kAbsent);
  EXPECT_EQ(release(one, "stranger"), Rc::kAbsent);
  EXPECT_EQ(read(one).second, "one");
  EXPECT_EQ(hold(one, "b"), Rc::kOk);
  EXPECT_EQ(release(one, "a"), Rc::kOk);
  EXPECT_EQ(read(one).second, "one");
  EXPECT_EQ(release(one, "b"), Rc::kOk);
  EXPECT_EQ(read(one).first, Rc::kAbsent);
  EXPECT_EQ(hold(one, "c"), Rc::kAbsent);
  Ref common = put_bodies({"common"}, {"a"})[0];   // released in the group that brings it
  EXPECT_EQ(release(common, "a"), Rc::kOk);
  EXPECT_EQ(read(common).first, Rc::kAbsent);
}

TEST_P(ContractTest, HoldersInOneGroupSeeEachOther) {
  Ref ref = put_bodies({"body"}, {"a"})[0];
  std::promise<Rc> last;
  auto ignore = [](Rc, std::monostate) {};
  store_->hold(ref, "b", ignore);
  store_->hold(ref, "c", ignore);
  store_->release(ref, "a", ignore);
  store_->release(ref, "c", [&](Rc rc, std::monostate) { last.set_value(rc); });
  EXPECT_EQ(last.get_future().get(), Rc::kOk);
  EXPECT_EQ(read(ref).second, "body");
  EXPECT_EQ(release(ref, "b"), Rc::kOk);
  EXPECT_EQ(read(ref).first, Rc::kAbsent);
}

TEST_P(ContractTest, ASweepFindsEveryBodyOfItsGroup) {
  std::set<Bytes> put;
  for (const Ref& ref : put_bodies({"1", "2", "3", "4", "5"}, {"a", "b", "c", "d", "e"})) put.insert(ref.blob);
  wait<std::vector<Ref>>([&](auto done) { store_->put_bodies("q/12", {"x"}, {"a"}, done); });
  EXPECT_EQ(commit({{"k", "1"}}), Rc::kOk);
  std::set<Bytes> found;
  std::vector<Bytes> holders;
  BodyPage page;
  page.more = true;
  while (page.more) {
    Bytes after = page.bodies.empty() ? "" : page.bodies.back().ref.blob;
    page = wait<BodyPage>([&](auto done) { store_->list_bodies("q/1", after, 2, done); }).second;
    for (const HeldBody& body : page.bodies) {
      found.insert(body.ref.blob);
      EXPECT_EQ(body.ref.len, 1u);
      holders.insert(holders.end(), body.holders.begin(), body.holders.end());
    }
  }
  EXPECT_EQ(found, put);
  EXPECT_EQ(holders, (std::vector<Bytes>{"a", "b", "c", "d", "e"}));
}

TEST_P(ContractTest, UndurableRemovalsKeepTheirPlaceAndAreAnsweredWithoutARide) {
  EXPECT_EQ(commit({{"k", "1"}}), Rc::kOk);
  Batch removal;
  removal.set = {{"k", std::nullopt}};
  removal.durable = false;
  removal.written_once = true;
  EXPECT_EQ(commit_batch(removal), Rc::kOk);  // nothing durable follows: answered all the same
  EXPECT_EQ(get("k"), std::nullopt);
  EXPECT_EQ(commit({{"k", "again"}}), Rc::kOk);
  if (durable()) open();
  EXPECT_EQ(get("k").has_value(), true);
}

TEST_P(ContractTest, NoticesReachListenersOfTheirChannelWhileTheyListen) {
  std::vector<Bytes> heard;
  auto listener = store_->listen(7, [&](Bytes text) { heard.push_back(text); });
  store_->notice(7, "one");
  store_->notice(8, "not here");
  listener.reset();
  store_->notice(7, "nobody listens");
  EXPECT_EQ(heard, std::vector<Bytes>{"one"});
}

TEST_P(ContractTest, AnAnswerMayBringTheNextBatch) {
  std::promise<Rc> second;
  Batch first;
  first.set = {{"a", "1"}};
  store_->commit({'q', "1"}, first, [&](Rc, std::monostate) {
    Batch next;
    next.set = {{"b", "1"}};
    store_->commit({'q', "1"}, next, [&](Rc rc, std::monostate) { second.set_value(rc); });
  });
  EXPECT_EQ(second.get_future().get(), Rc::kOk);
}

INSTANTIATE_TEST_SUITE_P(Engines, ContractTest, testing::Values("memory", "memory_inline", "rocksdb", "rocksdb_inline"),
                         [](const auto& engine) { return engine.param; });

TEST(RocksdbStoreTest, RemovalsAreNeverSynced) {
  TempDir dir;
  auto opened = open_rocksdb_store(dir.path());
  ASSERT_TRUE(opened.ok());
  RocksdbStore& store = **opened;
  auto wait_commit = [&](bool durable, std::optional<Bytes> value) {
    std::promise<Rc> done;
    Batch batch;
    batch.set = {{"k", std::move(value)}};
    batch.durable = durable;
    store.commit({'q', "1"}, batch, [&](Rc rc, std::monostate) { done.set_value(rc); });
    EXPECT_EQ(done.get_future().get(), Rc::kOk);
  };
  for (int i = 0; i < 5; ++i) {
    wait_commit(true, "1");
    wait_commit(false, std::nullopt);
  }
  EXPECT_EQ(store.stats().syncs, 5u);
  EXPECT_EQ(store.stats().writes, 10u);
}

TEST(RocksdbStoreTest, AMessageRelayedAtOnceNeverReachesATableFile) {
  TempDir dir;
  RocksdbOptions options;
  options.memtable_bytes = options.body_memtable_bytes = 1 << 20;
  auto opened = open_rocksdb_store(dir.path(), options);
  ASSERT_TRUE(opened.ok());
  RocksdbStore& store = **opened;
  constexpr int kMessages = 3000, kTogether = 50;
  for (int first = 0; first < kMessages; first += kTogether) {  // 12 MiB: a dozen memtables
    Batch put, removal;
    std::vector<Bytes> bodies(kTogether, Bytes(4096, 'b')), holders;
    for (int i = 0; i < kTogether; ++i) {
      holders.push_back(std::to_string(first + i));
      put.set.emplace_back(holders.back(), Bytes(300, 'e'));
      removal.set.emplace_back(holders.back(), std::nullopt);
    }
    std::vector<Ref> refs;
    store.put_bodies("q/1", bodies, holders, [&](Rc, std::vector<Ref> put_refs) { refs = std::move(put_refs); });
    std::promise<Rc> done;
    store.commit({'q', "1"}, put, [&](Rc rc, std::monostate) { done.set_value(rc); });
    ASSERT_EQ(done.get_future().get(), Rc::kOk);
    removal.durable = false;
    removal.written_once = true;
    store.commit({'q', "1"}, removal, [](Rc, std::monostate) {});
    for (int i = 0; i < kTogether; ++i) store.release(refs[i], holders[i], [](Rc, std::monostate) {});
  }
  opened->reset();
  uintmax_t in_tables = 0;
  for (const auto& file : std::filesystem::directory_iterator(dir.path())) {
    if (file.path().extension() == ".sst") in_tables += file.file_size();
  }
  // Those under way when a memtable was full, at most; not the 12 MiB that went through.
  EXPECT_LT(in_tables, 4u << 20);
}

// RocksDB's own log file would share the disk, and end the process when that is full.
TEST(RocksdbStoreTest, ComplaintsGoToTheCallerNotToAFile) {
  TempDir dir;
  { ASSERT_TRUE(open_rocksdb_store(dir.path()).ok()); }
  std::string current;
  ASSERT_TRUE(std::ifstream(dir.path() + "/CURRENT") >> current);
  std::ofstream(dir.path() + "/" + current, std::ios::trunc) << "no manifest";
  std::vector<std::string> lines;
  RocksdbOptions options;
  options.complain = [&](const std::string& line) { lines.push_back(line); };
  EXPECT_FALSE(open_rocksdb_store(dir.path(), options).ok());
  EXPECT_FALSE(lines.empty());
  for (const auto& file : std::filesystem::directory_iterator(dir.path()))
    EXPECT_NE(file.path().filename().string().substr(0, 3), "LOG") << file.path();
}

TEST(RocksdbStoreTest, ASecondProcessIsRefusedWithAReason) {
  TempDir dir;
  auto first = open_rocksdb_store(dir.path());
  ASSERT_TRUE(first.ok());
  auto second = open_rocksdb_store(dir.path());
  ASSERT_FALSE(second.ok());
  EXPECT_TRUE(second.error().temporary());
  EXPECT_NE(second.error().text.find("lock"), std::string::npos) << second.error().text;
}

}  // namespace
}  // namespace hky::storage
