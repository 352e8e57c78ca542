// Runs the transcripts of test/scenario/*.scn on a session over a pipe in memory, with scripted DNS, maps, users and a queue that
// keeps what it is given. A transcript is run as written and once more with its client's bytes cut in single ones.
// The format stands in test/scenario/README.md.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/strings.h"
#include "cf/reader.h"
#include "dns/scripted_resolver.h"
#include "maps/map_set_memory.h"
#include "receive/scenario_world.h"
#include "receive/session.h"

namespace hky::receive {
namespace {

std::string unescaped(std::string_view s) {
  std::string out;
  for (size_t i = 0; i < s.size(); ++i) {
    if (s[i] != '\\' || i + 1 == s.size()) {
      out += s[i];
      continue;
    }
    char c = s[++i];
    out += c == 'r' ? '\r' : c == 'n' ? '\n' : c == 't' ? '\t' : c == '0' ? '\0' : c;
  }
  return out;
}

bool matches(std::string_view pattern, std::string_view text) {
  size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  std::string_view head = pattern.substr(0, star), tail = pattern.substr(star + 1);
  return text.size() >= head.size() + tail.size() && text.starts_with(head) && text.ends_with(tail);
}

struct Step { int line = 0; std::string word, rest; };

std::vector<Step> parse(const std::string& text) {
  std::vector<Step> steps;
  int number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    size_t blank = std::min(line.find(' '), line.size());
    Step s;
    s.line = number;
    s.word = std::string(line.substr(0, blank));
    s.rest = std::string(line.substr(std::min(blank + 1, line.size())));
    steps.push_back(std::move(s));
  }
  return steps;
}

class Scenario {
 public:
  Scenario(const std::filesystem::path& file, bool bytewise) : file_(file), steps_(parse(read_text(file))), bytewise_(bytewise) {}

  void run() {
    cf::ReadRequest request;
    std::string client = "192.0.2.13";
    for (const Step& s : steps_) {
      size_t eq = s.rest.find('=');
      if (s.word == "client") client = s.rest;
      if (s.word == "option") request.options.push_back({s.rest.substr(0, eq), 0, s.rest.substr(std::min(eq + 1, s.rest.size()))});
    }
    std::filesystem::path folder = file_.parent_path();
    world_ = std::make_unique<ScenarioWorld>(read_text(folder / "host.cf"), read_text(folder / "zone.txt"), request);
    for (const Step& s : steps_) prepare(s);
    net::run_blocking(world_->loop, play(client));
  }

 private:
  void prepare(const Step& s) {
    std::vector<std::string_view> words = split(s.rest, '\t');
    if (s.word == "map" && words.size() == 3) world_->maps->put(std::string(words[0]), std::string(words[1]), std::string(words[2]));
    if (s.word == "map-fails" && words.size() == 2) world_->maps->fail(std::string(words[0]), std::string(words[1]));
    if (s.word == "user" && words.size() == 2) world_->agent.users[std::string(words[0])] = std::string(words[1]);
    if (s.word == "sasl") world_->sasl.has = s.rest;
    if (s.word == "password" && words.size() == 2) world_->sasl.passwords[std::string(words[0])] = std::string(words[1]);
    if (s.word == "sasl-unknown") world_->sasl.known = false;
    if (s.word == "queue-error") world_->queue.error = s.rest;
    if (s.word == "free") world_->free_bytes = std::stoll(s.rest);
  }

  // Seconds that the clock went on since the last such line, or the first byte.
  void expect_took(const Step& s) {
    const int64_t now = unix_seconds(world_->clock.wall());
    EXPECT_EQ(now - took_from_, std::stol(s.rest)) << file_ << ":" << s.line;
    took_from_ = now;
  }

  void set_load(const std::string& figure) {
    world_->load_text = figure + " 0.00 0.00 1/99 1\n";
    world_->load.refresh();
  }

  net::Task<> play(std::string client) {
    auto ends = net::memory_pipe(world_->loop);
    near_ = std::move(ends.first);
    net::Endpoint peer, own;
    peer.address = client;
    peer.port = 4321;
    for (const Step& s : steps_)
      if (s.word == "interface") own.address = s.rest;
    auto far = std::make_unique<PeerStream>(std::move(ends.second), peer, own);
    SessionShared shared(*world_->services);
    Daemon daemon;
    for (const Step& s : steps_)
      if (s.word == "daemon-mode") daemon.delivery_mode = s.rest[0];
    std::optional<Client> user;
    for (const Step& s : steps_)
      if (s.word == "as-user") user = local_client(s.rest);
    Session session(shared, *far, daemon, std::move(user));
    net::TaskGroup group(world_->loop);
    group.spawn(session.run());
    for (const Step& s : steps_) {
      co_await step(s);
      if (::testing::Test::HasFailure()) break;
    }
    near_->close();
    co_await group.wait();
  }

  net::Task<> step(const Step& s) {
    if (s.word == "C:") co_await send(unescaped(s.rest) + "\r\n");
    else if (s.word == "C~") co_await send(unescaped(s.rest));
    else if (s.word == "S:") co_await expect(s);
    else if (s.word == "closed") co_await expect_closed(s);
    else if (s.word == "wait") co_await world_->loop.sleep(std::chrono::seconds(std::stol(s.rest)));
    else if (s.word == "load") set_load(s.rest);
    else if (s.word == "took") expect_took(s);
    else if (s.word == "drop") near_->close();
    else if (s.word == "sasl-down") world_->sasl.down = true;
    else if (s.word == "queued") expect_queued(s);
    else if (s.word == "M:") expect_message_line(s);
    else if (s.word == "logged") expect_logged(s);
    else if (s.word == "counted") expect_counted(s);
  }

  net::Task<> send(std::string bytes) {
    size_t piece = bytewise_ ? 1 : bytes.size();
    for (size_t i = 0; i < bytes.size(); i += piece) {
      Result<> sent = co_await near_->write(std::string_view(bytes).substr(i, piece), MonoTime::max());
      if (!sent.ok()) break;  // the server closed: what it said before is looked at
      if (bytewise_) co_await world_->loop.sleep(std::chrono::microseconds(1));
    }
  }

  net::Task<bool> fill() {
    std::array<char, 4096> buffer;
    Result<size_t> got = co_await near_->read(buffer, world_->clock.mono() + std::chrono::seconds(7200));
    if (!got.ok() || *got == 0) co_return false;
    heard_.append(buffer.data(), *got);
    co_return true;
  }

  net::Task<> expect(const Step& s) {
    size_t nl = heard_.find("\r\n");
    while (nl == std::string::npos) {
      bool more = co_await fill();
      if (!more) {
        ADD_FAILURE() << place(s) << "expected \"" << s.rest << "\", heard nothing more (\"" << heard_ << "\")";
        co_return;
      }
      nl = heard_.find("\r\n");
    }
    std::string line = heard_.substr(0, nl);
    heard_.erase(0, nl + 2);
    EXPECT_TRUE(matches(s.rest, line)) << place(s) << "expected \"" << s.rest << "\"\n heard    \"" << line << "\"";
  }

  net::Task<> expect_closed(const Step& s) {
    bool more = co_await fill();
    EXPECT_FALSE(more || !heard_.empty()) << place(s) << "heard \"" << heard_ << "\"";
  }

  // "queued 1": so many messages so far; with more words, facts of the last one: "from=x rcpts=a,b size=1 ..."
  void expect_queued(const Step& s) {
    std::vector<std::string_view> words = split_words(s.rest);
    ASSERT_EQ(std::to_string(world_->queue.kept.size()), words[0]) << place(s);
    if (words.size() < 2) return;
    std::string facts = world_->queue.facts();
    for (size_t i = 1; i < words.size(); ++i) EXPECT_THAT(facts, ::testing::HasSubstr(std::string(words[i]) + " ")) << place(s);
    message_ = *world_->queue.kept.back().body;
  }

  void expect_message_line(const Step& s) {
    size_t nl = std::min(message_.find('\n'), message_.size());
    EXPECT_TRUE(matches(unescaped(s.rest), message_.substr(0, nl))) << place(s) << "message goes on \"" << message_ << "\"";
    message_.erase(0, nl + 1);
  }

  void expect_logged(const Step& s) {
    EXPECT_TRUE(world_->log.contains(s.rest)) << place(s) << ::testing::PrintToString(world_->log.lines());
  }

  // "counted taken=1 refused=0 from=2 rejected=0 discarded=1 quarantined=1": of all mailers, since the last such line.
  void expect_counted(const Step& s) {
    const Traffic::Figures f = world_->traffic.take();
    const auto sum = [&f](Traffic::Table t) {
      int64_t n = 0;
      for (const int64_t one : f.by_mailer[t]) n += one;
      return n;
    };
    std::ostringstream got;
    got << "taken=" << f.connections[Traffic::kTaken] << " refused=" << f.connections[Traffic::kRefused] << " from=" << sum(Traffic::kFrom)
        << " rejected=" << sum(Traffic::kRejected) << " discarded=" << sum(Traffic::kDiscarded) << " quarantined=" << sum(Traffic::kQuarantined);
    EXPECT_EQ(s.rest, got.str()) << place(s);
  }

  std::string place(const Step& s) const { return file_.filename().string() + ":" + std::to_string(s.line) + (bytewise_ ? " (bytes): " : ": "); }

  std::filesystem::path file_;
  std::vector<Step> steps_;
  bool bytewise_;
  std::unique_ptr<ScenarioWorld> world_;
  int64_t took_from_ = 1704067200;   // where the world's clock begins
  std::unique_ptr<net::Stream> near_;
  std::string heard_, message_;
};

TEST(SessionScenario, AllTranscriptsHold) {
  size_t run = 0;
  for (const auto& entry : std::filesystem::directory_iterator(HKY_SCENARIOS)) {
    if (entry.path().extension() != ".scn") continue;
    Scenario(entry.path(), false).run();
    bool early_talk = read_text(entry.path()).find("# whole only\n") != std::string::npos;
    if (!early_talk) Scenario(entry.path(), true).run();
    ++run;
  }
  EXPECT_GT(run, 5u);
}

}  // namespace
}  // namespace hky::receive
