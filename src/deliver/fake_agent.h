// For tests: an Agent that keeps what it is given, in memory.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "ipc/agent.h"

namespace hky::deliver::testing {

class FakeAgent : public ipc::Agent {
 public:
  std::map<std::string, unsigned> users;                       // name -> uid; home is /home/NAME
  std::map<std::string, std::string> files;                    // .forward and :include: texts by path
  std::map<std::string, std::string> mailboxes;                // by path
  std::vector<size_t> batches;                                 // sizes of deliver_mbox requests
  std::vector<ipc::RunProgram> programs;
  std::function<ipc::Outcome(const ipc::RunProgram&)> program = [](const ipc::RunProgram&) { return ipc::Outcome(); };
  ipc::Outcome mbox_outcome, file_outcome;
  int mbox_delay_ms = 0;

  net::Task<std::vector<ipc::Outcome>> deliver_mbox(net::Loop& loop, std::vector<ipc::DeliverMbox> batch) override {
    batches.push_back(batch.size());
    if (mbox_delay_ms > 0) co_await loop.sleep(std::chrono::milliseconds(mbox_delay_ms));
    std::vector<ipc::Outcome> out(batch.size(), mbox_outcome);
    for (auto& b : batch)
      if (mbox_outcome.exit_code == 0) mailboxes[b.path] += b.message;
    co_return out;
  }
  net::Task<ipc::Outcome> deliver_maildir(net::Loop&, ipc::DeliverMaildir r) override {
    mailboxes[r.path] += r.message;
    co_return ipc::Outcome();
  }
  net::Task<ipc::Outcome> append_file(net::Loop&, ipc::AppendFile r) override {
    if (file_outcome.exit_code == 0) mailboxes[r.path] += r.message;
    co_return file_outcome;
  }
  net::Task<ipc::Outcome> run_program(net::Loop&, ipc::RunProgram r) override {
    programs.push_back(r);
    co_return program(r);
  }
  net::Task<ipc::Outcome> speak_to(net::Loop&, ipc::RunProgram r, Descriptor, Descriptor) override {
    programs.push_back(r);
    co_return program(r);
  }
  net::Task<ipc::FileText> read_forward(net::Loop&, ipc::ReadForward r) override {
    ipc::FileText text;
    for (const std::string& path : r.paths)
      if (!text.found) text = text_of(path);
    co_return text;
  }
  net::Task<ipc::FileText> read_include(net::Loop&, ipc::ReadInclude r) override { co_return text_of(r.path); }
  net::Task<ipc::User> lookup_user(net::Loop&, ipc::LookupUser r) override {
    ipc::User user;
    if (auto it = users.find(r.name); it != users.end()) {
      user.found = true;
      user.name = r.name;
      user.uid = user.gid = it->second;
      user.home = "/home/" + r.name;
    }
    co_return user;
  }

 private:
  ipc::FileText text_of(const std::string& path) const {
    ipc::FileText text;
    if (auto it = files.find(path); it != files.end()) {
      text.found = true;
      text.path = path;
      text.text = it->second;
    }
    return text;
  }
};

}  // namespace hky::deliver::testing
