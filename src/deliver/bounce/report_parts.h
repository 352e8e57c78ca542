// What a report says of each recipient, and its transcript. sendmail: savemail.c errbody(), deliver.c giveresponse(), markfailure().
// Who calls it: bounce.cc. Pure.
#pragma once

#include "deliver/bounce/bounce.h"
#include "proto/mail/report.h"

namespace hky::deliver {

mail::ReportRcpt describe(Work& w, const Noted& noted, const ReportRequest& request, const std::string& host);
// Those that were tried, in the order in which they were spoken of: what the expansion found comes first, then hosts by name (sendmail:
// sorthost()); a mailer that takes several recipients at once hears of the last first.
std::vector<size_t> spoken_order(const Work& w);
std::vector<std::string> transcript_of(Work& w, const std::vector<Noted>& noted, mail::ReportKind kind, const ReportRequest& request);

}  // namespace hky::deliver
