// What a report says of each recipient, and its transcript. sendmail: savemail.c errbody(), deliver.c giveresponse(), markfailure().
// Who calls it: bounce.cc. Pure.
#pragma once

#include "deliver/bounce/bounce.h"
#include "proto/mail/report.h"

namespace hky::deliver {

mail::ReportRcpt describe(Work& w, const Noted& noted, const ReportRequest& request, const std::string& host);
std::vector<std::string> transcript_of(Work& w, const std::vector<Noted>& noted, const ReportRequest& request);

}  // namespace hky::deliver
