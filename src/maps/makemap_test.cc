// makemap, editmap, and what they write read back: by our own reader and by maps; damage of every kind is an Error.
#include "maps/makemap.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <random>
#include <sstream>

#include "base/file_system.h"

namespace hky::maps {
namespace {

class Makemap : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "hkymapXXXXXX";
    dir_ = ::mkdtemp(pattern.data());
    std::filesystem::create_directory(dir_ + "/m");
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  int run(std::vector<std::string> args, const std::string& text = "", bool edit = false) {
    out_.clear();
    err_.clear();
    std::istringstream in(text);
    CommandIo io;
    io.read_line = [&in](std::string& line) { return static_cast<bool>(std::getline(in, line)); };
    io.out = [this](std::string_view s) { out_ += s; };
    io.err = [this](std::string_view s) { err_ += s; };
    io.trusts = [this](const std::string&, unsigned) { return trusted_; };
    return edit ? editmap_main(args, dir_, io) : makemap_main(args, dir_, io);
  }
  std::string bytes(const std::string& name) {
    auto b = kernel_file_system().read_file(dir_ + "/m/" + name);
    EXPECT_TRUE(b.ok());
    return b.ok() ? *b : "";
  }
  std::string dir_, out_, err_;
  bool trusted_ = true;
};

// What a sendmail 8.17's editmap did with each command line.
TEST_F(Makemap, EditmapAnswersAsSendmails) {
  constexpr const char* kSource = "joe one\nann two words\nBob three\n";
  constexpr const char* kUsage = "Usage: editmap [-C cffile] [-N] [-f] [-q|-u|-x] maptype mapname key [ \"value ...\" ]\n";
  constexpr const char* kSame = "joe\tone\nann\ttwo words\nbob\tthree\n";
  const struct { std::vector<std::string> args; int code; const char *out, *err, *then; } cases[] = {
      {{"-q", "hash", "/m/e", "JOE"}, 0, "one\n", "", kSame},
      {{"-f", "-q", "hash", "/m/e", "JOE"}, 69, "", "editmap: couldn't find key JOE in map /m/e\n", kSame},
      {{"-qf", "hash", "/m/e", "joe"}, 0, "one\n", "", kSame},
      {{"-q", "hash", "/m/e.db", "ann"}, 0, "two words\n", "", kSame},
      {{"-N", "-q", "hash", "/m/e", "joe"}, 69, "", "editmap: couldn't find key joe in map /m/e\n", kSame},
      {{"-u", "hash", "/m/e", "ANN", "new value"}, 0, "", "", "joe\tone\nann\tnew value\nbob\tthree\n"},
      {{"-u", "hash", "/m/e", "joe", "a", "b"}, 0, "", "", "joe\ta\nann\ttwo words\nbob\tthree\n"},
      {{"-x", "hash", "/m/e", "Bob"}, 0, "", "", "joe\tone\nann\ttwo words\n"},
      {{"-x", "hash", "/m/e", "nobody"}, 0, "", "editmap: key nobody doesn't exist in map /m/e\n", kSame},
      {{"-q", "btree", "/m/e", "joe"}, 73, "", "editmap: error opening type btree map /m/e: Invalid argument\n", kSame},
      {{"-u", "btree", "/m/e", "joe", "v"}, 73, "", "editmap: error opening type btree map /m/e: Invalid argument\n", kSame},
      {{"-q", "foo", "/m/e", "joe"}, 73, "", "editmap: error opening type foo map /m/e: Unknown database type\n", kSame},
      {{"-q", "dbm", "/m/e", "joe"}, 73, "", "editmap: Need to recompile with -DNDBM for dbm support\n", kSame},
      {{"-q", "cdb", "/m/e", "joe"}, 73, "", "editmap: Need to recompile with -DCDB for cdb support\n", kSame},
      {{"-q", "hash", "/m/none", "joe"}, 73, "", "editmap: error opening type hash map /m/none: No such file or directory\n", kSame},
      {{"-u", "hash", "/none/e", "joe", "v"}, 73, "", "editmap: error opening type hash map /none/e: No such file or directory\n", kSame},
      {{}, 64, "", kUsage, kSame},
      {{"hash", "/m/e", "joe"}, 64, "", kUsage, kSame},
      {{"-q", "-u", "hash", "/m/e", "joe", "v"}, 64, "", kUsage, kSame},
      {{"-q", "hash", "/m/e"}, 64, "", kUsage, kSame},
      {{"-q", "hash", "/m/e", "joe", "more"}, 64, "", kUsage, kSame},
      {{"-x", "hash", "/m/e", "joe", "more"}, 64, "", kUsage, kSame},
      {{"-u", "hash", "/m/e", "joe"}, 64, "", kUsage, kSame},
  };
  for (const auto& c : cases) {
    std::string line;
    for (const std::string& word : c.args) line += word + " ";
    SCOPED_TRACE(line);
    ASSERT_EQ(run({"hash", "/m/e"}, kSource), 0);
    EXPECT_EQ(run(c.args, "", true), c.code);
    EXPECT_EQ(out_, c.out);
    EXPECT_EQ(err_, c.err);
    EXPECT_EQ(run({"-u", "hash", "/m/e"}), 0);
    EXPECT_EQ(out_, c.then);
  }
  EXPECT_EQ(run({"-l"}, "", true), 64);
  EXPECT_EQ(err_, std::string("editmap: invalid option -- 'l'\n") + kUsage);
  EXPECT_EQ(run({"-C", "/none.cf", "-q", "hash", "/m/e", "joe"}, "", true), 66);
}

TEST_F(Makemap, EditmapMakesAMapThatIsMissingAndKeepsABtreeOne) {
  EXPECT_EQ(run({"-u", "btree", "/m/t", "joe", "v"}, "", true), 0);
  EXPECT_EQ(run({"-q", "btree", "/m/t", "joe"}, "", true), 0);
  EXPECT_EQ(out_, "v\n");
  EXPECT_EQ(run({"-u", "btree", "/m/t", "ann", "w"}, "", true), 0);
  EXPECT_EQ(run({"-u", "btree", "/m/t"}), 0);
  EXPECT_EQ(out_, "ann\tw\njoe\tv\n");
  EXPECT_EQ(run({"-x", "hash", "/m/x", "joe"}, "", true), 0);
  EXPECT_EQ(err_, "editmap: key joe doesn't exist in map /m/x\n");
  EXPECT_EQ(run({"-u", "hash", "/m/x"}), 0);
  EXPECT_EQ(out_, "");
}

TEST_F(Makemap, AnotherUsersMapIsRefusedBeforeItIsOpened) {
  ASSERT_EQ(run({"hash", "/m/e"}, "joe one\n"), 0);
  trusted_ = false;
  for (const bool edit : {false, true}) {
    EXPECT_EQ(edit ? run({"-q", "hash", "/m/e", "joe"}, "", true) : run({"-u", "hash", "/m/e"}), 73);
    EXPECT_EQ(err_, std::string(edit ? "editmap" : "makemap") + ": error opening type hash map /m/e: Permission denied\n");
  }
}

TEST_F(Makemap, WhatIsNoDatabaseIsAnInvalidArgument) {
  ASSERT_TRUE(kernel_file_system().replace_file(dir_ + "/m/g.db", std::string(700, 'g')).ok());
  EXPECT_EQ(run({"-u", "hash", "/m/g"}), 73);
  EXPECT_EQ(err_, "makemap: error opening type hash map /m/g: Invalid argument\n");
  EXPECT_EQ(run({"-x", "hash", "/m/g", "joe"}, "", true), 73);
  EXPECT_EQ(err_, "editmap: error opening type hash map /m/g: Invalid argument\n");
}

TEST_F(Makemap, MessagesAndExitCodesAreSendmails) {
  EXPECT_EQ(run({"hash", "/m/a"}, "a\tb\na\tc\nd e\n"), 65);
  EXPECT_EQ(err_, "makemap: /m/a: line 2: key a: duplicate key\n");
  EXPECT_EQ(run({"-v", "-r", "hash", "/m/a"}, "a\tb\na\tc\nd e\n"), 0);
  EXPECT_EQ(out_, "key=`a', val=`b'\nkey=`a', val=`c'\nkey=`d', val=`e'\n");
  EXPECT_EQ(run({"hash", "/m/b"}, "#c\n\n  lead x\nx\ny  \nz\t\n\"q r\" v\nA%B c\nk v  w  \n"), 65);
  EXPECT_EQ(err_, "makemap: /m/b: line 3: syntax error (leading space)\nmakemap: /m/b: line 4: no RHS for LHS x\n"
                  "makemap: /m/b: line 5: no RHS for LHS y\nmakemap: /m/b: line 6: no RHS for LHS z\n");
  EXPECT_EQ(run({"-u", "hash", "/m/b"}), 0);
  EXPECT_EQ(out_, "a%b\tc\n\"q\tr\" v\nk\tv  w  \n");
  EXPECT_EQ(run({"-t:", "-D;", "hash", "/m/c.db"}, "a:b c\nB : d\n;x\n"), 0);
  EXPECT_EQ(run({"-u", "hash", "/m/c"}), 0);
  EXPECT_EQ(out_, "b \t d\na\tb c\n");
  EXPECT_EQ(run({"-u", "hash", "/m/nofile"}), 73);
  EXPECT_EQ(err_, "makemap: error opening type hash map /m/nofile: No such file or directory\n");
  EXPECT_EQ(run({"foo", "/m/a"}), 73);
  EXPECT_EQ(err_, "makemap: error opening type foo map /m/a: Unknown database type\n");
  EXPECT_EQ(run({"hash", "/nodir/x"}, "a b\n"), 73);
  EXPECT_EQ(run({"-o", "hash", "/m/none"}, "a b\n"), 73);
  EXPECT_EQ(run({"-Z", "hash", "/m/a"}), 64);
  EXPECT_EQ(err_.substr(0, 31), "makemap: invalid option -- 'Z'\n");
  EXPECT_EQ(run({"-l"}), 0);
  EXPECT_EQ(out_, "hash\nbtree\nimplicit\n");
  EXPECT_EQ(run({"hash", "/m/long"}, std::string(2000, 'x') + " y\n"), 65);
  EXPECT_EQ(err_, "makemap: /m/long: line 1: line too long (1024 bytes max)\n");
}

TEST_F(Makemap, DuplicatesAppendAndTrailingNul) {
  EXPECT_EQ(run({"-d", "btree", "/m/d"}, "a\tb\na\tc\n"), 0);
  EXPECT_EQ(run({"-u", "btree", "/m/d"}), 0);
  EXPECT_EQ(out_, "a\tb\na\tc\n");
  EXPECT_EQ(run({"hash", "/m/o"}, "a b\n"), 0);
  EXPECT_EQ(run({"-o", "hash", "/m/o"}, "c d\n"), 0);
  EXPECT_EQ(run({"-u", "hash", "/m/o"}), 0);
  EXPECT_EQ(out_, "a\tb\nc\td\n");
  EXPECT_EQ(run({"-N", "hash", "/m/n"}, "a b\n"), 0);
  auto entries = read_db_file(dir_ + "/m/n.db");
  ASSERT_TRUE(entries.ok());
  EXPECT_EQ((*entries)[0].key, std::string("a\0", 2));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir_ + "/m"), {}), 3) << "no temporary file stays";
}

TEST_F(Makemap, ReplacesByRenameAndKeepsMode) {
  EXPECT_EQ(run({"hash", "/m/a"}, "a b\n"), 0);
  ASSERT_EQ(::chmod((dir_ + "/m/a.db").c_str(), 0604), 0);
  struct stat before{};
  struct stat after{};
  ::stat((dir_ + "/m/a.db").c_str(), &before);
  EXPECT_EQ(run({"hash", "/m/a"}, "a c\n"), 0);
  ::stat((dir_ + "/m/a.db").c_str(), &after);
  EXPECT_NE(before.st_ino, after.st_ino);
  EXPECT_EQ(after.st_mode & 0777, 0604U);
  // A writer that is given up leaves the old file.
  auto w = DbWriter::create(dir_ + "/m/a.db", {});
  ASSERT_TRUE(w.ok());
  ASSERT_TRUE(w->put("z", "z").ok());
  w = DbWriter::create(dir_ + "/m/other.db", {});
  auto entries = read_db_file(dir_ + "/m/a.db");
  ASSERT_TRUE(entries.ok());
  EXPECT_EQ((*entries)[0].value, "c");
}

TEST_F(Makemap, Editmap) {
  EXPECT_EQ(run({"hash", "/m/a"}, "a c\n"), 0);
  EXPECT_EQ(run({"-q", "hash", "/m/a", "A"}, "", true), 0);
  EXPECT_EQ(out_, "c\n");
  EXPECT_EQ(run({"-q", "hash", "/m/a", "nokey"}, "", true), 69);
  EXPECT_EQ(err_, "editmap: couldn't find key nokey in map /m/a\n");
  EXPECT_EQ(run({"-u", "hash", "/m/a", "N", "v w"}, "", true), 0);
  EXPECT_EQ(run({"-q", "hash", "/m/a", "n"}, "", true), 0);
  EXPECT_EQ(out_, "v w\n");
  EXPECT_EQ(run({"-x", "hash", "/m/a", "n"}, "", true), 0);
  EXPECT_EQ(run({"-x", "hash", "/m/a", "n"}, "", true), 0);
  EXPECT_EQ(err_, "editmap: key n doesn't exist in map /m/a\n");
  EXPECT_EQ(run({"-q", "-x", "hash", "/m/a", "n"}, "", true), 64);
}

// Big enough for overflow pages, several buckets and tree levels.
std::string big_text(int entries) {
  std::string text;
  for (int i = 0; i < entries; ++i) text += "key" + std::to_string(i) + "\tvalue " + std::to_string(i * 7) + "\n";
  return text;
}

TEST_F(Makemap, ReadsEveryEntryOfLargeFiles) {
  for (const char* type : {"hash", "btree"}) {
    ASSERT_EQ(run({type, "/m/big"}, big_text(20000)), 0);
    auto entries = read_db_file(dir_ + "/m/big.db");
    ASSERT_TRUE(entries.ok()) << entries.error().text;
    ASSERT_EQ(entries->size(), 20000U);
    size_t right = 0;
    for (const auto& e : *entries) right += e.value == "value " + std::to_string(std::stoi(e.key.substr(3)) * 7);
    EXPECT_EQ(right, 20000U);
    DbWriteOptions o;
    o.btree = std::string(type) == "btree";
    o.duplicates = true;
    auto w = DbWriter::create(dir_ + "/m/over.db", o);
    ASSERT_TRUE(w.ok());
    const std::string huge(30000, 'h');
    ASSERT_TRUE(w->put("huge", huge).ok());
    for (int i = 0; i < 3000; ++i) ASSERT_TRUE(w->put("dup", "d" + std::to_string(i)).ok());
    ASSERT_TRUE(w->commit().ok());
    entries = read_db_file(dir_ + "/m/over.db");
    ASSERT_TRUE(entries.ok()) << entries.error().text;
    size_t dups = 0;
    bool whole = false;
    for (const auto& e : *entries) {
      dups += e.key == std::string("dup\0", 4);
      whole = whole || e.value == huge + '\0';
    }
    EXPECT_EQ(dups, 3000U) << type;
    EXPECT_TRUE(whole) << type;
  }
}

TEST_F(Makemap, DamagedFilesAreErrorsNeverCrashes) {
  for (const char* type : {"hash", "btree"}) {
    ASSERT_EQ(run({type, "/m/x"}, big_text(500)), 0);
    const std::string image = bytes("x.db");
    // A writer stopped half way: every shorter length is refused.
    for (size_t n = 0; n < image.size(); n += 1024) EXPECT_FALSE(parse_db_image(image.substr(0, n), "x").ok()) << n;
    std::mt19937_64 random(11);
    for (int i = 0; i < 3000; ++i) {
      std::string broken = image;
      for (int k = 0; k < 8; ++k) broken[random() % broken.size()] = static_cast<char>(random());
      (void)parse_db_image(broken, "x").ok();
    }
    std::string wrong = image;
    wrong[12] = 'x';
    EXPECT_FALSE(parse_db_image(wrong, "x").ok());
  }
}

}  // namespace
}  // namespace hky::maps
