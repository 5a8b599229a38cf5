// Segments whose offsets lie too far from each other for their indexes, as a compaction of long ago could leave them.
#include "runtime/testing/passing_doors.h"
#include "runtime/whole_file.h"
#include "test/storage/log/log_language.h"

namespace ottla::storage {
namespace {

using contract::files;
using contract::names_in;

constexpr std::int64_t kFar = std::int64_t{1} << 31;

// One batch of one record at each offset.
std::string bytes_at(const std::vector<std::int64_t>& offsets) {
  std::string bytes;
  for (const std::int64_t offset : offsets) bytes += make_batch(Offset(offset), {}).as_string_view();
  return bytes;
}
std::string name_of_log(std::int64_t base) {
  return to_string(FileName{.offset = Offset(base), .kind = FileKind::log, .stage = FileStage::in_use});
}
Task<void> put_segment(LogUnderTest& log, std::int64_t base, std::vector<std::int64_t> offsets) {
  co_await must(files().make_directories(log.directory()));
  co_await must(write_whole_file(files(), log.directory() + '/' + name_of_log(base),
                                 Chain(Slice::copy_of(bytes_at(offsets)))));
}
LogConfig compacted() {
  return {.compacts = true};
}

CONTRACT_TEST(LogSplit, ASegmentThatReachesTooFarBecomesSeveral) {
  for (const bool clean : {false, true}) {
    LogUnderTest log(place, compacted());
    co_await must(files().remove_tree(log.directory()));
    co_await put_segment(log, 0, {0, 5, kFar + 10, kFar + 11, 3 * kFar, 3 * kFar + 5});
    log.clean = clean;
    co_await log.open();
    EXPECT_EQ(log.segments(), "0 2147483658 6442450944") << clean;
    EXPECT_EQ(co_await log.read_all(), "0 5 2147483658 2147483659 6442450944 6442450949");
    EXPECT_EQ(log->log_end(), Offset(3 * kFar + 6));
    EXPECT_EQ((co_await names_in(log.directory())).find("ed"), std::string::npos) << "nothing is left over";
    (void)co_await log.append();
    co_await log.reopen();
    EXPECT_EQ(log.segments(), "0 2147483658 6442450944");
    EXPECT_EQ(co_await log.read(3 * kFar), "6442450944 6442450949 6442450950");
    co_await log.end();
  }
}

CONTRACT_TEST(LogSplit, EachBeginsWithItsFirstBatch) {
  LogUnderTest log(place, compacted());
  co_await put_segment(log, 0, {100, kFar + 50, kFar + 100, kFar + 101});
  co_await log.open();
  EXPECT_EQ(log.segments(), "100 2147483748");
  EXPECT_EQ(co_await log.read_all(), "100 2147483698 2147483748 2147483749");
  co_await log.end();
}

CONTRACT_TEST(LogSplit, WhatIsBadBehindItIsCutOff) {
  LogUnderTest log(place, compacted());
  co_await put_segment(log, 0, {0, kFar + 10, kFar + 11});
  const std::string path = log.directory() + '/' + name_of_log(0);
  std::string bytes = bytes_at({0, kFar + 10, kFar + 11});
  bytes.resize(bytes.size() - 7);
  co_await must(write_whole_file(files(), path, Chain(Slice::copy_of(bytes))));
  co_await log.open();
  EXPECT_EQ(co_await log.read_all(), "0 2147483658");
  EXPECT_EQ(log->log_end(), Offset(kFar + 11));
  co_await log.end();
}

// Doors that let so many changes pass, and no more: as if the process had died there.
class DyingDoors final : public ottla::testing::PassingFileSystem {
 public:
  DyingDoors(FileSystem& doors, int changes) : PassingFileSystem(doors), left_(changes) {}
  bool died() const { return left_ < 0; }

  Task<Result<std::unique_ptr<File>>> open(std::string path, OpenOptions options) override {
    if (options.creation != Creation::open_existing && spent()) co_return Errc::closed;
    co_return co_await doors().open(path, options);
  }
  Task<Result<void>> rename(std::string from, std::string to, Durability durability) override {
    if (spent()) co_return Errc::closed;
    co_return co_await doors().rename(from, to, durability);
  }
  Task<Result<void>> remove(std::string path, Durability durability) override {
    if (spent()) co_return Errc::closed;
    co_return co_await doors().remove(path, durability);
  }

 private:
  bool spent() { return --left_ < 0; }
  int left_;
};

CONTRACT_TEST(LogSplit, WhereverItEndsTheNextStartGoesOn) {
  // The second one begins before its first batch: by its name alone nobody sees that it was replaced.
  const std::vector<std::vector<std::int64_t>> stories = {{0, 5, kFar + 10, 2 * kFar + 20},
                                                          {100, kFar + 100, 3 * kFar}};
  for (const std::vector<std::int64_t>& offsets : stories) {
    std::string expected;
    for (const std::int64_t offset : offsets)
      expected += (expected.empty() ? "" : " ") + std::to_string(offset);
    int step = 0;
    for (bool died = true; died; ++step) {
      DyingDoors doors(files(), step);
      {
        LogUnderTest log(place, compacted(), 64, 1 << 20, &doors);
        co_await must(files().remove_tree(log.directory()));
        co_await put_segment(log, 0, offsets);
        if (co_await log.try_open() == "ok") co_await log.crash();  // what it can do without may have failed
        died = doors.died();
        co_await log.end_closed();
      }
      LogUnderTest log(place, compacted());
      co_await log.open();
      EXPECT_EQ(co_await log.read_all(), expected) << step;
      EXPECT_EQ(log.segments().find(' ') == std::string::npos, false) << step;
      co_await log.end();
    }
    EXPECT_GT(step, 10);
  }
}

}  // namespace
}  // namespace ottla::storage
