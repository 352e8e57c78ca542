// Work: one attempt at one leased envelope; what the steps of a delivery share. Private to deliver.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "deliver/fate.h"
#include "deliver/foreground.h"
#include "deliver/header_rewrite.h"
#include "deliver/settings.h"
#include "proto/mail/message.h"
#include "rewrite/evaluate.h"

namespace hky::deliver {

// A pending recipient with its mailer.
struct Target {
  size_t rcpt = 0;                     // its place in envelope.rcpts
  const cf::Mailer* mailer = nullptr;
  std::string host, user;              // the triple; user in the envelope's form
  ipc::Who owner;                      // the local user it is; user "" where it is none
  ipc::Who controller;                 // as whom programs and files run; user "" and uid 0: the default user
};

// It was read from the queue (sendmail: readqf()): by a queue run (queue::waited()), or at once, as what a session leaves to be expanded.
inline bool read_anew(const queue::Envelope& e) { return e.queued_size != 0 && e.collected_size == e.queued_size; }

// The hosts that take the mail of a mailer's host (in lower case), as host_signature() tells.
using Signatures = std::map<std::pair<const cf::Mailer*, std::string>, std::string>;

struct Work {
  Work(net::Loop& loop, queue::Job j, std::shared_ptr<const Settings> s)
      : settings(std::move(s)),
        job(std::move(j)),
        scope(*settings->config),
        ctx{loop, settings->program, *settings->config, *settings->maps, scope} {}
  Work(const Work&) = delete;

  queue::Envelope& envelope() { return job.envelope; }
  const Policy& policy() const { return settings->policy; }
  // sendmail: defcharset(): what text of eight bits is said to be where it does not say so itself
  const std::string& charset() const { return sender_mailer == nullptr || sender_mailer->charset.empty() ? policy().default_charset : sender_mailer->charset; }

  std::shared_ptr<const Settings> settings;
  queue::Job job;
  cf::MacroScope scope;
  rewrite::Context ctx;
  mail::Header header;                 // of *job.body; fields that were mended are in mended_fields
  std::deque<std::string> mended_fields;
  std::string_view body;               // of *job.body
  const cf::Mailer* sender_mailer = nullptr;   // where some mailer says what it does to what its senders send
  OfSender of_sender;
  bool loops = false;                  // it has too many hops: its members stay together, whoever owns a list
  bool has_8bit = false;               // above 127 are bytes of the body, or of the header that came
  bool pass_8bit = false;              // goes as it is, also to hosts without 8BITMIME
  std::vector<std::optional<Fate>> fates;   // one a recipient; empty: not tried in this attempt
  std::vector<const cf::Mailer*> mailers;   // by which it was tried, or null
  Signatures signatures;                    // that were asked for in this attempt
  std::vector<std::string> transcript;      // for reports
  std::vector<std::string> complaints;      // of addresses, mended or not: they come first there ("553 5.0.0 <joe... Unbalanced '<'")
  std::optional<ipc::Who> sender_owner;     // the local user who sends, user "" where it is none; empty: not asked for yet
  Foreground* foreground = nullptr;         // who waits for it, if anybody
  int64_t started = 0;                 // unix seconds
};

}  // namespace hky::deliver
