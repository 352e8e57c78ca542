#include "cmd/statistics_file.h"

#include <gtest/gtest.h>

#include "cmd/small_options.h"

namespace hky::cmd {
namespace {

TEST(StatisticsFile, AnEmptyFileBeginsNow) {
  const auto s = read_statistics("", 1795614820);
  ASSERT_TRUE(s.ok());
  EXPECT_EQ(s->since, 1795614820);
  EXPECT_EQ(s->from[3], 0);
}

// The places are those of a file that sendmail 8.17 wrote on amd64.
TEST(StatisticsFile, StandsWhereSendmailPutsIt) {
  Statistics s;
  s.since = 0x6b06e864;
  s.made = 2;
  s.from[3] = 3;
  s.kbytes_from[3] = 6;
  s.to[0] = 1;
  s.kbytes_to[0] = 3;
  s.quarantined[24] = 9;
  const std::string file = write_statistics(s);
  ASSERT_EQ(file.size(), 1448u);
  EXPECT_EQ(file.substr(0, 12), std::string("\xde\xb1\x01\x00\x04\x00\x00\x00\x64\xe8\x06\x6b", 12));
  EXPECT_EQ(file.substr(16, 2), "\xa8\x05");
  EXPECT_EQ(file[32], 2);
  EXPECT_EQ(file[72], 3);
  EXPECT_EQ(file[272], 6);
  EXPECT_EQ(file[448], 1);
  EXPECT_EQ(file[648], 3);
  EXPECT_EQ(file[1440], 9);
  const auto back = read_statistics(file, 0);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(write_statistics(*back), file);
}

TEST(StatisticsFile, AnotherFileIsRefused) {
  EXPECT_EQ(read_statistics("junk\njunk\n", 0).error().text, "incorrect magic number");
  std::string file = write_statistics(Statistics());
  EXPECT_EQ(read_statistics(std::string_view(file).substr(0, 1000), 0).error().text, "file size changed");
  file[4] = 3;
  EXPECT_EQ(read_statistics(file, 0).error().text, "version mismatch");
}

TEST(SmallOptions, AsGetoptReadsThem) {
  const SmallOptions o = small_options({"-oC", "file", "-fx", "-o", "key", "-f"}, "C:f:o");
  EXPECT_EQ(o.complaint, "");
  EXPECT_TRUE(o.has('o'));
  EXPECT_EQ(o.value('C'), "file");
  EXPECT_EQ(o.value('f'), "x");
  EXPECT_EQ(o.words, (std::vector<std::string>{"key", "-f"}));
  EXPECT_EQ(small_options({"-x"}, "C:").complaint, "invalid option -- 'x'");
  EXPECT_EQ(small_options({"-C"}, "C:").complaint, "option requires an argument -- 'C'");
  EXPECT_EQ(small_options({"--", "-C"}, "C:").words, (std::vector<std::string>{"-C"}));
}

}  // namespace
}  // namespace hky::cmd
