#include "storage/rocksdb_bodies.h"

#include <algorithm>

namespace hky::storage {
namespace {

rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

}  // namespace

Rc to_rc(const rocksdb::Status& status) {
  if (status.ok()) return Rc::kOk;
  if (status.IsNotFound()) return Rc::kAbsent;
  return status.IsNoSpace() ? Rc::kFull : Rc::kUnavailable;
}

std::vector<Ref> RocksdbBodies::put(const Bytes& group, std::vector<Bytes> bodies, const std::vector<Bytes>& holders) {
  std::vector<Ref> refs;
  refs.reserve(bodies.size());
  std::lock_guard lock(mutex_);
  for (size_t i = 0; i < bodies.size(); ++i) {
    std::vector<Bytes> own = bodies.size() == 1 ? holders : std::vector<Bytes>{holders[i]};
    std::string key = keys::body_key(group, opening_, ++number_);
    refs.push_back(Ref{keys::make_blob(key, own), 0, static_cast<uint32_t>(bodies[i].size())});
    auto staged = std::make_shared<Staged>();
    staged->holders = keys::encode_holders(own);
    staged->body = std::move(bodies[i]);
    staged_.emplace(std::move(key), std::move(staged));
  }
  return refs;
}

size_t RocksdbBodies::staged() const {
  std::lock_guard lock(mutex_);
  return staged_.size();
}

Rc RocksdbBodies::write(rocksdb::WriteBatch& group) {
  std::lock_guard lock(mutex_);
  for (auto& [key, staged] : staged_) {
    staged->writing = true;
    rocksdb::Slice key_part = slice(key);
    rocksdb::Slice value_parts[] = {slice(staged->holders), slice(staged->body)};
    rocksdb::Status put = group.Put(family(), rocksdb::SliceParts(&key_part, 1), rocksdb::SliceParts(value_parts, 2));
    if (!put.ok()) return to_rc(put);
  }
  return Rc::kOk;
}

void RocksdbBodies::settle(bool written) {
  changed_lists_.clear();
  std::lock_guard lock(mutex_);
  for (auto it = staged_.begin(); it != staged_.end();) {
    if (it->second->writing && written) {
      it = staged_.erase(it);
    } else {
      it->second->writing = false;
      ++it;
    }
  }
}

std::shared_ptr<RocksdbBodies::Staged> RocksdbBodies::find_staged(const std::string& key) const {
  std::lock_guard lock(mutex_);
  auto it = staged_.find(key);
  return it == staged_.end() ? nullptr : it->second;
}

Rc RocksdbBodies::read(const Ref& ref, uint64_t off, uint32_t len, Bytes& out) {
  auto blob = keys::parse_blob(ref.blob);
  if (!blob) return Rc::kAbsent;
  if (auto staged = find_staged(blob->key)) {
    if (off < staged->body.size()) out = staged->body.substr(off, len);
    return Rc::kOk;
  }
  if (!db()) return Rc::kUnavailable;
  rocksdb::PinnableSlice value;
  rocksdb::Status got = db()->Get({}, family(), blob->key, &value);
  if (!got.ok()) return to_rc(got);
  std::string_view bytes(value.data(), value.size());
  if (!keys::take_holders(bytes)) return Rc::kUnavailable;
  if (off < bytes.size()) out = bytes.substr(off, len);
  return Rc::kOk;
}

Rc RocksdbBodies::holders_of(const keys::Blob& blob, std::vector<Bytes>& out) {
  if (auto changed = changed_lists_.find(blob.key); changed != changed_lists_.end()) {
    out = changed->second;
    return out.empty() ? Rc::kAbsent : Rc::kOk;
  }
  std::string value;
  rocksdb::Status got = db()->Get({}, keys::holders_key(blob.key), &value);
  if (got.IsNotFound()) {
    if (auto staged = find_staged(blob.key)) value = staged->holders;
    else got = db()->Get({}, family(), blob.key, &value);
    if (!value.empty()) got = rocksdb::Status::OK();
  }
  if (!got.ok()) return to_rc(got);
  std::string_view bytes = value;
  auto holders = keys::take_holders(bytes);
  if (!holders) return Rc::kUnavailable;
  out = std::move(*holders);
  return Rc::kOk;
}

Rc RocksdbBodies::hold(const Ref& ref, const Bytes& holder, rocksdb::WriteBatch& group) {
  auto blob = keys::parse_blob(ref.blob);
  std::vector<Bytes> holders;
  Rc rc = blob ? holders_of(*blob, holders) : Rc::kAbsent;
  if (rc != Rc::kOk) return rc;
  if (std::find(holders.begin(), holders.end(), holder) != holders.end()) return Rc::kOk;
  holders.push_back(holder);
  rc = to_rc(group.Put(keys::holders_key(blob->key), keys::encode_holders(holders)));
  changed_lists_[blob->key] = std::move(holders);
  return rc;
}

Rc RocksdbBodies::release(const Ref& ref, const Bytes& holder, rocksdb::WriteBatch& group) {
  auto blob = keys::parse_blob(ref.blob);
  if (!blob) return Rc::kAbsent;
  std::string list_key = keys::holders_key(blob->key);
  // The common body: one holder from its birth, nobody joined. Its hash stands in the Ref, nothing is read.
  if (blob->single_holder && !changed_lists_.contains(blob->key)) {
    std::string list;
    rocksdb::Status got = db()->Get({}, list_key, &list);
    if (got.IsNotFound()) {
      if (*blob->single_holder != keys::holder_hash(holder)) return Rc::kAbsent;
      changed_lists_[blob->key] = {};
      return to_rc(group.SingleDelete(family(), blob->key));
    }
    if (!got.ok()) return to_rc(got);
  }
  std::vector<Bytes> holders;
  Rc rc = holders_of(*blob, holders);
  if (rc != Rc::kOk) return rc;
  auto held = std::find(holders.begin(), holders.end(), holder);
  if (held == holders.end()) return Rc::kAbsent;
  holders.erase(held);
  if (holders.empty()) {
    rc = to_rc(group.SingleDelete(family(), blob->key));
    if (rc == Rc::kOk) rc = to_rc(group.Delete(list_key));
  } else {
    rc = to_rc(group.Put(list_key, keys::encode_holders(holders)));
  }
  changed_lists_[blob->key] = std::move(holders);
  return rc;
}

Rc RocksdbBodies::list(const Bytes& group, const Bytes& after, unsigned limit, BodyPage& out) {
  if (!db()) return Rc::kUnavailable;
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  std::unique_ptr<rocksdb::Iterator> it(db()->NewIterator(options, family()));
  std::string prefix = keys::group_prefix(group);
  auto last = keys::parse_blob(after);
  it->Seek(last ? last->key + '\0' : prefix);
  for (; it->Valid() && it->key().starts_with(prefix); it->Next()) {
    if (it->key().size() != prefix.size() + 12) continue;  // of a longer group name with this beginning
    if (out.bodies.size() == limit) {
      out.more = true;
      break;
    }
    std::string key = it->key().ToString();
    std::string_view bytes(it->value().data(), it->value().size());
    auto first = keys::take_holders(bytes);
    if (!first) continue;
    HeldBody body{Ref{keys::make_blob(key, *first), 0, static_cast<uint32_t>(bytes.size())}, std::move(*first)};
    std::string list;
    if (db()->Get({}, keys::holders_key(key), &list).ok()) {
      std::string_view rest = list;
      if (auto now = keys::take_holders(rest)) body.holders = std::move(*now);
    }
    out.bodies.push_back(std::move(body));
  }
  return to_rc(it->status());
}

}  // namespace hky::storage
