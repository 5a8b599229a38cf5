#include "sim/disk.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace ottla::sim {
namespace {

// A disk and the words for what happens to it.
struct DiskStory {
  explicit DiskStory(std::uint64_t seed = 1) : disk({}, seed, strikes) {}

  DiskNodePtr make(std::string_view path) { return disk.open(path, kOpenOrCreate).value(); }
  void write(const DiskNodePtr& node, std::uint64_t offset, std::string_view text) {
    std::uint64_t written = 0;
    disk.write(*node, offset, std::as_bytes(std::span(text)), written).value();
  }
  void sync(const DiskNodePtr& node) { node->data.make_durable(node->data.mark()); }
  void sync_directory(std::string_view path) { disk.sync_names(*disk.find(path).value(), disk.name_mark()); }
  std::string content(std::string_view path) {
    const Result<DiskNodePtr> node = disk.find(path);
    if (!node.ok()) return "(none)";
    std::string text((*node)->data.content().size(), '?');
    (*node)->data.content().read(0, std::as_writable_bytes(std::span(text)));
    return text;
  }
  StrikeCounts strikes;
  Disk disk;
};
struct DiskTest : testing::Test, DiskStory {};

// What a crash can make of one history: every outcome that many seeds give.
template <typename History, typename Look>
std::set<std::string> outcomes(History history, Look look) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    DiskStory story(seed);
    history(story);
    (void)story.disk.lose_power();
    seen.insert(look(story));
  }
  return seen;
}

TEST_F(DiskTest, WhatWasSyncedSurvivesEveryCrash) {
  const auto seen = outcomes(
      [](DiskStory& t) {
        const DiskNodePtr file = t.make("/f");
        t.write(file, 0, "durable");
        t.sync(file);
        t.sync_directory("/");
        t.write(file, 7, "!");
      },
      [](DiskStory& t) { return t.content("/f"); });
  EXPECT_EQ(seen, (std::set<std::string>{"durable", "durable!"}));
}

TEST_F(DiskTest, ANameThatWasNotSyncedMayBeLostWithAllItsBytes) {
  const auto seen = outcomes(
      [](DiskStory& t) {
        const DiskNodePtr file = t.make("/f");
        t.write(file, 0, "x");
        t.sync(file);
      },
      [](DiskStory& t) { return t.content("/f"); });
  EXPECT_EQ(seen, (std::set<std::string>{"(none)", "x"}));
}

TEST_F(DiskTest, ARenameIsDurableWithoutTheBytesOfTheFile) {
  const auto seen = outcomes(
      [](DiskStory& t) {
        t.write(t.make("/new"), 0, "n");
        t.write(t.make("/f"), 0, "o");
        t.disk.sync_everything();
        t.write(t.make("/new"), 0, "N");
        t.disk.rename("/new", "/f").value();
        t.sync_directory("/");
      },
      [](DiskStory& t) { return t.content("/new") + t.content("/f"); });
  EXPECT_EQ(seen, (std::set<std::string>{"(none)n", "(none)N"}));
}

TEST_F(DiskTest, ARenameIsBothNamesOrNeither) {
  const auto seen = outcomes(
      [](DiskStory& t) {
        t.write(t.make("/new"), 0, "n");
        t.write(t.make("/f"), 0, "o");
        t.disk.sync_everything();
        t.disk.rename("/new", "/f").value();
      },
      [](DiskStory& t) { return t.content("/new") + t.content("/f"); });
  EXPECT_EQ(seen, (std::set<std::string>{"no", "(none)n"}));
}

TEST_F(DiskTest, UnsyncedWritesSurviveInAnySubset) {
  const auto seen = outcomes(
      [](DiskStory& t) {
        const DiskNodePtr file = t.make("/f");
        t.write(file, 0, "..");
        t.disk.sync_everything();
        t.write(file, 0, "a");
        t.write(file, 1, "b");
      },
      [](DiskStory& t) { return t.content("/f"); });
  EXPECT_EQ(seen, (std::set<std::string>{"..", "a.", ".b", "ab"}));
}

TEST_F(DiskTest, AWriteCanBeTornAtAByteAndAtASector) {
  const std::string old_bytes(2048, 'o');
  const std::string new_bytes(2048, 'n');
  bool inside_a_sector = false;
  bool hole = false;
  for (const std::string& text : outcomes(
           [&](DiskStory& t) {
             const DiskNodePtr file = t.make("/f");
             t.write(file, 0, old_bytes);
             t.disk.sync_everything();
             t.write(file, 0, new_bytes);
           },
           [](DiskStory& t) { return t.content("/f"); })) {
    const std::size_t change = text.find("no");
    inside_a_sector |= change != std::string::npos && (change + 1) % 512 != 0;
    hole |= text.find("on") != std::string::npos && text.find("no") != std::string::npos;
  }
  EXPECT_TRUE(inside_a_sector);
  EXPECT_TRUE(hole);
}

TEST_F(DiskTest, WhatAFailedSyncCoveredIsLostEvenAfterALaterSync) {
  const auto seen = outcomes(
      [](DiskStory& t) {
        const DiskNodePtr file = t.make("/f");
        t.disk.sync_everything();
        t.write(file, 0, "a");
        file->data.orphan(file->data.mark());
        t.write(file, 1, "b");
        t.sync(file);
      },
      [](DiskStory& t) { return t.content("/f"); });
  EXPECT_EQ(seen, (std::set<std::string>{std::string("\0b", 2), "ab"}));
}

TEST_F(DiskTest, ATruncationIsTakenBackOrNot) {
  const auto seen = outcomes(
      [](DiskStory& t) {
        const DiskNodePtr file = t.make("/f");
        t.write(file, 0, "long");
        t.disk.sync_everything();
        file->data.resize(1);
        t.write(file, 1, "X");
      },
      [](DiskStory& t) { return t.content("/f"); });
  EXPECT_EQ(seen, (std::set<std::string>{"long", "l", "lXng", "lX"}));
}

// --- Chosen crashes -----------------------------------------------------------------------------------------

constexpr Fate kKept{.kind = Fate::Kind::kept};
constexpr Fate kLost{.kind = Fate::Kind::lost};

std::string texts(const std::vector<PendingChange>& pending) {
  std::string out;
  for (const PendingChange& change : pending) out += (out.empty() ? "" : ", ") + change.what;
  return out;
}

TEST_F(DiskTest, WhatIsPendingIsListedUntilItIsSynced) {
  const DiskNodePtr file = make("/f");
  write(file, 0, "abc");
  file->data.resize(1);
  disk.rename("/f", "/g").value();
  const std::string number = std::to_string(file->number);
  EXPECT_EQ(texts(disk.pending()), "+f=" + number + ", -f=" + number + " +g=" + number + ", " + number +
                                       " at 0: 3, " + number + " ends at 1");
  sync(file);
  EXPECT_EQ(disk.pending().size(), 2U);
  sync_directory("/");
  EXPECT_TRUE(disk.pending().empty());
}

TEST_F(DiskTest, AFileThatACrashCanBringBackIsPendingToo) {
  const DiskNodePtr file = make("/f");
  disk.sync_everything();
  write(file, 0, "a");
  disk.remove("/f").value();
  ASSERT_EQ(disk.pending().size(), 2U);
  (void)disk.crash({kLost, kKept});
  EXPECT_EQ(content("/f"), "a");
}

TEST_F(DiskTest, AChosenCrashDoesWhatWasChosenAndKeepsWhatWasSynced) {
  const DiskNodePtr file = make("/f");
  write(file, 0, "..");
  disk.sync_everything();
  write(file, 0, "a");
  write(file, 1, "b");
  (void)make("/g");
  (void)disk.crash({kLost, kLost, kKept});
  EXPECT_EQ(content("/f") + content("/g"), ".b(none)");
  EXPECT_TRUE(disk.pending().empty());
  EXPECT_EQ(strikes[Strike::write_lost], 1U);
  EXPECT_EQ(strikes[Strike::name_lost], 1U);
}

TEST_F(DiskTest, AChosenCrashTearsAWriteWhereItIsTold) {
  const DiskNodePtr file = make("/f");
  write(file, 0, std::string(1024, 'o'));
  disk.sync_everything();
  write(file, 0, "nnn");
  write(file, 500, std::string(524, 'n'));
  (void)disk.crash({{.kind = Fate::Kind::first_bytes, .bytes = 2},
                    {.kind = Fate::Kind::some_sectors, .sectors = {false, true}}});
  EXPECT_EQ(content("/f"), "nn" + std::string(510, 'o') + std::string(512, 'n'));
  EXPECT_EQ(strikes[Strike::write_torn], 2U);
}

// A history with changes of all kinds, none of which is torn as each is of one byte.
void change_all(DiskStory& t) {
  const DiskNodePtr file = t.make("/f");
  t.write(file, 0, ".");
  t.disk.sync_everything();
  t.write(file, 0, "a");
  t.write(file, 1, "b");
  t.disk.rename("/f", "/g").value();
  t.write(t.make("/f"), 0, "x");
}
std::string both(DiskStory& t) {
  return t.content("/f") + t.content("/g");
}

TEST_F(DiskTest, AllChoicesTogetherAreWhatACrashCanDo) {
  DiskStory original;
  change_all(original);
  const std::size_t count = original.disk.pending().size();
  ASSERT_EQ(count, 5U);
  std::set<std::string> chosen;
  for (std::uint32_t subset = 0; subset < 1U << count; ++subset) {
    DiskStory copy;
    copy.disk.become(original.disk);
    std::vector<Fate> fates;
    for (std::size_t i = 0; i < count; ++i) fates.push_back((subset >> i & 1U) != 0 ? kKept : kLost);
    (void)copy.disk.crash(fates);
    chosen.insert(both(copy));
  }
  EXPECT_EQ(outcomes(change_all, both), chosen);
  EXPECT_EQ(chosen.size(), 18U);
}

TEST_F(DiskTest, ACopyIsApartFromItsOriginal) {
  change_all(*this);
  const std::string before = both(*this);
  DiskStory copy;
  const std::uint64_t room = copy.disk.space().available;
  copy.disk.become(disk);
  EXPECT_EQ(texts(copy.disk.pending()), texts(disk.pending()));
  EXPECT_EQ(copy.disk.space().available, room - 3);
  copy.write(copy.disk.find("/f").value(), 0, "y");
  copy.disk.remove("/g").value();
  (void)copy.make("/h");
  copy.disk.sync_everything();
  EXPECT_EQ(both(*this), before);
  EXPECT_EQ(disk.pending().size(), 5U);
  EXPECT_EQ(both(copy), "y(none)");
}

// A model that knows, for each byte of one file, which letters a crash may leave there: a bit for each.
class ByteModel {
 public:
  void write(std::uint64_t offset, std::string_view text) {
    if (offset + text.size() > possible_.size()) {
      possible_.resize(offset + text.size());
      newest_.resize(possible_.size());
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
      newest_[offset + i] = bit_of(text[i]);
      possible_[offset + i] |= newest_[offset + i];
    }
  }
  void sync() {
    possible_ = newest_;
    durable_ = possible_.size();
  }
  void check(std::string_view kept) const {
    ASSERT_GE(kept.size(), durable_);
    ASSERT_LE(kept.size(), possible_.size());
    for (std::size_t at = 0; at < kept.size(); ++at) {
      const bool hole = kept[at] == '\0' && at >= durable_;
      ASSERT_TRUE(hole || (kept[at] != '\0' && (possible_[at] & bit_of(kept[at])) != 0)) << at;
    }
  }

 private:
  static std::uint32_t bit_of(char letter) { return 1U << (letter - 'a'); }

  std::vector<std::uint32_t> possible_;
  std::vector<std::uint32_t> newest_;
  std::uint64_t durable_ = 0;
};

TEST_F(DiskTest, EveryCrashKeepsALegalSubset) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    DiskStory one(seed);
    ByteModel model;
    Random random(seed);
    const DiskNodePtr file = one.make("/f");
    one.disk.sync_everything();
    for (std::uint64_t steps = random.below(40); steps > 0; --steps) {
      if (random.chance(1, 8)) {
        one.sync(file);
        model.sync();
        continue;
      }
      const std::uint64_t size = file->data.content().size();
      const std::uint64_t offset = random.chance(2, 3) ? size : random.below(size + 1);
      const std::string text(1 + random.below(1500), static_cast<char>('a' + random.below(26)));
      one.write(file, offset, text);
      model.write(offset, text);
    }
    (void)one.disk.lose_power();
    model.check(one.content("/f"));
    const std::string kept = one.content("/f");
    (void)one.disk.lose_power();  // nothing is left to lose
    ASSERT_EQ(one.content("/f"), kept) << seed;
  }
}

TEST_F(DiskTest, RotFlipsOneBitAndStays) {
  write(make("/f"), 0, std::string(100, 'a'));
  disk.sync_everything();
  EXPECT_TRUE(disk.flip_bit("f"));
  (void)disk.lose_power();
  EXPECT_NE(content("/f"), std::string(100, 'a'));
  EXPECT_EQ(strikes[Strike::bit_flipped], 1U);
  EXPECT_FALSE(disk.flip_bit("other"));
}

TEST_F(DiskTest, AnOldCopyComesBack) {
  disk.make_directories("/d").value();
  const DiskNodePtr file = make("/d/f");
  write(file, 0, "old");
  disk.keep_copy("/d");
  write(file, 0, "new");
  (void)make("/d/later");
  EXPECT_TRUE(disk.return_copy());
  EXPECT_EQ(disk.paths(), (std::vector<std::string>{"/d/", "/d/f"}));
  EXPECT_EQ(content("/d/f"), "old");
  EXPECT_FALSE(disk.return_copy());
}

TEST_F(DiskTest, FilesAndDisksGetLost) {
  (void)make("/a");
  (void)make("/b");
  EXPECT_EQ(disk.lose_file("b"), "/b");
  EXPECT_EQ(disk.paths(), (std::vector<std::string>{"/a"}));
  disk.lose_everything();
  EXPECT_TRUE(disk.paths().empty());
}

TEST_F(DiskTest, AFullDiskTakesWhatItHasReserved) {
  const DiskNodePtr file = make("/f");
  file->reserved = 2;
  disk.trouble.full = true;
  std::uint64_t written = 0;
  const std::string_view text = "abcd";
  EXPECT_EQ(disk.write(*file, 0, std::as_bytes(std::span(text)), written).error().code(), Errc::no_space);
  EXPECT_EQ(written, 2U);
  EXPECT_EQ(disk.open("/g", kOpenOrCreate).error().code(), Errc::no_space);
  EXPECT_EQ(disk.space().available, 0U);
  disk.trouble.full = false;
  write(file, 2, "cd");
  EXPECT_EQ(content("/f"), "abcd");
}

TEST_F(DiskTest, SpaceIsGivenBackWithTheLastUseOfAFile) {
  const std::uint64_t before = disk.space().available;
  DiskNodePtr file = make("/f");
  write(file, 0, std::string(10'000, 'x'));
  EXPECT_EQ(disk.space().available, before - 10'000);
  disk.remove("/f").value();
  disk.sync_everything();
  EXPECT_EQ(disk.space().available, before - 10'000);
  file.reset();
  EXPECT_EQ(disk.space().available, before);
}

TEST_F(DiskTest, BigFilesWithHolesCostNothing) {
  const DiskNodePtr file = make("/f");
  file->data.resize(std::uint64_t{1} << 32);
  write(file, std::uint64_t{1} << 31, "x");
  disk.keep_copy("/");
  EXPECT_EQ(file->data.content().size(), std::uint64_t{1} << 32);
}

}  // namespace
}  // namespace ottla::sim
