#include "proto/mail/mime_limits.h"

#include <gtest/gtest.h>

namespace hky::mail {
namespace {

std::string shortened(std::string text, size_t limit, Mended what) {
  EXPECT_EQ(static_cast<int>(shorten(text, limit)), static_cast<int>(what)) << text;
  return text;
}

std::string parameters(std::string value, size_t limit) {
  shorten_parameters(value, limit);
  return value;
}

TEST(MailMimeLimits, WhatStaysOpenIsClosedWithinTheLength) {
  EXPECT_EQ(shortened(" 1.0 (unbalanced", 2048, Mended::kClosed), " 1.0 (unbalance)");
  EXPECT_EQ(shortened(" 7bit (x", 2048, Mended::kClosed), " 7bit ()");
  EXPECT_EQ(shortened(" <a\"b>", 2048, Mended::kClosed), " <a\"b\"");
  EXPECT_EQ(shortened(" (foo; name=\"bar\\", 2048, Mended::kClosed), " (foo; name=\"bar)");
  EXPECT_EQ(shortened(" (a(b; charset=x", 2048, Mended::kClosed), " (a(b; charset))");
  EXPECT_EQ(shortened(" \"a\\\"b; charset=x", 2048, Mended::kClosed), " \"a\\\"b; charset=\"");
  EXPECT_EQ(shortened("ends in \\", 2048, Mended::kClosed), "ends in ");
  EXPECT_EQ(shortened("(", 2048, Mended::kClosed), "");
  for (const char* sound : {"", " name=b)c", " \"a(b\" (c \"d) e", " a\\(b", " \"a)b\""}) EXPECT_EQ(shortened(sound, 2048, Mended::kNo), sound);
}

TEST(MailMimeLimits, TheCutKeepsRoomForWhatItMustClose) {
  EXPECT_EQ(shortened("abcdefghij", 10, Mended::kNo), "abcdefghij");
  EXPECT_EQ(shortened("abcdefghij", 6, Mended::kCut), "abcdef");
  EXPECT_EQ(shortened("ab\"cdefghij\"", 6, Mended::kCut), "ab\"cd\"");
  EXPECT_EQ(shortened("ab((cdefghij))", 7, Mended::kCut), "ab((c))");
  EXPECT_EQ(shortened("abcde(fghij)", 6, Mended::kCut), "abcde");
  EXPECT_EQ(shortened("abcd\"\\\"x\"", 6, Mended::kCut), "abcd\"\"");
  EXPECT_EQ(shortened("(((((((((", 4, Mended::kCut), "(())");
}

TEST(MailMimeLimits, EachParameterHasTheLimit) {
  EXPECT_EQ(parameters(" text/plain; name=\"unclosed", 1024), " text/plain; name=\"unclose\"");
  EXPECT_EQ(parameters(" text/plain; name=\"a;b\"; c=(;) ; d", 1024), " text/plain; name=\"a;b\"; c=(;) ; d");
  std::string value = " attachment; filename=\"abcdefghijklmnopqrstuvwxyz\"; size=12; c=(x";
  const MendedParameters m = shorten_parameters(value, 20);
  EXPECT_EQ(value, " attachment; filename=\"abcdefgh\"; size=12; c=()");
  EXPECT_EQ(m.cut, 38u);
  EXPECT_TRUE(m.closed);
}

}  // namespace
}  // namespace hky::mail
