// What the operator is told about a .mc file, with an m4 that answers from memory.
#include "cf/mc/make_cf.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace hky::cf::mc {
namespace {

namespace fs = std::filesystem;

class FakeM4 final : public M4 {
 public:
  explicit FakeM4(M4Result answer) : answer_(std::move(answer)) {}
  M4Result run(const std::vector<std::string>& arguments) override {
    asked = arguments;
    return answer_;
  }
  std::vector<std::string> asked;

 private:
  M4Result answer_;
};

class MakeCf : public testing::Test {
 protected:
  MakeCf() {
    std::string pattern = (fs::temp_directory_path() / "hkymcXXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    write("m4/cf.m4", "_define(`MASQUERADE_AS', `x')\n_define(`_note', `y')\n");
    write("m4/conf-names.m4", "_conf(`confDOMAIN_NAME', `')\n_conf(`confLOG_LEVEL', `LogLevel')\n");
    write("feature/nocanonify.m4", "");
    write("feature/nouucp.m4", "");
    write("my.mc", "OSTYPE(linux)\nMASQERADE_AS(`example.com')\n");
  }
  ~MakeCf() override { fs::remove_all(folder_); }

  void write(const std::string& name, std::string_view text) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }
  MadeCf make(M4Result answer) {
    FakeM4 m4(std::move(answer));
    return make_cf(folder_.string() + "/", (folder_ / "my.mc").string(), m4);
  }
  std::string mc() const { return (folder_ / "my.mc").string(); }

  fs::path folder_;
};

TEST_F(MakeCf, GivesTheTextWithoutRunsOfEmptyLines) {
  const MadeCf made = make({0, "\n\nV10\n \t\n\nCwhere\n", ""});
  EXPECT_EQ(made.outcome, MadeCf::Outcome::kMade);
  EXPECT_EQ(made.text, "V10\n\nCwhere\n");
  EXPECT_TRUE(made.messages.empty());
}

TEST_F(MakeCf, TellsM4WhereTheLibraryIs) {
  FakeM4 m4({0, "V10\n", ""});
  make_cf("/lib/cf/", "a.mc", m4);
  EXPECT_EQ(m4.asked, (std::vector<std::string>{"-D_CF_DIR_=/lib/cf/", "/lib/cf/m4/cf.m4", "a.mc"}));
}

TEST_F(MakeCf, SuggestsTheNearestFeatureAndConfigurationName) {
  const MadeCf made = make({1, "", "my.mc:3: error: unknown FEATURE nocannonify\nmy.mc:4: error: unknown configuration name confDOMAIN_NAM\n"});
  EXPECT_EQ(made.outcome, MadeCf::Outcome::kFaults);
  EXPECT_EQ(made.messages, (std::vector<std::string>{"my.mc:3: error: unknown FEATURE nocannonify (did you mean nocanonify?)",
                                                     "my.mc:4: error: unknown configuration name confDOMAIN_NAM (did you mean confDOMAIN_NAME?)"}));
  EXPECT_EQ(made.text, "");
}

TEST_F(MakeCf, SuggestsNothingWhereNothingIsNear) {
  const MadeCf made = make({1, "", "my.mc:3: error: unknown FEATURE thunderbolts_of_zeus\n"});
  EXPECT_EQ(made.messages, (std::vector<std::string>{"my.mc:3: error: unknown FEATURE thunderbolts_of_zeus"}));
}

TEST_F(MakeCf, RefusesAWordThatNoMacroTook) {
  const MadeCf made = make({0, "V10\nMASQERADE_AS(example.com)\n", ""});
  EXPECT_EQ(made.outcome, MadeCf::Outcome::kFaults);
  EXPECT_EQ(made.messages, (std::vector<std::string>{mc() + ":2: error: unknown word MASQERADE_AS (did you mean MASQUERADE_AS?)"}));
  EXPECT_EQ(made.text, "");
}

TEST_F(MakeCf, LeavesRulesHeadersAndMailersAlone) {
  const std::string cf = "V10\nR$*\t\tERR(x)\nHReceived: from (x)\nMlocal, A=mail (x)\n";
  EXPECT_EQ(make({0, cf, ""}).text, cf);
}

TEST_F(MakeCf, PassesWarningsOnAndMakesTheFile) {
  const MadeCf made = make({0, "V10\n", "my.mc:1: warning: old\n"});
  EXPECT_EQ(made.outcome, MadeCf::Outcome::kMade);
  EXPECT_EQ(made.messages, (std::vector<std::string>{"my.mc:1: warning: old"}));
}

TEST_F(MakeCf, SaysWhenThereIsNoM4) { EXPECT_EQ(make({kExitNoM4, "", ""}).outcome, MadeCf::Outcome::kNoM4); }

TEST_F(MakeCf, FindsTheFirstLibraryThereIs) {
  EXPECT_EQ(find_library({"", "/nowhere", folder_.string()}), folder_.string() + "/");
  EXPECT_EQ(find_library({"/nowhere"}), "");
}

}  // namespace
}  // namespace hky::cf::mc
