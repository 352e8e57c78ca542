// BodyEngine: where the RocksDB store keeps bodies. The first one is a column family (rocksdb_bodies.h); one with recycled
// segment files can come for large bodies without a change elsewhere.
// Threads: put from any; read and list from any that keeps the database open (Database::Use); write, settle, hold, release on the committing thread only.
#pragma once

#include <memory>

#include <rocksdb/write_batch.h>

#include "storage/store.h"

namespace hky::storage {

class BodyEngine {
 public:
  virtual ~BodyEngine() = default;
  // Stages bodies: they can be read at once, and go down with the next group.
  virtual std::vector<Ref> put(const Bytes& group, std::vector<Bytes> bodies, const std::vector<Bytes>& holders) = 0;
  virtual size_t staged() const = 0;
  // What is staged becomes part of the group: into its WriteBatch, or into files of the engine's own (synced here).
  virtual Rc write(rocksdb::WriteBatch& group) = 0;
  // The group was written, or not: then the bodies stay staged for the next.
  virtual void settle(bool written) = 0;
  virtual Rc read(const Ref& ref, uint64_t off, uint32_t len, Bytes& out) = 0;
  virtual Rc hold(const Ref& ref, const Bytes& holder, rocksdb::WriteBatch& group) = 0;
  virtual Rc release(const Ref& ref, const Bytes& holder, rocksdb::WriteBatch& group) = 0;
  virtual Rc list(const Bytes& group, const Bytes& after, unsigned limit, BodyPage& out) = 0;
};

}  // namespace hky::storage
