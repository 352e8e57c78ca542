#include "queue/drop.h"

#include <fmt/format.h>

#include <charconv>

#include "queue/codec.h"

namespace hky::queue {
namespace {

constexpr std::string_view kFirstLine = "hikyaku drop 1\n", kLastLine = "end\n";
constexpr uint64_t kMostBytes = 1u << 30;
constexpr int64_t kAbandonedSeconds = 86400;
constexpr size_t kNameLength = 25;

bool is_name(std::string_view name, char first) {
  return name.size() == kNameLength && name[0] == first &&
         name.find_first_not_of("0123456789abcdef", 1) == std::string_view::npos;
}

Error not_a_drop(const char* why) { return permanent_error(fmt::format("not a message of the drop folder: {}", why), 554, "5.6.0"); }

// A line with a length, then so many bytes.
Result<std::string_view> take_block(std::string_view& rest) {
  uint64_t size = 0;
  auto [end, failed] = std::from_chars(rest.data(), rest.data() + rest.size(), size);
  if (failed != std::errc() || end == rest.data() + rest.size() || *end != '\n') return not_a_drop("no length");
  rest.remove_prefix(static_cast<size_t>(end - rest.data()) + 1);
  if (size > rest.size()) return not_a_drop("it ends early");
  std::string_view block = rest.substr(0, size);
  rest.remove_prefix(size);
  return block;
}

// The envelope is in the encoding of the partition; recipients over one value follow as blocks of their own.
void put_block(std::string& out, std::string_view block) { fmt::format_to(std::back_inserter(out), "{}\n{}", block.size(), block); }

Result<> write_new(FileSystem& files, const std::string& path, const std::string& bytes) {
  HKY_TRY_ASSIGN(auto file, files.open(path, open_new(0600)));
  HKY_TRY(file->write(bytes));
  // The engine is another user, and the submitter's umask is no say in it. Nobody else finds the file: the folder is not to be listed.
  HKY_TRY(file->chmod(0644));
  return file->sync();
}

Result<Dropped> read_drop(FileSystem& files, const std::string& path) {
  OpenHow how = open_to_read();
  how.no_follow = true;
  how.non_block = true;
  HKY_TRY_ASSIGN(auto file, files.open(path, how));
  HKY_TRY_ASSIGN(FileStat stat, file->stat());
  // Anybody may write into the folder: a link, a pipe or a file with a second name is no message.
  if (!stat.is_file() || stat.links != 1) return not_a_drop("not a plain file");
  if (stat.size > kMostBytes) return not_a_drop("too large");
  std::string bytes(stat.size, '\0');
  size_t have = 0;
  while (have < bytes.size()) {
    HKY_TRY_ASSIGN(size_t n, file->read(std::span<char>(bytes).subspan(have)));
    if (n == 0) break;
    have += n;
  }
  bytes.resize(have);
  HKY_TRY_ASSIGN(Dropped dropped, decode_drop(bytes));
  dropped.uid = stat.uid;
  return dropped;
}

}  // namespace

std::string encode_drop(const Envelope& envelope, std::string_view message) {
  std::string out(kFirstLine);
  auto encoded = encode(envelope, 0);
  if (!encoded.ok()) return {};
  put_block(out, encoded->header);
  for (const std::string& chunk : encoded->chunks) put_block(out, chunk);
  put_block(out, message);
  return out += kLastLine;
}

Result<Dropped> decode_drop(std::string_view bytes) {
  if (!bytes.starts_with(kFirstLine)) return not_a_drop("of another version, or something else");
  bytes.remove_prefix(kFirstLine.size());
  HKY_TRY_ASSIGN(std::string_view header, take_block(bytes));
  auto decoded = decode(header);
  if (!decoded.ok()) return not_a_drop("its envelope is not readable");
  Dropped out;
  out.envelope = std::move(decoded->envelope);
  for (uint32_t i = 0; i < decoded->chunks; ++i) {
    HKY_TRY_ASSIGN(std::string_view chunk, take_block(bytes));
    if (!decode_chunk(chunk, out.envelope.rcpts).ok()) return not_a_drop("its recipients are not readable");
  }
  HKY_TRY_ASSIGN(std::string_view message, take_block(bytes));
  if (bytes != kLastLine) return not_a_drop("no end");
  out.message = message;
  out.envelope.id.clear();
  out.envelope.body = {};
  return out;
}

Result<std::string> write_drop(FileSystem& files, Random& random, const std::string& folder, const Envelope& envelope,
                               std::string_view message) {
  std::string bytes = encode_drop(envelope, message);
  if (bytes.empty()) return permanent_error("envelope too large", 552, "5.3.4");
  std::string digits = fmt::format("{:016x}{:08x}", random.next(), static_cast<uint32_t>(random.next()));
  const std::string unfinished = fmt::format("{}/t{}", folder, digits), name = "d" + digits;
  Result<> written = write_new(files, unfinished, bytes);
  if (written.ok()) written = files.rename(unfinished, folder + "/" + name);
  if (!written.ok()) {
    (void)files.unlink(unfinished).ok();
    return written.error();
  }
  HKY_TRY(files.sync_directory(folder));
  return name;
}

Result<std::vector<Dropped>> read_drops(FileSystem& files, const std::string& folder) {
  HKY_TRY_ASSIGN(const std::vector<std::string> names, files.list(folder));
  std::vector<Dropped> out;
  for (const std::string& name : names) {
    if (!is_name(name, 'd')) continue;
    auto dropped = read_drop(files, folder + "/" + name);
    if (!dropped.ok()) continue;   // taken in meanwhile, or no message: take_in says so
    dropped->name = name;
    out.push_back(std::move(*dropped));
  }
  return out;
}

net::Task<TakenIn> take_in(Queue& queue, FileSystem& files, std::string folder, int64_t now, SubmitDropped submit) {
  TakenIn counts;
  auto names = files.list(folder);
  if (!names.ok()) co_return counts;
  for (const std::string& name : *names) {
    const std::string path = folder + "/" + name;
    if (is_name(name, 't')) {
      auto stat = files.lstat(path);
      if (stat.ok() && stat->mtime_ns / 1'000'000'000 + kAbandonedSeconds < now) (void)files.unlink(path).ok();
      continue;
    }
    if (!is_name(name, 'd')) continue;
    const bool again = queue.dropped_before(name);
    if (!again) {
      auto dropped = read_drop(files, path);
      if (!dropped.ok()) {
        // What cannot be read now may be readable later; what is no message never will, and is kept for the operator.
        if (dropped.error().temporary()) {
          ++counts.failed;
          continue;
        }
        ++counts.bad;
        (void)files.rename(path, folder + "/b" + name.substr(1)).ok();
        continue;
      }
      dropped->name = name;
      dropped->envelope.drop = name;
      Result<> submitted = co_await submit(std::move(*dropped));
      if (!submitted.ok()) {
        ++counts.failed;
        continue;
      }
    }
    counts.taken += !again;
    counts.again += again;
    // The mark goes only when the file is surely gone: else a power cut could bring the file back without it.
    bool gone = files.unlink(path).ok();
    if (gone) gone = files.sync_directory(folder).ok();
    if (gone) queue.forget_drop(name);
  }
  co_return counts;
}

}  // namespace hky::queue
