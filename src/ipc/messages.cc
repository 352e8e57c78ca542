// Field by field, in the order of doc/ipc.md.
#include "ipc/messages.h"

namespace hky::ipc {
namespace {

void put(Encoder& e, const Who& w) {
  e.text(w.user);
  e.u32(w.uid);
  e.u32(w.gid);
  e.text(w.home);
}
void get(Decoder& d, Who& w) {
  w.user = d.text();
  w.uid = d.u32();
  w.gid = d.u32();
  w.home = d.text();
}

constexpr bool FileTrust::*kTrust[] = {
    &FileTrust::group_file,   &FileTrust::group_file_is_safe, &FileTrust::world_file,             &FileTrust::folder,                  &FileTrust::folder_is_safe,
    &FileTrust::group_folder, &FileTrust::links,              &FileTrust::group_folders_are_safe, &FileTrust::sticky_folders_are_safe, &FileTrust::silent_where_missing};

// DeliverMbox, DeliverMaildir and AppendFile begin with the same fields.
template <class Delivery>
void put_delivery(Encoder& e, const Delivery& r) {
  put(e, r.as);
  e.text(r.path);
  e.text(r.queue_id);
  e.text(r.message);
}
template <class Delivery>
void get_delivery(Decoder& d, Delivery& r) {
  get(d, r.as);
  r.path = d.text();
  r.queue_id = d.text();
  r.message = d.text();
}

void put(Encoder& e, const FileTrust& t) {
  for (bool FileTrust::*part : kTrust) e.u8(t.*part);
}
void get(Decoder& d, FileTrust& t) {
  for (bool FileTrust::*part : kTrust) t.*part = d.u8() != 0;
}

}  // namespace

void put(Encoder& e, const std::vector<DeliverMbox>& batch) {
  e.u32(uint32_t(batch.size()));
  for (const DeliverMbox& r : batch) put_delivery(e, r);
}
void put(Encoder& e, const DeliverMaildir& r) { put_delivery(e, r); }
void put(Encoder& e, const AppendFile& r) {
  put_delivery(e, r);
  e.u8(r.symlinks);
  e.u8(r.hard_links);
  e.u8(r.set_id);
  e.text(r.below);
}
void put(Encoder& e, const RunProgram& r) {
  put(e, r.as);
  e.text(r.path);
  e.texts(r.argv);
  e.texts(r.env);
  e.text(r.directory);
  e.text(r.input);
  e.i32(r.nice);
  e.i32(r.timeout_seconds);
  e.u8(r.local);
  e.u8(r.answers);
  e.text(r.root);
}
void put(Encoder& e, const ReadForward& r) {
  put(e, r.as);
  e.texts(r.paths);
  put(e, r.trust);
}
void put(Encoder& e, const ReadInclude& r) {
  put(e, r.as);
  e.text(r.path);
  put(e, r.trust);
}
void put(Encoder& e, const LookupUser& r) {
  e.text(r.name);
  e.u8(r.match_gecos);
}
void put(Encoder& e, const std::vector<Outcome>& outcomes) {
  e.u32(uint32_t(outcomes.size()));
  for (const Outcome& o : outcomes) put(e, o);
}
void put(Encoder& e, const Outcome& o) {
  e.i32(o.exit_code);
  e.text(o.output);
  e.text(o.dsn);
  e.i32(o.signal);
}
void put(Encoder& e, const FileText& t) {
  e.u8(t.found);
  e.text(t.path);
  e.text(t.text);
  e.u8(t.unsafe);
  e.u8(t.safe_folders);
  put(e, t.owner);
  e.u32(uint32_t(t.others.size()));
  for (const NotBelieved& n : t.others) {
    e.text(n.path);
    e.text(n.why);
  }
  e.text(t.problem);
  e.u8(t.passes);
}
void put(Encoder& e, const User& u) {
  e.u8(uint8_t(u.found ? 1 : u.temp_fail ? 2 : 0));
  e.text(u.name);
  e.text(u.home);
  e.text(u.full_name);
  e.u32(u.uid);
  e.u32(u.gid);
  e.u8(u.shell_listed);
  e.u8(u.any_shell);
}

void get(Decoder& d, std::vector<DeliverMbox>& batch) {
  for (uint32_t n = d.u32(); n > 0 && d.ok(); --n) get_delivery(d, batch.emplace_back());
}
void get(Decoder& d, DeliverMaildir& r) { get_delivery(d, r); }
void get(Decoder& d, AppendFile& r) {
  get_delivery(d, r);
  r.symlinks = d.u8() != 0;
  r.hard_links = d.u8() != 0;
  r.set_id = d.u8() != 0;
  r.below = d.text();
}
void get(Decoder& d, RunProgram& r) {
  get(d, r.as);
  r.path = d.text();
  r.argv = d.texts();
  r.env = d.texts();
  r.directory = d.text();
  r.input = d.text();
  r.nice = d.i32();
  r.timeout_seconds = d.i32();
  r.local = d.u8() != 0;
  r.answers = d.u8() != 0;
  r.root = d.text();
}
void get(Decoder& d, ReadForward& r) {
  get(d, r.as);
  r.paths = d.texts();
  get(d, r.trust);
}
void get(Decoder& d, ReadInclude& r) {
  get(d, r.as);
  r.path = d.text();
  get(d, r.trust);
}
void get(Decoder& d, LookupUser& r) {
  r.name = d.text();
  r.match_gecos = d.u8() != 0;
}
void get(Decoder& d, std::vector<Outcome>& outcomes) {
  for (uint32_t n = d.u32(); n > 0 && d.ok(); --n) get(d, outcomes.emplace_back());
}
void get(Decoder& d, Outcome& o) {
  o.exit_code = d.i32();
  o.output = d.text();
  o.dsn = d.text();
  o.signal = d.i32();
}
void get(Decoder& d, FileText& t) {
  t.found = d.u8() != 0;
  t.path = d.text();
  t.text = d.text();
  t.unsafe = d.u8() != 0;
  t.safe_folders = d.u8() != 0;
  get(d, t.owner);
  for (uint32_t n = d.u32(); n > 0 && d.ok(); --n) {
    NotBelieved& other = t.others.emplace_back();
    other.path = d.text();
    other.why = d.text();
  }
  t.problem = d.text();
  t.passes = d.u8() != 0;
}
void get(Decoder& d, User& u) {
  uint8_t state = d.u8();
  u.found = state == 1;
  u.temp_fail = state == 2;
  u.name = d.text();
  u.home = d.text();
  u.full_name = d.text();
  u.uid = d.u32();
  u.gid = d.u32();
  u.shell_listed = d.u8() != 0;
  u.any_shell = d.u8() != 0;
}

}  // namespace hky::ipc
