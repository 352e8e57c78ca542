// RocksdbBodies: bodies in a column family of their own. A body put with one holder costs one Put and one SingleDelete;
// holder lists are written only where there are or were several (doc/storage.md).
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>

#include "storage/body_engine.h"
#include "storage/rocksdb_database.h"
#include "storage/rocksdb_keys.h"

namespace hky::storage {

class RocksdbBodies : public BodyEngine {
 public:
  // `opening`: how often the database was opened; makes body keys unique over restarts.
  RocksdbBodies(Database& database, uint32_t opening) : database_(database), opening_(opening) {}

  std::vector<Ref> put(const Bytes& group, std::vector<Bytes> bodies, const std::vector<Bytes>& holders) override;
  size_t staged() const override;
  Rc write(rocksdb::WriteBatch& group) override;
  void settle(bool written) override;
  Rc read(const Ref& ref, uint64_t off, uint32_t len, Bytes& out) override;
  Rc hold(const Ref& ref, const Bytes& holder, rocksdb::WriteBatch& group) override;
  Rc release(const Ref& ref, const Bytes& holder, rocksdb::WriteBatch& group) override;
  Rc list(const Bytes& group, const Bytes& after, unsigned limit, BodyPage& out) override;

 private:
  struct Staged {
    std::string holders;  // encoded
    Bytes body;
    bool writing = false;
  };
  using StagedMap = std::map<std::string, std::shared_ptr<Staged>>;

  std::shared_ptr<Staged> find_staged(const std::string& key) const;
  // The holders now, of the group under way: from the list, else the first ones. Empty: no such body.
  Rc holders_of(const keys::Blob& blob, std::vector<Bytes>& out);

  rocksdb::DB* db() const { return database_.db(); }
  rocksdb::ColumnFamilyHandle* family() const { return database_.bodies(); }

  Database& database_;
  const uint32_t opening_;
  mutable std::mutex mutex_;
  uint64_t number_ = 0;
  StagedMap staged_;
  std::map<std::string, std::vector<Bytes>> changed_lists_;  // holder lists in the group under way (committing thread)
};

Rc to_rc(const rocksdb::Status& status);

}  // namespace hky::storage
