// What the letters of F= do. sendmail: operations guide 5.4
#include "deliver/deliverer_world.h"

namespace hky::deliver {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(DelivererTest, FlagNineDecodesPlainText) {
  const std::string text = "Subject: x\nMIME-Version: 1.0\nContent-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n=46rom b=E4r\n";
  EXPECT_THAT(delivered("joe", text), AllOf(HasSubstr("Content-Type: text/plain\nContent-Transfer-Encoding: 8bit\nX-MIME-Autoconverted: from quoted-printable to 8bit by  us.test id "),
                                            HasSubstr("\n\n>From b\xe4r\n\n")));
  config_->mailers[static_cast<size_t>(config_->find_mailer("local")->index)].flags.reset('9');
  EXPECT_THAT(delivered("ann", text), AllOf(HasSubstr("Content-Transfer-Encoding: quoted-printable\n\n=46rom b=E4r\n"), Not(HasSubstr("Autoconverted"))));
}

}  // namespace
}  // namespace hky::deliver
