// The From_ lines of UUCP mail and the return path they stand for (F3).
#include "cmd/rmail_path.h"

#include <gtest/gtest.h>

namespace hky::cmd {
namespace {

ReturnPath path_of(std::initializer_list<std::string_view> lines) {
  ReturnPath p;
  for (std::string_view line : lines) EXPECT_TRUE(p.take(line)) << line;
  return p;
}

TEST(RmailPath, OneLineNamesTheNeighbour) {
  const ReturnPath p = path_of({"From joe Wed Nov 25 10:00:00 2026 remote from near\n"});
  EXPECT_EQ(p.address(), "near!joe");
  EXPECT_EQ(p.nearest(), "near");
}

TEST(RmailPath, NestedLinesAreReadNearestFirst) {
  const ReturnPath p = path_of({"From uucp Wed Nov 25 10:01:00 2026 remote from near\n", ">From mid Wed Nov 25 10:00:30 2026 remote from middle\n",
                                ">From joe Wed Nov 25 10:00:00 2026 remote from far\n"});
  EXPECT_EQ(p.address(), "near!middle!far!joe");
}

TEST(RmailPath, AFoldedPathStandsInTheAddress) { EXPECT_EQ(path_of({"From middle!far!joe Wed Nov 25 10:00:00 2026 remote from near\n"}).address(), "near!middle!far!joe"); }

TEST(RmailPath, WithoutRemoteTheUserAlone) {
  const ReturnPath p = path_of({"From joe@a.example Wed Nov 25 10:00:00 2026\n"});
  EXPECT_EQ(p.address(), "joe@a.example");
  EXPECT_EQ(p.nearest(), "");
}

TEST(RmailPath, AHeaderLineEndsIt) {
  ReturnPath p;
  EXPECT_FALSE(p.take("From: joe\n"));
  EXPECT_FALSE(p.take("\n"));
  EXPECT_FALSE(p.take(">\n"));
}

}  // namespace
}  // namespace hky::cmd
