// MaxMimeHeaderLength. sendmail: headers.c putheader()
#include "deliver/deliverer_world.h"

namespace hky::deliver {
namespace {

TEST_F(DelivererTest, MimeFieldsAreCutAndClosedAlsoOfWhatGoesBack) {
  const std::string mime = "Content-Type: text/plain;\n name=\"" + std::string(1100, 'a') + "\"\nContent-Description: " + std::string(2100, 'b') +
                           "\nContent-Id: <\"c\nMime-Version: 1.0 (d\n";
  const std::string mended = "Content-Type: text/plain;\n name=\"" + std::string(1015, 'a') + "\"\nContent-Description: " + std::string(2046, 'b') +
                             "\nContent-Id: <\"\"\nMime-Version: 1.0 ()\n";
  submit(envelope({"joe", "nobody@nowhere.test"}), "Subject: (open\n" + mime + "\nhello\n");
  settle();
  EXPECT_THAT(mailbox("joe"), HasSubstr("\nSubject: (open\n" + mended + "\nhello\n"));
  EXPECT_THAT(mailbox("sender"), HasSubstr("\nSubject: (open\n" + mended));
  EXPECT_TRUE(log_.contains("Truncated MIME Content-Type header due to field size (length = 1109) (possible attack)"));
  EXPECT_TRUE(log_.contains("Truncated long MIME Content-Description header (length = 2101) (possible attack)"));
  EXPECT_TRUE(log_.contains("Fixed MIME Mime-Version header (possible attack)"));
  config_->options.max_mime_header_length = {0, 0};
  EXPECT_THAT(delivered("ann", mime + "\nhello\n"), HasSubstr(mime + "\nhello\n"));
}

// sendmail: what the option says is counted without the byte that ends a string; half of it where nothing stands behind the slash.
TEST_F(DelivererTest, MaxMimeHeaderLengthKeepsAByteMoreThanItSays) {
  const auto read = cf::read_config_text("V10/Berkeley\nO MaxMimeHeaderLength=41/\n", cf::ReadRequest());
  config_->options.max_mime_header_length = read.config->options.max_mime_header_length;
  const std::string fields = "Content-Disposition: x;" + std::string(50, 'a') + ";\"" + std::string(50, 'b') + "\"\nContent-Description: ";
  EXPECT_THAT(delivered("joe", fields + std::string(41, 'c') + "\n\nhello\n"),
              HasSubstr("\nContent-Disposition: x;" + std::string(21, 'a') + ";\"" + std::string(15, 'b') + "\"\nContent-Description: " + std::string(41, 'c') + "\n"));
}

// The cut may end in a fold. RFC 5322 3.2.2: no line of blanks alone.
TEST_F(DelivererTest, AMimeFieldThatIsCutAtItsFoldStaysOne) {
  config_->options.max_mime_header_length = {12, 0};
  EXPECT_THAT(delivered("joe", "Content-Id: <abc@def>\n <ghi>\nSubject: x\n\nhello\n"), HasSubstr("\nContent-Id: <abc@def>  \nSubject: x\n\nhello\n"));
}

// sendmail: putxline(): without a limit of MIME fields the rest of a line that L= cuts is a line like others.
TEST_F(DelivererTest, WithoutMaxMimeHeaderLengthNothingLeadsInTheRestOfALine) {
  for (const char* mailer : {"esmtp", "local"}) config_->mailers[static_cast<size_t>(config_->find_mailer(mailer)->index)].line_limit = 10;
  auto& mx = network_.servers["192.0.2.1"];
  const auto sent_with = [this, &mx](cf::MimeHeaderLimits limits) {
    config_->options.max_mime_header_length = limits;
    settings_->policy = policy_from(*config_);
    submit(envelope({"a@dst.test", "joe"}), "Subject: x\n\n012345678.a\n");
    settle();
    return mx.messages.empty() ? "" : mx.messages.back();
  };
  EXPECT_THAT(sent_with({0, 40}), HasSubstr("\r\n012345678!\r\n .a\r\n"));
  EXPECT_THAT(mailbox("joe"), HasSubstr("\n012345678!\n .a\n"));
  EXPECT_THAT(sent_with({0, 0}), HasSubstr("\r\n012345678!\r\n..a\r\n"));
  EXPECT_THAT(mailbox("joe"), HasSubstr("\n012345678!\n.a\n"));
}

}  // namespace
}  // namespace hky::deliver
