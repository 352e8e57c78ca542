#include "queue/queue_id.h"

#include <fmt/format.h>

#include <algorithm>

namespace hky::queue {
namespace {

// sendmail: QueueIdChars; 60 of them, so that each part of a time is one character.
constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwx";
constexpr uint32_t kPairs = 60 * 60;
constexpr uint32_t kIdsASecond = kPairs * 1000;

}  // namespace

IdMaker::IdMaker(const Clock& clock, Random& random, uint64_t epoch)
    : clock_(clock), opening_(static_cast<unsigned>(epoch % 1000)), first_(static_cast<uint32_t>(random.below(kPairs))) {}

QueueId IdMaker::next() {
  std::lock_guard lock(mutex_);
  int64_t now = unix_seconds(clock_.wall());
  if (now > second_) {
    second_ = now;
    used_ = 0;
  } else if (used_ == kIdsASecond) {
    ++second_;
    used_ = 0;
  }
  uint32_t pair = (first_ + used_) % kPairs, further = used_ / kPairs;
  ++used_;
  using std::chrono::days;
  auto time = std::chrono::sys_seconds(std::chrono::seconds(second_));
  auto day = std::chrono::floor<days>(time);
  std::chrono::year_month_day date(day);
  std::chrono::hh_mm_ss clock(time - day);
  auto digit = [](int64_t n) { return kDigits[static_cast<size_t>(n) % 60]; };
  // sendmail: the year counts from 1900, the month from 0.
  std::string id{digit(int(date.year()) - 1900), digit(unsigned(date.month()) - 1), digit(unsigned(date.day())),
                 digit(clock.hours().count()), digit(clock.minutes().count()), digit(clock.seconds().count()),
                 digit(pair / 60), digit(pair % 60)};
  fmt::format_to(std::back_inserter(id), "{:03}{:03}", opening_, further);
  return id;
}

bool IdMaker::mine(std::string_view id) const { return looks_like_id(id) && id.substr(8, 3) == fmt::format("{:03}", opening_); }

bool looks_like_id(std::string_view text) {
  auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return text.size() == 14 &&
         std::all_of(text.begin(), text.begin() + 8, [](char c) { return kDigits.find(c) != kDigits.npos; }) &&
         std::all_of(text.begin() + 8, text.end(), digit);
}

}  // namespace hky::queue
