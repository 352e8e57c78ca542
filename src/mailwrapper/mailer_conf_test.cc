#include "mailwrapper/mailer_conf.h"

#include <gtest/gtest.h>

namespace hky::mailwrapper {
namespace {

constexpr const char* kText =
    "# what stands behind the names\n"
    "sendmail\t/usr/libexec/sendmail/sendmail\n"
    "  mailq /usr/local/bin/queue --long -v   # with words of its own\n"
    "newaliases /one\r\n"
    "newaliases /two\n"
    "empty\n"
    "relative bin/x\n"
    "last /end";

TEST(MailerConf, GivesProgramAndItsWords) {
  EXPECT_EQ(find_mapping(kText, "sendmail").mapping->program, "/usr/libexec/sendmail/sendmail");
  const Lookup mailq = find_mapping(kText, "mailq");
  ASSERT_TRUE(mailq.mapping);
  EXPECT_EQ(mailq.mapping->program, "/usr/local/bin/queue");
  EXPECT_EQ(mailq.mapping->arguments, (std::vector<std::string>{"--long", "-v"}));
  EXPECT_EQ(find_mapping(kText, "newaliases").mapping->program, "/one");
  EXPECT_EQ(find_mapping(kText, "last").mapping->program, "/end");
}

TEST(MailerConf, SaysWhatIsWrong) {
  EXPECT_EQ(find_mapping(kText, "empty").problem, "line 6: empty: no program is named");
  EXPECT_EQ(find_mapping(kText, "relative").problem, "line 7: relative: bin/x is not an absolute path");
  for (const char* name : {"hoststat", "send", "#", ""}) {
    const Lookup none = find_mapping(kText, name);
    EXPECT_FALSE(none.mapping) << name;
    EXPECT_EQ(none.problem, "") << name;
  }
}

}  // namespace
}  // namespace hky::mailwrapper
