// Every map class as sendmail 8.17 answered in the golden world (/map of -bt, rulesets of the engine configuration).
#include <gtest/gtest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "dns/scripted_resolver.h"
#include "maps/makemap.h"
#include "maps/map_set_memory.h"
#include "maps/value.h"

namespace hky::maps {
namespace {

constexpr const char* kZone = R"(
foo.example.com A 192.0.2.31
www.example.com CNAME foo.example.com
two.example MX 20 b.two.example
two.example MX 10 a.two.example
alias.example CNAME two.example
remote.example A 192.0.2.25
nullmx.example MX 0 .
v6.example AAAA ::1
txtonly.example TXT only text
servfail.example SERVFAIL
25.2.0.192.in-addr.arpa PTR remote.example
cloop1.example CNAME cloop2.example
cloop2.example CNAME cloop1.example
)";

class Maps : public testing::Test {
 protected:
  Maps() : loop_(clock_) {
    std::string pattern = testing::TempDir() + "hkymapsXXXXXX";
    dir_ = ::mkdtemp(pattern.data());
    std::filesystem::create_directories(dir_ + "/etc/mail");
    write("/etc/hosts", "");
    write("/etc/passwd", "root:x:0:0:Super User:/root:/bin/sh\njoe:x:2001:100:Joe User:/home/joe:/bin/sh\n");
    write("/etc/mail/service.switch", "hosts\tfiles dns\naliases\tfiles\n");
    write("/etc/mail/text.map", "a,first\nb , second\nA,upper\nkey with space,val\nempty,\nnocomma\n");
    write("/etc/mail/text2.map", "a first third\nb\tsecond\nc  spaced   out\n");
    db("/etc/mail/access", "k1\tvalue one\nk2\tv%1x\nk3\t%0 and %1 and %2\nk4\t%%lit\nKey5\tfolded\nqval\t\"quoted val\"\n");
    names_.resolver = &resolver_;
    names_.local_domain = "example.com";
  }
  ~Maps() override { std::filesystem::remove_all(dir_); }

  void write(const std::string& path, const std::string& text) { std::ofstream(dir_ + path) << text; }
  void db(const std::string& path, const std::string& text, std::vector<std::string> flags = {}) {
    std::istringstream in(text);
    CommandIo io;
    io.read_line = [&in](std::string& line) { return static_cast<bool>(std::getline(in, line)); };
    io.out = [](std::string_view) {};
    io.err = [](std::string_view s) { ADD_FAILURE() << s; };
    flags.insert(flags.end(), {"hash", path});
    ASSERT_EQ(makemap_main(flags, dir_, io), 0);
  }
  void k(const std::string& name, const std::string& map_class, const std::string& args = "") {
    MapSpec s;
    s.name = name;
    s.map_class = map_class;
    s.args = args;
    s.file = "/etc/mail/sendmail.cf";
    s.line = static_cast<int>(specs_.size()) + 1;
    specs_.push_back(std::move(s));
  }
  void open() {
    Environment env;
    env.root = dir_;
    env.clock = &clock_;
    env.random = &random_;
    env.names = &names_;
    env.workers = workers_;
    env.service_switch = "/etc/mail/service.switch";
    env.alias_files = alias_files_;
    env.user_database_spec = user_database_;
    env.distrust = [this](const std::string& path) { return distrusted_.find(path) == std::string::npos ? "" : "Group writable directory"; };
    env.run_program = program;
    env.log = [this](int, const std::string& s) { logged_ += s + "\n"; };
    set_ = open_map_set(specs_, std::move(env));
  }
  // Says its words; /bin/fails, /bin/quiet and /bin/dies do as they are called.
  static net::Task<ipc::Outcome> program(net::Loop&, std::vector<std::string> words) {
    ipc::Outcome out;
    if (words[0].ends_with("fails")) out.exit_code = 1;
    if (words[0].ends_with("dies")) out.signal = 9;
    if (words[0].ends_with("prog")) {
      for (size_t i = 0; i < words.size(); ++i) out.output += (i == 0 ? "" : " ") + words[i];
      out.output += "\nsecond line\n";
    }
    co_return out;
  }
  // As -bt's /map prints it.
  std::string map(const std::string& name, const std::string& key, std::vector<std::string> args = {}) {
    if (!set_) open();
    last_ = net::run_blocking(loop_, set_->lookup(loop_, name, key, std::move(args)));
    if (last_.status == Status::kOk) return last_.value;
    return "no match (" + std::to_string(last_.exit_code) + ")";
  }

  ManualClock clock_;
  net::Loop loop_;
  SeededRandom random_{3};
  dns::ScriptedResolver resolver_{kZone, {"example.com"}};
  dns::NameEnvironment names_;
  std::string dir_, logged_, distrusted_;
  std::vector<MapSpec> specs_;
  std::vector<std::string> alias_files_;
  std::string user_database_;
  net::WorkerPool* workers_ = nullptr;
  std::unique_ptr<MapSet> set_;
  MapAnswer last_;
};

TEST_F(Maps, HashFoldsRewritesAndAppends) {
  k("hashm", "hash", "-o /etc/mail/access");
  k("hasha", "hash", "-a.suffix /etc/mail/access");
  k("hashf", "hash", "-f /etc/mail/access");
  k("hashm2", "hash", "-m -a.here /etc/mail/access");
  EXPECT_EQ(map("hashm", "K1"), "value one");
  EXPECT_EQ(map("hashm", "k3"), "k3 and  and ");
  EXPECT_EQ(map("hashm", "k3", {"zz", "second"}), "k3 and zz and second");
  EXPECT_EQ(map("hashm", "k2", {"arg"}), "vargx");
  EXPECT_EQ(map("hashm", "k4"), "%lit");
  EXPECT_EQ(map("hashm", "key5"), "folded");
  EXPECT_EQ(map("hashm", "nosuch"), "no match (0)");
  EXPECT_EQ(map("hasha", "qval"), "\"quoted val\".suffix");
  EXPECT_EQ(map("hashf", "Key5"), "no match (0)");
  EXPECT_EQ(map("hashm2", "k2"), "k2.here");
  MapAnswer now;
  EXPECT_TRUE(set_->lookup_now("hashm", "k1", {}, now)) << "file maps answer on the spot";
  EXPECT_EQ(net::run_blocking(loop_, set_->lookup_verbatim(loop_, "hashm", "k3")).value, "%0 and %1 and %2");
}

TEST_F(Maps, KeysWithAndWithoutNul) {
  db("/etc/mail/nul", "a b\n", {"-N"});
  k("both", "hash", "/etc/mail/nul");
  k("with", "hash", "-N /etc/mail/nul");
  k("without", "hash", "-O /etc/mail/nul");
  k("plain", "hash", "-N /etc/mail/access");
  EXPECT_EQ(map("both", "a"), "b");
  EXPECT_EQ(map("with", "a"), "b");
  EXPECT_EQ(map("without", "a"), "no match (0)");
  EXPECT_EQ(map("plain", "k1"), "no match (0)");
}

// sendmail: an optional one is as one that is missing
TEST_F(Maps, FilesThatAreNotBelieved) {
  distrusted_ = "/etc/mail/access.db /etc/mail/text.map";
  k("needed", "hash", "/etc/mail/access");
  k("optional", "hash", "-o /etc/mail/access");
  k("lines", "text", "/etc/mail/text.map");
  EXPECT_EQ(map("needed", "k1"), "no match (75)");
  EXPECT_EQ(last_.message, "hash map \"needed\": unsafe map file /etc/mail/access.db: Group writable directory");
  EXPECT_EQ(map("optional", "k1"), "no match (0)");
  EXPECT_EQ(map("lines", "a"), "no match (75)");
  EXPECT_EQ(last_.message, "text map \"lines\": unsafe map file /etc/mail/text.map");
}

TEST_F(Maps, MissingFiles) {
  k("missing", "hash", "/etc/mail/nothere");
  k("opt", "hash", "-o /etc/mail/nosuchmap");
  k("misst", "text", "/etc/mail/nothere.txt");
  EXPECT_EQ(map("missing", "a"), "no match (75)");
  EXPECT_EQ(last_.message, "hash map \"missing\": missing map file /etc/mail/nothere.db: No such file or directory");
  EXPECT_EQ(map("opt", "a"), "no match (0)");
  std::string why;
  EXPECT_FALSE(set_->open("opt", why));
  EXPECT_EQ(why, "");
  EXPECT_EQ(map("misst", "a"), "no match (75)");
  EXPECT_EQ(last_.message, "text map \"misst\": unsafe map file /etc/mail/nothere.txt");
  // It may appear later.
  db("/etc/mail/nothere", "a here\n");
  clock_.advance(std::chrono::seconds(2));
  EXPECT_EQ(map("missing", "a"), "here");
}

TEST_F(Maps, ChangedFileIsReadAgainAndHalfWrittenOneIsNot) {
  k("m", "hash", "/etc/mail/access");
  EXPECT_EQ(map("m", "k1"), "value one");
  db("/etc/mail/access", "k1 two\n");
  clock_.advance(std::chrono::milliseconds(300));
  EXPECT_EQ(map("m", "k1"), "value one") << "at most one look at the file a second";
  clock_.advance(std::chrono::seconds(1));
  EXPECT_EQ(map("m", "k1"), "two");
  // A writer that stopped half way, in place as sendmail's own makemap writes.
  write("/etc/mail/access.db", std::string(700, '\0'));
  clock_.advance(std::chrono::seconds(2));
  EXPECT_EQ(map("m", "k1"), "two");
  EXPECT_NE(logged_.find("damaged database"), std::string::npos);
  // One that holds the lock.
  db("/etc/mail/new", "k1 three\n");
  std::filesystem::rename(dir_ + "/etc/mail/new.db", dir_ + "/etc/mail/access.db");
  const int fd = ::open((dir_ + "/etc/mail/access.db").c_str(), O_RDWR);
  ASSERT_EQ(flock(fd, LOCK_EX), 0);
  clock_.advance(std::chrono::seconds(2));
  EXPECT_EQ(map("m", "k1"), "two");
  ::close(fd);
  clock_.advance(std::chrono::seconds(2));
  EXPECT_EQ(map("m", "k1"), "three");
  std::filesystem::remove(dir_ + "/etc/mail/access.db");
  clock_.advance(std::chrono::seconds(2));
  EXPECT_EQ(map("m", "k1"), "three");
}

TEST_F(Maps, Text) {
  k("text", "text", "-k0 -v1 -z, /etc/mail/text.map");
  k("textdef", "text", "/etc/mail/text2.map");
  k("t1", "text", "-v1 /etc/mail/text2.map");
  k("t3", "text", "-v 2 /etc/mail/text2.map");
  k("t4", "text", "-k1 -v0 /etc/mail/text2.map");
  k("tm", "text", "-m -k0 -v1 -z, -a.A /etc/mail/text.map");
  k("col", "text", "-k a -v b /etc/mail/text2.map");
  EXPECT_EQ(map("text", "A"), "first");
  EXPECT_EQ(map("text", "b"), "no match (68)");
  EXPECT_EQ(map("text", "b "), " second");
  EXPECT_EQ(map("text", "key with space"), "val");
  EXPECT_EQ(map("text", "empty"), "");
  EXPECT_EQ(last_.status, Status::kOk);
  EXPECT_EQ(map("text", "nocomma"), "no match (68)");
  EXPECT_EQ(map("textdef", "A"), "a");
  EXPECT_EQ(map("t1", "b"), "second");
  EXPECT_EQ(map("t3", "c"), "out");
  EXPECT_EQ(map("t4", "first"), "a");
  EXPECT_EQ(map("tm", "a"), "a.A");
  EXPECT_EQ(map("col", "a"), "no match (75)");
  EXPECT_EQ(last_.message, "text map \"col\", file /etc/mail/text2.map: -k should specify a number, not a");
}

TEST_F(Maps, Regex) {
  k("re", "regex", "-a@MATCH ^(a+)b$");
  k("resub", "regex", "-s2,1 -d- ^([a-z]+)\\.([a-z]+)@");
  k("renot", "regex", "-n -a.no ^x");
  k("recase", "regex", "-f -m ^ABC$");
  k("rs", "regex", "-s ^([a-z]+)\\.([a-z]+)@");
  k("rnm", "regex", "-n -m ^x");
  k("rtwo", "regex", "-a@A ^x y$");
  k("myre", "regex", "-s1,3 -d:: ^(.)(.)(.)$");
  k("reopt", "regex", "-s1 ^(a)?(b)$");
  k("ream", "regex", "-m -a.app ^(.+)$");
  k("rebad", "regex", "([");
  k("basic", "regex", "-b -a@Y ^a\\{2\\}$");
  EXPECT_EQ(map("re", "AAB"), "@MATCH");
  EXPECT_EQ(map("re", "b"), "no match (0)");
  EXPECT_EQ(map("resub", "a.b@c.d"), "b-a");
  EXPECT_EQ(map("renot", "xa"), "no match (0)");
  EXPECT_EQ(map("renot", "ya"), ".no");
  EXPECT_EQ(map("recase", "ABC"), "ABC");
  EXPECT_EQ(map("recase", "abc"), "no match (0)");
  EXPECT_EQ(map("rs", "a.b@c"), "a.b@ab");
  EXPECT_EQ(map("rnm", "ya"), "ya");
  EXPECT_EQ(map("rtwo", "x y"), "@A");
  EXPECT_EQ(map("myre", "abc"), "a::c");
  EXPECT_EQ(map("reopt", "b"), "");
  EXPECT_EQ(map("ream", "zz"), "zz.app");
  EXPECT_EQ(map("basic", "aa"), "@Y");
  std::string why;
  EXPECT_FALSE(set_->open("rebad", why));
  EXPECT_NE(why.find("pattern-compile-error"), std::string::npos);
}

TEST_F(Maps, Arith) {
  k("arith", "arith");
  auto calc = [&](const std::string& op, const std::string& a, const std::string& b) { return map("arith", op, {a, b}); };
  EXPECT_EQ(calc("+", "3", "4"), "7");
  EXPECT_EQ(calc("-", "3", "4"), "-1");
  EXPECT_EQ(calc("/", "9", "2"), "4");
  EXPECT_EQ(calc("/", "9", "0").substr(0, 8), "no match");
  EXPECT_EQ(calc("/", "-9223372036854775808", "-1"), "-9223372036854775808");
  EXPECT_EQ(calc("%", "9", "4"), "1");
  EXPECT_EQ(calc("|", "6", "3"), "7");
  EXPECT_EQ(calc("&", "5", "3"), "1");
  EXPECT_EQ(calc("*", "5", "3"), "15");
  EXPECT_EQ(calc("l", "5", "3"), "FALSE");
  EXPECT_EQ(calc("=", "5", "5"), "TRUE");
  EXPECT_EQ(calc("+", "010", "1"), "9");
  EXPECT_EQ(calc("+", "0x10", "1"), "17");
  EXPECT_EQ(calc("+", "a", "1"), "1");
  EXPECT_EQ(calc("^", "3", "2"), "no match (78)");
  EXPECT_EQ(map("arith", "3"), "no match (78)");
  const std::string r = calc("rand", "3", "5");
  EXPECT_TRUE(r == "3" || r == "4" || r == "5") << r;
}

TEST_F(Maps, DequoteNullSyslog) {
  k("dequote", "dequote");
  k("dqsp", "dequote", "-s_");
  k("nullm", "null");
  k("sys", "syslog", "-L LOG_NOTICE");
  EXPECT_EQ(map("dequote", "\"foo\""), "foo");
  EXPECT_EQ(map("dequote", "\"foo bar\""), "no match (0)");
  EXPECT_EQ(map("dqsp", "\"foo bar\""), "foo_bar");
  EXPECT_EQ(map("dequote", "foo"), "no match (0)");
  EXPECT_EQ(map("dequote", "\"a<b\""), "no match (0)");
  EXPECT_EQ(map("dequote", "\"a(b\""), "no match (0)");
  EXPECT_EQ(map("dequote", "\"a\\b\""), "a\\b");
  EXPECT_EQ(map("dequote", "\"(a b)\""), "no match (0)");
  EXPECT_TRUE(set_->find("dequote")->keep_quotes);
  EXPECT_EQ(map("nullm", "x"), "no match (68)");
  EXPECT_EQ(map("sys", "said %1", {"this"}), "");
  EXPECT_EQ(logged_, "said this\n");
}

TEST(MapArguments, SyslogKnowsItsFlags) {
  const auto fault = [](const char* args) {
    MapSpec spec;
    spec.name = "lg";
    spec.map_class = "syslog";
    spec.args = args;
    const auto parsed = parse_map_args(spec);
    return parsed.ok() ? std::string() : parsed.error().text;
  };
  for (const char* good : {"", "-L", "-LEMERG", "-L LOG_NOTICE", "-Lwarning", "-D -S."}) EXPECT_EQ(fault(good), "");
  EXPECT_EQ(fault("-L5"), "syslog_map_parseargs: Unknown priority 5");
  EXPECT_EQ(fault("-LWARN"), "syslog_map_parseargs: Unknown priority WARN");
  EXPECT_EQ(fault("-a.x"), "Illegal option a map syslog");
}

TEST_F(Maps, SequenceSwitchAliases) {
  db("/etc/mail/aliases", "root localuser\n@ @\n", {"-N"});
  write("/etc/mail/more", "# text only\nlist: joe,\n\teric\n\"odd name\": bob\n");
  alias_files_ = {"/etc/mail/aliases", "implicit:/etc/mail/more"};
  k("ktexta", "text", "-k0 -v1 -z, /etc/mail/text.map");
  k("hashm", "hash", "-o /etc/mail/access");
  k("seq", "sequence", "ktexta hashm");
  k("seqbad", "sequence", "nosuchmap hashm");
  k("switchm", "switch", "foo");
  EXPECT_EQ(map("seq", "a"), "first");
  EXPECT_EQ(map("seq", "k1"), "value one");
  EXPECT_EQ(map("seq", "zz"), "no match (68)");
  EXPECT_EQ(map("seqbad", "k1"), "value one");
  EXPECT_EQ(map("switchm", "x"), "no match (75)");
  EXPECT_EQ(map("aliases", "Root"), "localuser");
  EXPECT_EQ(map("aliases", "@"), "@");
  EXPECT_EQ(map("aliases", "list"), "joe, eric");
  EXPECT_EQ(map("aliases", "odd name"), "bob");
  EXPECT_EQ(map("aliases", "nosuch"), "no match (68)");
}

TEST_F(Maps, HostDnsBestmx) {
  k("hostz", "host", "-m -a.found");
  k("hostm", "host");
  k("best", "bestmx");
  k("bestl", "bestmx", "-z: -T.TMP");
  k("dnsa", "dns", "-RA");
  k("dnsm", "dns", "-R MX -z, -Z3");
  k("dnsmx", "dns", "-RMX");
  k("dnsb", "dns", "-RA -Bexample");
  k("dnsaaaa", "dns", "-RAAAA");
  k("dnst", "dns", "-RA -T.TMP -a.");
  EXPECT_EQ(map("host", "foo"), "foo.example.com.");
  EXPECT_EQ(map("hostm", "www.example.com"), "foo.example.com");
  EXPECT_EQ(map("hostz", "www.example.com"), "www.example.com.found");
  EXPECT_EQ(map("hostm", "[192.0.2.25]"), "remote.example");
  EXPECT_EQ(map("hostm", "[192.0.2.99]"), "no match (68)");
  EXPECT_EQ(map("hostm", "nosuch.example"), "no match (68)");
  EXPECT_EQ(map("hostm", "servfail.example"), "no match (75)");
  EXPECT_EQ(last_.message, "servfail.example: Name server timeout");
  EXPECT_EQ(map("hostm", "cloop1.example"), "no match (68)");
  EXPECT_EQ(last_.message, "DNS failure: CNAME loop for cloop2.example");
  EXPECT_EQ(map("best", "two.example"), "a.two.example.");
  EXPECT_EQ(map("bestl", "two.example"), "a.two.example.:b.two.example.");
  EXPECT_EQ(map("best", "nosuch.example"), "no match (68)");
  EXPECT_EQ(map("best", "nullmx.example"), "no match (69)");
  EXPECT_EQ(map("best", "txtonly.example"), "no match (0)");
  EXPECT_EQ(map("best", "www.example.com"), "no match (0)");
  EXPECT_EQ(map("hostm", "[192.0.2.25"), "no match (0)");
  EXPECT_EQ(map("hostm", "[remote.example]"), "no match (69)");
  EXPECT_EQ(map("bestl", "servfail.example"), "no match (75)");
  EXPECT_EQ(map("dnsa", "alias.example"), "no match (68)");
  EXPECT_EQ(map("dnsm", "two.example"), "b.two.example,a.two.example");
  EXPECT_EQ(map("dnsmx", "nullmx.example"), "");
  EXPECT_EQ(map("dnsb", "remote"), "192.0.2.25");
  EXPECT_EQ(map("dnsaaaa", "v6.example"), "IPv6:0:0:0:0:0:0:0:1");
  EXPECT_EQ(map("dnst", "remote.example"), "192.0.2.25.");
}

TEST_F(Maps, UserProgramUserdbSocket) {
  k("user1", "user");
  k("pwg", "user", "-v gecos");
  k("pwu", "user", "-v3");
  k("userm", "user", "-m -a.found");
  k("prog", "program", "-a.x /bin/prog one");
  k("fails", "program", "/bin/fails");
  k("quiet", "program", "/bin/quiet");
  k("dies", "program", "/bin/dies");
  k("udb", "userdb", "maildrop");
  k("sck", "socket", "local:/nosock");
  EXPECT_EQ(map("user1", "joe"), "joe");
  EXPECT_EQ(map("user1", "JOE"), "joe");
  EXPECT_EQ(map("user1", "zz"), "no match (67)");
  EXPECT_EQ(map("pwg", "joe"), "Joe User");
  EXPECT_EQ(map("pwu", "joe"), "no match (75)");
  EXPECT_EQ(last_.message, "User map pwu: unknown column name 3");
  EXPECT_EQ(map("userm", "root"), "root.found");
  EXPECT_EQ(map("prog", "key"), dir_ + "/bin/prog one key.x");
  EXPECT_EQ(map("fails", "key"), "no match (1)");
  EXPECT_EQ(map("quiet", "key"), "no match (0)");
  EXPECT_EQ(map("dies", "key"), "no match (69)");
  EXPECT_EQ(last_.message, "prog_map_lookup(dies): child died on signal 9");
  EXPECT_EQ(map("udb", "joe"), "no match (0)");
  EXPECT_EQ(map("sck", "x"), "no match (75)");
}

TEST_F(Maps, UserDatabase) {
  db("/etc/mail/users", "joe:maildrop\tjoe@far.test\njoe:maildrop\tann\nann:mailname\tAnn.Other\n:default:mailname\thome.test\n", {"-d"});
  db("/etc/mail/more", "eve:maildrop\teve@far.test\njoe:mailsender\tbob\n");
  user_database_ = "/etc/mail/users.db, /etc/mail/absent.db, /etc/mail/more.db";
  k("first", "userdb", "maildrop");
  EXPECT_EQ(map("first", "joe"), "joe@far.test");
  EXPECT_EQ(map("userdb.maildrop", "Joe"), "joe@far.test,ann");
  EXPECT_EQ(map("userdb.maildrop", "eve"), "eve@far.test");
  EXPECT_EQ(map("userdb.maildrop", "ann"), "no match (0)");
  EXPECT_EQ(map("userdb.mailsender", "joe"), "bob");
  EXPECT_EQ(map("userdb.mailname", "ann"), "Ann.Other");
  EXPECT_EQ(map("userdb.mailname", ":default"), "home.test");
}

// Answers netstrings on a unix socket, one connection after the other, and closes each after two answers.
class MapServer {
 public:
  explicit MapServer(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    path.copy(at.sun_path, sizeof at.sun_path - 1);
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
    EXPECT_EQ(::listen(fd_, 4), 0);
    thread_ = std::thread([this] { serve(); });
  }
  ~MapServer() {
    ::shutdown(fd_, SHUT_RDWR);
    thread_.join();
    ::close(fd_);
  }
  std::string heard;

 private:
  void serve() {
    for (;;) {
      const int c = ::accept(fd_, nullptr, nullptr);
      if (c < 0) return;
      for (int answered = 0; answered < 2; ++answered) {
        std::array<char, 256> buf{};
        const ssize_t n = ::recv(c, buf.data(), buf.size(), 0);
        if (n <= 0) break;
        heard.append(buf.data(), static_cast<size_t>(n));
        const std::string_view q(buf.data(), static_cast<size_t>(n));
        const std::string text = q.find("none") != q.npos ? "NOTFOUND" : q.find("bad") != q.npos ? "TEMP down" : q.find("junk") != q.npos ? "WHAT" : "OK v%0";
        const std::string reply = std::to_string(text.size()) + ":" + text + ",";
        ::send(c, reply.data(), reply.size() / 2, MSG_NOSIGNAL);
        ::send(c, reply.data() + reply.size() / 2, reply.size() - reply.size() / 2, MSG_NOSIGNAL);
      }
      ::close(c);
    }
  }
  int fd_;
  std::thread thread_;
};

TEST_F(Maps, SocketServerAnswers) {
  MapServer server(dir_ + "/sock");
  net::WorkerPool workers(1);
  workers_ = &workers;
  k("sck", "socket", "-a. local:/sock");
  EXPECT_EQ(map("sck", "Key"), "vKey.");
  EXPECT_EQ(map("sck", "none"), "no match (68)");
  EXPECT_EQ(map("sck", "again"), "vagain.") << "the server had closed the connection";
  EXPECT_EQ(map("sck", "bad"), "no match (75)");
  EXPECT_EQ(map("sck", "junk"), "no match (76)");
  EXPECT_EQ(server.heard.substr(0, 10), "7:sck key,");
  MapAnswer now;
  EXPECT_FALSE(set_->lookup_now("sck", "x", {}, now)) << "what may block is never answered on the loop";
  set_.reset();
}

TEST_F(Maps, SocketsThatCannotBeAsked) {
  distrusted_ = "/open/sock";
  k("odd", "socket", "carrier:pigeon");
  k("gone", "socket", "unix:/run/gone");
  k("open", "socket", "local:/open/sock");
  k("optional", "socket", "-o inet:1@127.0.0.1");
  EXPECT_EQ(map("odd", "x"), "no match (75)");
  EXPECT_EQ(last_.message, "socket map \"odd\": unknown socket type carrier: Protocol not supported");
  EXPECT_EQ(map("gone", "x"), "no match (75)");
  EXPECT_EQ(last_.message, "socket map \"gone\": local socket name /run/gone unsafe: No such file or directory");
  EXPECT_EQ(map("open", "x"), "no match (75)");
  EXPECT_EQ(last_.message, "socket map \"open\": local socket name /open/sock unsafe: Group writable directory");
  EXPECT_EQ(map("optional", "x"), "no match (0)");
}

TEST_F(Maps, ClassesThatAreNotHereSayFileAndLine) {
  k("d", "dbm", "/etc/mail/x");
  k("n", "nis", "x");
  k("b", "bogus", "x");
  EXPECT_EQ(map("d", "x"), "no match (75)");
  EXPECT_NE(last_.message.find("/etc/mail/sendmail.cf: line 1: readcf: map d: class dbm not available"), std::string::npos);
  EXPECT_EQ(map("n", "x"), "no match (75)");
  EXPECT_NE(last_.message.find("line 2"), std::string::npos);
  EXPECT_EQ(map("b", "x"), "no match (75)");
  EXPECT_EQ(set_->find("nomap"), nullptr);
  for (const auto& [cls, args, text] : std::vector<std::array<std::string, 3>>{
           {"dns", "", "dns map m: missing -R type"}, {"hash", "-o", "No file name for hash map m"},
           {"hash", "-y /x", "Illegal option y map m"}, {"dns", "-RFOO", "dns map m: wrong type FOO"}}) {
    MapSpec s;
    s.name = "m";
    s.map_class = cls;
    s.args = args;
    auto r = parse_map_args(s);
    ASSERT_FALSE(r.ok()) << cls;
    EXPECT_EQ(r.error().text, text);
  }
}

TEST_F(Maps, LdapArgumentsAndNoServer) {
  k("ld", "ldap", "-k \"(&(a=%0)(b=%1))\" -v mail,uid -H ldapi://%2fnonexistent -T.TMP -1 -z,");
  EXPECT_EQ(map("ld", "x"), "no match (75)");
  EXPECT_TRUE(set_->find("ld")->has_on_tempfail);
  EXPECT_EQ(set_->find("ld")->column_delimiter, ",");
}

TEST(MemoryMaps, AnswersWhatATestWrote) {
  MemoryMapSet m;
  m.add_map("a", "hash", "-a. /x");
  m.put("a", "Key", "v%1");
  m.fail("a", "bad");
  MapAnswer out;
  ASSERT_TRUE(m.lookup_now("a", "KEY", {"z"}, out));
  EXPECT_EQ(out.value, "vz.");
  ASSERT_TRUE(m.lookup_now("a", "bad", {}, out));
  EXPECT_EQ(out.status, Status::kTempFail);
  m.make_slow("a");
  EXPECT_FALSE(m.lookup_now("a", "key", {}, out));
}

TEST(Value, QuotesAndColumns) {
  EXPECT_EQ(strip_quotes("\"a b\"@c\\d"), "a b@cd");
  std::string_view out;
  EXPECT_TRUE(get_column("  a b", 0, '\0', out));
  EXPECT_EQ(out, "a");
  EXPECT_FALSE(get_column(",x", 0, ',', out));
  EXPECT_FALSE(get_column("a", 1, ',', out));
}

}  // namespace
}  // namespace hky::maps
