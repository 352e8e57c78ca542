#include "net/logged_stream.h"

#include <utility>

namespace hky::net {
namespace {

class LoggedStream : public Stream {
 public:
  LoggedStream(std::unique_ptr<Stream> under, TrafficLog& log, long number, bool tells_end)
      : under_(std::move(under)), lines_(log, number), tells_end_(tells_end) {}

  Task<Result<size_t>> read(std::span<char> buf, MonoTime deadline) override {
    Result<size_t> got = co_await under_->read(buf, deadline);
    note(buf, got);
    co_return got;
  }
  std::optional<Result<size_t>> try_read(std::span<char> buf) override {
    auto got = under_->try_read(buf);
    if (got) note(buf, *got);
    return got;
  }
  Task<Result<>> write(std::string_view bytes, MonoTime deadline) override {
    lines_.sent(bytes);
    Result<> done = co_await under_->write(bytes, deadline);
    co_return done;
  }
  Task<Result<>> write2(std::string_view a, std::string_view b, MonoTime deadline) override {
    lines_.sent(a);
    lines_.sent(b);
    Result<> done = co_await under_->write2(a, b, deadline);
    co_return done;
  }
  void shutdown_write() override { under_->shutdown_write(); }
  void close() override { under_->close(); }
  Endpoint peer() const override { return under_->peer(); }
  Endpoint local() const override { return under_->local(); }
  std::optional<unsigned> peer_uid() const override { return under_->peer_uid(); }

 private:
  void note(std::span<char> buf, const Result<size_t>& got) {
    if (!got.ok()) return;
    if (*got > 0) lines_.received(std::string_view(buf.data(), *got));
    else if (tells_end_ && !std::exchange(ended_, true)) lines_.end_of_input();
  }

  std::unique_ptr<Stream> under_;
  TrafficLines lines_;
  bool tells_end_, ended_ = false;
};

}  // namespace

std::unique_ptr<Stream> logged_stream(std::unique_ptr<Stream> under, TrafficLog& log, long number, bool tells_end) {
  return std::make_unique<LoggedStream>(std::move(under), log, number, tells_end);
}

}  // namespace hky::net
