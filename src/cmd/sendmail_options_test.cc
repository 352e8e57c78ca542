// The command line of sendmail(8): what sites and user agents really type (requirement C2).
#include "cmd/sendmail_options.h"

#include <gtest/gtest.h>

#include "cmd/identity.h"
#include "cmd/verbs.h"

namespace hky::cmd {
namespace {

SendmailOptions parse(std::vector<std::string> args) { return parse_sendmail_options("sendmail", args); }

std::vector<std::string> faults(const SendmailOptions& options) {
  std::vector<std::string> out;
  for (const SendmailOptions::Fault& fault : options.faults) out.push_back(fault.text);
  return out;
}

TEST(SendmailOptions, OfALetterAndItsOptionTheLastCounts) {
  EXPECT_TRUE(parse({"-OVerbose=False", "-v"}).verbose);
  EXPECT_FALSE(parse({"-v", "-OVerbose=False"}).verbose);
  EXPECT_TRUE(parse({"-ov", "-bv", "joe"}).verbose);
  EXPECT_FALSE(parse({"-i", "-OIgnoreDots=False"}).ignore_dots);
  EXPECT_TRUE(parse({"-OIgnoreDots=False", "-oi"}).ignore_dots);
}

TEST(SendmailOptions, LettersRunTogetherAndArgumentsMayStandApart) {
  const auto o = parse({"-vti", "-f", "joe@x", "-oem", "-odi", "-FJoe User", "eric", "-notanoption"});
  EXPECT_TRUE(o.verbose && o.read_rcpts && o.ignore_dots);
  EXPECT_EQ(o.from, "joe@x");
  EXPECT_EQ(o.full_name, "Joe User");
  ASSERT_EQ(o.options.size(), 4u);  // -v, -i, -oem, -odi
  EXPECT_EQ(o.options[2].name, "e");
  EXPECT_EQ(o.options[2].value, "m");
  EXPECT_EQ(o.rcpts, (std::vector<std::string>{"eric", "-notanoption"}));
}

TEST(SendmailOptions, RefusesAnUnknownModeOrLetterWithSendmailsWords) {
  const auto mode = parse({"-bv", "-bogus"});
  EXPECT_EQ(mode.bad_mode, "Invalid operation mode o");
  EXPECT_EQ(mode.usage, "");
  const auto letter = parse({"-z", "eric"});
  EXPECT_EQ(faults(letter), std::vector<std::string>{""});
  EXPECT_EQ(letter.usage, "sendmail: illegal option -- z");
}

TEST(SendmailOptions, DsnWordsAndIntervalsAreChecked) {
  EXPECT_EQ(faults(parse({"-Nbogus", "eric"})), std::vector<std::string>{"Invalid -N argument"});
  EXPECT_TRUE(parse({"-Nsuccess,delay", "eric"}).faults.empty());
  EXPECT_TRUE(parse({"-NNEVER", "eric"}).faults.empty());
  EXPECT_EQ(faults(parse({"-qxy"})), std::vector<std::string>{"Invalid time unit `x'\nInvalid time unit `y'"});
}

// sendmail: main() goes on until something ends it; -b is looked at before.
TEST(SendmailOptions, EveryFaultIsKeptWithItsPlace) {
  const auto o = parse({"-V", "a b", "-OFoo=1", "-Rsome", "-X", "f", "-fa", "-fb", "-U", "-Nbogus", "eric"});
  EXPECT_EQ(faults(o), (std::vector<std::string>{"Invalid syntax in -V flag", "Invalid -R value", "More than one \"from\" person", ""}));
  EXPECT_EQ(o.faults[0].options_before, 0u);
  EXPECT_EQ(o.faults[1].options_before, 1u);
  EXPECT_EQ(o.faults[1].exit, 64);
  EXPECT_EQ(o.traffic_files.at(0).faults_before, 2u);
  EXPECT_EQ(parse({"-Rsome", "-U", "-bz"}).bad_mode, "Frozen configurations unsupported");
  EXPECT_EQ(parse({"-Rsome", "-f"}).usage, "sendmail: option requires an argument -- f");
}

TEST(SendmailOptions, WhatGoesWithMessagesAloneIsLeftOutForOrdinaryUsers) {
  const auto joe = [](std::vector<std::string> args) { return parse_sendmail_options("sendmail", args, true); };
  const auto o = joe({"-OFoo=1", "-fx@y", "-Nbogus", "-fz@w", "-v", "-bi"});
  EXPECT_EQ(faults(o), (std::vector<std::string>{"WARNING: Ignoring submission mode -f option (not in submission mode)",
                                                 "WARNING: Ignoring submission mode -N option (not in submission mode)",
                                                 "WARNING: Ignoring submission mode -f option (not in submission mode)"}));
  EXPECT_EQ(o.faults[0].exit, 0);
  EXPECT_EQ(o.faults[0].options_before, 1u);
  EXPECT_TRUE(o.from_given == 0 && o.verbose);
  EXPECT_EQ(faults(joe({"-fx@y", "-q"})), std::vector<std::string>{"WARNING: Ignoring submission mode -f option with -q"});
  EXPECT_EQ(faults(joe({"-q", "-fx@y"})), std::vector<std::string>{"WARNING: Ignoring submission mode -f option (not in submission mode)"});
  for (const char* mode : {"-bs", "-bv", "-bt", "-bm", "-ba", "-v"}) EXPECT_TRUE(joe({mode, "-fx@y", "-t"}).faults.empty()) << mode;
  EXPECT_TRUE(parse({"-fx@y", "-bi"}).faults.empty());
}

// sendmail: obsolete()
TEST(SendmailOptions, ABareQueueRunTakesTheNextWordThatIsNoOption) {
  EXPECT_EQ(faults(parse({"-v", "-q", "5x"})), std::vector<std::string>{"Invalid time unit `x'"});
  EXPECT_TRUE(parse({"-f", "joe", "-q"}).queue_run);
  EXPECT_TRUE(parse({"-C", "x.cf", "-q", "-v"}).faults.empty());
}

TEST(SendmailOptions, WhatIsSaidAndGoneOnWith) {
  const auto body = parse({"-Bfoo", "-odi", "joe"});
  EXPECT_TRUE(body.faults.empty());
  EXPECT_EQ(body.warnings, std::vector<std::string>{"Illegal body type foo"});
  EXPECT_EQ(body.rcpts, std::vector<std::string>{"joe"});
  EXPECT_EQ(parse({"-bz"}).bad_mode, "Frozen configurations unsupported");
  EXPECT_EQ(parse({"-b"}).bad_mode, "Invalid operation mode  ");
  EXPECT_EQ(parse({"-h5", "-b"}).bad_mode, "Invalid operation mode 5");
  EXPECT_EQ(parse({"-C"}).config_file, "sendmail.cf");
  EXPECT_EQ(faults(parse({"-I", "joe"})), std::vector<std::string>{""});
}

TEST(SendmailOptions, ProtocolAndHostAreOfAnAtomsLetters) {
  const auto o = parse({"-pE;SM-TP:[a.b]:c/d e"});
  EXPECT_EQ(o.protocol, "ESM-TP");
  EXPECT_EQ(o.protocol_host, "a.bc/de");
}

TEST(SendmailOptions, IdentityIsAskedForByCategoryZero) {
  EXPECT_EQ(identity_level("0.4,21.12"), 4);
  EXPECT_EQ(identity_level("0-99.1"), 1);
  EXPECT_EQ(identity_level("0"), 1);
  EXPECT_EQ(identity_level("10.5,21"), 0);
}

TEST(SendmailOptions, HopCountsTrafficFilesAndWhatIsTakenNoMore) {
  const auto hops = [](const char* value) { return parse_sendmail_options("sendmail", {"-h", value, "joe"}); };
  EXPECT_EQ(hops("26").hop_count, 26);
  EXPECT_TRUE(hops("").faults.empty());
  EXPECT_TRUE(hops("-3").faults.empty());
  EXPECT_EQ(faults(hops("5x")), std::vector<std::string>{"Bad hop count (5x)"});
  EXPECT_EQ(faults(hops("x")).size(), 1u);
  const SendmailOptions x = parse_sendmail_options("sendmail", {"-X", "", "-Qspam", "-qQ"});
  EXPECT_EQ(x.traffic_files.at(0).name, "");
  EXPECT_TRUE(x.quarantine);
  EXPECT_EQ(x.quarantine_reason, "spam");
  EXPECT_EQ(x.queue_kind, 'Q');
}

TEST(SendmailOptions, QueueRunForms) {
  EXPECT_TRUE(parse({"-q"}).queue_interval.empty());
  EXPECT_EQ(parse({"-bd", "-q30m"}).queue_interval, "30m");
  const auto select = parse({"-qRexample.com", "-q!Sjoe"});
  ASSERT_EQ(select.queue_select.size(), 2u);
  EXPECT_EQ(select.queue_select[0].value, "example.com");
  EXPECT_TRUE(select.queue_select[1].negate);
  const SendmailOptions next = parse({"-q", "1h", "joe"});   // but that of -Q is its own
  EXPECT_EQ(next.queue_interval, "1h");
  EXPECT_EQ(next.rcpts.size(), 1u);
  EXPECT_EQ(faults(parse({"-q", "y"})), std::vector<std::string>{"Invalid time unit `y'"});
  EXPECT_EQ(parse({"-bm", "-qf", "joe"}).mode, '\0');
  // sendmail: main(): wherever -b stands
  EXPECT_EQ(faults(parse({"-qx", "-bv", "-q", "-h", "5x", "joe"})), (std::vector<std::string>{"Can not use -q with -bv", "Can not use -q with -bv", "Bad hop count (5x)"}));
  EXPECT_TRUE(parse({"-bp", "-q"}).queue_run);
}

TEST(SendmailOptions, LongOptionsMacrosAndDebugWords) {
  const auto o = parse({"-O", "DeliveryMode = i", "-M{daemon_name}MSA", "-Mrhost", "-d", "-d21.5"});
  EXPECT_EQ(o.options.at(0).name, "DeliveryMode");
  EXPECT_EQ(o.options.at(0).value, "i");
  EXPECT_EQ(o.macros.at(0), (std::pair<std::string, std::string>("daemon_name", "MSA")));
  EXPECT_EQ(o.macros.at(1), (std::pair<std::string, std::string>("r", "host")));
  EXPECT_EQ(o.debug, "0-99.1,21.5");
}

TEST(Dissect, PersonalityByArgvZeroOrFirstWordAndRootBefore) {
  const char* as_link[] = {"/usr/sbin/sendmail", "-bv", "joe"};
  const auto link = dissect(3, const_cast<char**>(as_link));
  EXPECT_EQ(link.name, "sendmail");
  EXPECT_EQ(link.args.size(), 2u);
  const char* as_word[] = {"hikyaku", "--root", "/tmp/r/", "sendmail", "-bp"};
  const auto word = dissect(5, const_cast<char**>(as_word));
  EXPECT_EQ(word.name, "sendmail");
  EXPECT_EQ(word.root, "/tmp/r");
  EXPECT_EQ(word.args, std::vector<std::string>{"-bp"});
  EXPECT_EQ(rooted(word, "/etc/mail"), "/tmp/r/etc/mail");
}

}  // namespace
}  // namespace hky::cmd
