// For tests: a Network of memory pipes where scripted SMTP servers answer by address. No sockets, no ports.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "net/stream.h"

namespace hky::deliver::testing {

// One server: what it offers, what it answers instead of the default, what it saw.
struct ScriptedServer {
  bool refuse_connection = false;
  int refusal = ECONNREFUSED;                  // with which errno
  bool hang = false;                           // connections are never answered: they time out
  bool hang_up = false;                        // connections are taken and ended
  std::string greeting = "220 mx.test ESMTP\r\n";
  std::vector<std::string> ehlo{"mx.test", "PIPELINING", "8BITMIME", "SIZE 1000000", "DSN", "ENHANCEDSTATUSCODES"};
  std::map<std::string, std::string> answers;  // whole command line -> reply ("RCPT TO:<bad@x>" -> "550 5.1.1 no\r\n")
  std::string after_data = "250 2.0.0 Ok: queued\r\n";
  int close_after_messages = 0;                // 0: never; else the connection just ends

  int connections = 0;
  int open = 0, most_at_once = 0;
  std::vector<std::string> commands;
  std::vector<std::string> messages;           // as on the wire, dots and CRLF still there
  std::vector<std::string> reads;              // bytes of each read, to see what travelled together
};

class ScriptedNetwork : public net::Network {
 public:
  std::map<std::string, ScriptedServer> servers;   // by address
  std::vector<net::LocalEnd> came_from;            // asked for, of each connection

  net::Task<Result<std::unique_ptr<net::Stream>>> connect(net::Loop& loop, net::Endpoint to, net::LocalEnd from, MonoTime deadline) override {
    came_from.push_back(std::move(from));
    auto it = servers.find(to.address);
    if (it == servers.end() || it->second.refuse_connection) {
      const int why = it == servers.end() ? ECONNREFUSED : it->second.refusal;
      Error e = temporary_error(fmt::format("connect to {}: {}", to_string(to), std::strerror(why)));
      e.sys = why;
      Result<std::unique_ptr<net::Stream>> refused(std::move(e));
      co_return refused;
    }
    ++it->second.connections;
    if (it->second.hang) {
      co_await loop.sleep(deadline - loop.clock().mono());
      Error e = temporary_error(fmt::format("connect to {}: timed out", to_string(to)), 421, "4.4.2");
      e.sys = ETIMEDOUT;
      Result<std::unique_ptr<net::Stream>> late(std::move(e));
      co_return late;
    }
    auto ends = net::memory_pipe(loop);
    loop.spawn(serve(loop, it->second, std::move(ends.second)));
    Result<std::unique_ptr<net::Stream>> up(std::move(ends.first));
    co_return up;
  }
  Result<std::unique_ptr<net::Listener>> listen(net::Loop&, net::Endpoint, int) override {
    return permanent_error("no listeners here");
  }
  // A program's is the server "program".
  Result<net::ProgramPipes> program_pipes(net::Loop& loop) override {
    ScriptedServer& server = servers["program"];
    ++server.connections;
    auto ends = net::memory_pipe(loop);
    loop.spawn(serve(loop, server, std::move(ends.second)));
    net::ProgramPipes pipes;
    pipes.stream = std::move(ends.first);
    return pipes;
  }

 private:
  static bool starts(const std::string& s, std::string_view p) {
    if (s.size() < p.size()) return false;
    for (size_t i = 0; i < p.size(); ++i)
      if (std::toupper(static_cast<unsigned char>(s[i])) != p[i]) return false;
    return true;
  }
  static std::string reply_to(ScriptedServer& s, const std::string& line) {
    if (auto it = s.answers.find(line); it != s.answers.end()) return it->second;
    for (const auto& [prefix, reply] : s.answers)
      if (prefix.back() == '*' && line.starts_with(prefix.substr(0, prefix.size() - 1))) return reply;
    if (starts(line, "EHLO") || starts(line, "LHLO")) {
      if (s.ehlo.empty()) return "502 5.5.1 what?\r\n";
      std::string out;
      for (size_t i = 0; i < s.ehlo.size(); ++i) out += fmt::format("250{}{}\r\n", i + 1 < s.ehlo.size() ? '-' : ' ', s.ehlo[i]);
      return out;
    }
    if (starts(line, "HELO")) return "250 mx.test\r\n";
    if (starts(line, "MAIL")) return "250 2.1.0 ok\r\n";
    if (starts(line, "RCPT")) return "250 2.1.5 ok\r\n";
    if (starts(line, "DATA")) return "354 go\r\n";
    if (starts(line, "QUIT")) return "221 2.0.0 bye\r\n";
    return "250 2.0.0 ok\r\n";
  }
  static net::Task<> serve(net::Loop& loop, ScriptedServer& s, std::unique_ptr<net::Stream> stream) {
    const MonoTime far = loop.clock().mono() + std::chrono::hours(1);
    std::string in, out = s.greeting, message;
    bool in_data = false;
    int done = 0;
    s.most_at_once = std::max(s.most_at_once, ++s.open);
    char buf[8192];
    for (bool open = !s.hang_up; open;) {
      if (!out.empty()) {
        auto wrote = co_await stream->write(out, far);
        if (!wrote.ok()) break;
        out.clear();
      }
      auto n = co_await stream->read(std::span<char>(buf, sizeof buf), far);
      if (!n.ok() || *n == 0) break;
      s.reads.emplace_back(buf, *n);
      in.append(buf, *n);
      for (size_t eol = in.find("\r\n"); eol != std::string::npos && open; eol = in.find("\r\n")) {
        std::string line = in.substr(0, eol);
        in.erase(0, eol + 2);
        if (in_data) {
          if (line == ".") {
            in_data = false;
            s.messages.push_back(std::move(message));
            message.clear();
            if (s.close_after_messages && ++done >= s.close_after_messages) {
              auto last = co_await stream->write(out + s.after_data, far);
              (void)last;
              open = false;
              out.clear();
              break;
            }
            out += s.after_data;
          } else {
            message += line + "\r\n";
          }
          continue;
        }
        s.commands.push_back(line);
        const std::string reply = reply_to(s, line);
        if (starts(line, "DATA") && reply.starts_with("354")) in_data = true;
        out += reply;
        if (starts(line, "QUIT") || reply.starts_with("421")) {
          auto last = co_await stream->write(out, far);
          (void)last;
          open = false;
        }
      }
    }
    stream->close();
    --s.open;
  }
};

}  // namespace hky::deliver::testing
