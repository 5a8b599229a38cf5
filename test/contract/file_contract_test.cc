// What src/runtime/file.h promises about open files, in both worlds.
#include <string>
#include <vector>

#include "runtime/cross_shard.h"
#include "runtime/file.h"
#include "runtime/sleep.h"
#include "runtime/task_group.h"
#include "runtime/travel.h"
#include "test/contract/file_language.h"

namespace ottla {
namespace {

using namespace contract;

// --- Appends ------------------------------------------------------------------------------------------------

CONTRACT_TEST(Files, AppendsGoToTheEnd) {
  const auto file = co_await open_new(at(place, "log"));
  EXPECT_EQ(co_await must(file->append(text("one "))), 0U);
  EXPECT_EQ(co_await must(file->append(text("two "))), 4U);
  EXPECT_EQ(file->size(), 8U);
  EXPECT_EQ(co_await content(*file), "one two ");
  co_await file->close();
}

CONTRACT_TEST(Files, AnEmptyAppendChangesNothing) {
  const auto file = co_await open_new(at(place, "log"));
  co_await must(file->append(text("abc")));
  EXPECT_EQ(co_await must(file->append(Chain())), 3U);
  EXPECT_EQ(file->size(), 3U);
  co_await file->close();
}

// Sizes on both sides of what is written at once, merged, and split.
CONTRACT_TEST(Files, ManyAppendsAtOnceKeepTheOrderOfTheCalls) {
  const auto file = co_await open_new(at(place, "log"));
  std::string expected;
  std::vector<std::uint64_t> promised;
  std::vector<std::uint64_t> given(120);
  TaskGroup group(cancel);
  for (std::size_t i = 0; i < given.size(); ++i) {
    const std::string bytes = pattern(i % 10 == 0 ? 300'000 : 17 + i, static_cast<unsigned>(i));
    promised.push_back(expected.size());
    expected += bytes;
    group.spawn([&file, &given, i, bytes](Cancel) -> Task<void> {
      given[i] = co_await must(file->append(text(bytes)));
    });
  }
  co_await group.wait();
  EXPECT_EQ(given, promised);
  EXPECT_EQ(file->size(), expected.size());
  EXPECT_TRUE(co_await content(*file) == expected);
  co_await file->close();
}

CONTRACT_TEST(Files, AppendsMixedWithEveryOtherChangeKeepTheOrderOfTheCalls) {
  const auto file = co_await open_new(at(place, "log"));
  TaskGroup group(cancel);
  group.spawn([&](Cancel) -> Task<void> { co_await must(file->append(text(pattern(600'000)))); });
  group.spawn([&](Cancel) -> Task<void> { co_await must(file->truncate(4)); });
  group.spawn([&](Cancel) -> Task<void> { EXPECT_EQ(co_await must(file->append(text("abcd"))), 4U); });
  group.spawn([&](Cancel) -> Task<void> { co_await must(file->write_at(10, text("kl"))); });
  group.spawn([&](Cancel) -> Task<void> { co_await must(file->preallocate(100)); });
  group.spawn([&](Cancel) -> Task<void> { EXPECT_EQ(co_await must(file->append(text("m"))), 12U); });
  group.spawn([&](Cancel) -> Task<void> { co_await must(file->write_at(1, text("Q"))); });
  co_await group.wait();
  std::string expected = pattern(600'000).substr(0, 4) + "abcd" + std::string(2, '\0') + "klm";
  expected[1] = 'Q';
  EXPECT_EQ(co_await content(*file), expected);
  co_await file->close();
}

CONTRACT_TEST(Files, AnAppendMayBeLarge) {
  const std::string bytes = pattern(9'000'000);
  const auto file = co_await open_new(at(place, "log"));
  co_await must(file->append(text(bytes)));
  EXPECT_TRUE(co_await content(*file) == bytes);
  co_await file->close();
}

CONTRACT_TEST(Files, AnAppendMayHaveThousandsOfPieces) {
  const std::string bytes = pattern(10'000);
  Chain chain;
  for (std::size_t i = 0; i < bytes.size(); i += 3) chain.append(Slice::copy_of(bytes.substr(i, 3)));
  const auto file = co_await open_new(at(place, "log"));
  co_await must(file->append(std::move(chain)));
  EXPECT_TRUE(co_await content(*file) == bytes);
  co_await file->close();
}

CONTRACT_TEST(Files, AReopenedFileGoesOnWhereItEnded) {
  co_await write_file(at(place, "log"), "first ");
  const auto file = co_await must(files().open(at(place, "log"), kReadWrite));
  EXPECT_EQ(file->size(), 6U);
  EXPECT_EQ(co_await must(file->append(text("second"))), 6U);
  co_await file->close();
  EXPECT_EQ(co_await content_of(at(place, "log")), "first second");
}

// --- Writes at a place, truncation --------------------------------------------------------------------------

CONTRACT_TEST(Files, WriteAtOverwrites) {
  const auto file = co_await open_new(at(place, "f"));
  co_await must(file->append(text("0123456789")));
  co_await must(file->write_at(3, text("abc")));
  EXPECT_EQ(file->size(), 10U);
  EXPECT_EQ(co_await content(*file), "012abc6789");
  co_await file->close();
}

CONTRACT_TEST(Files, WriteAtExtendsAndTheGapReadsAsZeros) {
  const auto file = co_await open_new(at(place, "f"));
  co_await must(file->append(text("ab")));
  co_await must(file->write_at(5, text("fg")));
  EXPECT_EQ(file->size(), 7U);
  EXPECT_EQ(co_await content(*file), std::string("ab\0\0\0fg", 7));
  EXPECT_EQ(co_await must(file->append(text("h"))), 7U);
  co_await file->close();
}

CONTRACT_TEST(Files, AfterATruncationAppendsGoToTheNewEnd) {
  const auto file = co_await open_new(at(place, "f"));
  co_await must(file->append(text("0123456789")));
  co_await must(file->truncate(4));
  EXPECT_EQ(file->size(), 4U);
  EXPECT_EQ(co_await must(file->append(text("xy"))), 4U);
  EXPECT_EQ(co_await content(*file), "0123xy");
  co_await file->close();
}

CONTRACT_TEST(Files, WhatATruncationCutOffDoesNotComeBack) {
  const auto file = co_await open_new(at(place, "f"));
  co_await must(file->append(text("0123456789")));
  co_await must(file->truncate(2));
  co_await must(file->truncate(5));
  EXPECT_EQ(co_await content(*file), std::string("01\0\0\0", 5));
  co_await file->close();
}

CONTRACT_TEST(Files, PreallocationLeavesTheSize) {
  const auto file = co_await open_new(at(place, "f"));
  co_await must(file->preallocate(1'000'000));
  EXPECT_EQ(file->size(), 0U);
  EXPECT_EQ(co_await must(file->append(text("abc"))), 0U);
  EXPECT_EQ(co_await content(*file), "abc");
  co_await file->close();
}

CONTRACT_TEST(Files, NoFileReachesBeyondSixtyThreeBits) {
  const auto file = co_await open_new(at(place, "f"));
  EXPECT_EQ(co_await outcome(file->write_at(UINT64_MAX - 1, text("abc"))), "too_large");
  EXPECT_EQ(co_await outcome(file->truncate(UINT64_MAX)), "too_large");
  EXPECT_EQ(co_await outcome(file->preallocate(UINT64_MAX)), "too_large");
  EXPECT_EQ(file->size(), 0U);
  co_await file->close();
}

CONTRACT_TEST(Files, OpenedForReadingRefusesEveryChange) {
  co_await write_file(at(place, "f"), "abc");
  const auto file = co_await must(files().open(at(place, "f"), kReadOnly));
  EXPECT_EQ(co_await outcome(file->append(text("d"))), "invalid_argument");
  EXPECT_EQ(co_await outcome(file->write_at(0, text("d"))), "invalid_argument");
  EXPECT_EQ(co_await outcome(file->truncate(1)), "invalid_argument");
  EXPECT_EQ(co_await outcome(file->preallocate(9)), "invalid_argument");
  EXPECT_EQ(co_await content(*file), "abc");
  co_await file->close();
}

// --- Reads --------------------------------------------------------------------------------------------------

CONTRACT_TEST(Files, AReadIsShortOnlyAtTheEnd) {
  const auto file = co_await open_new(at(place, "f"));
  co_await must(file->append(text("0123456789")));
  EXPECT_EQ(co_await read(*file, 2, 3), "234");
  EXPECT_EQ(co_await read(*file, 8, 5), "89");
  EXPECT_EQ(co_await read(*file, 10, 5), "");
  EXPECT_EQ(co_await read(*file, 1000, 5), "");
  EXPECT_EQ(co_await read(*file, 0, 0), "");
  co_await file->close();
}

CONTRACT_TEST(Files, ReadsRunSideBySide) {
  const std::string bytes = pattern(2'000'000);
  co_await write_file(at(place, "f"), bytes);
  const auto file = co_await must(files().open(at(place, "f"), kReadOnly));
  TaskGroup group(cancel);
  for (std::size_t i = 0; i < 20; ++i) {
    group.spawn([&, i](Cancel) -> Task<void> {
      EXPECT_TRUE(co_await read(*file, i * 100'000, 100'000) == bytes.substr(i * 100'000, 100'000));
    });
  }
  co_await group.wait();
  co_await file->close();
}

CONTRACT_TEST(Files, AllHandlesSeeTheSameBytes) {
  const auto writer = co_await open_new(at(place, "f"));
  const auto reader = co_await must(files().open(at(place, "f"), kReadOnly));
  co_await must(writer->append(text("news")));
  EXPECT_EQ(co_await read(*reader, 0, 10), "news");
  co_await writer->close();
  co_await reader->close();
}

CONTRACT_TEST(Files, WarmingBringsInWhatThereIs) {
  const auto file = co_await open_new(at(place, "f"));
  co_await must(file->append(text(pattern(3'000'000))));
  EXPECT_EQ(co_await outcome(file->warm(0, 3'000'000)), "ok");
  EXPECT_EQ(co_await outcome(file->warm(2'900'000, 10'000'000)), "ok");
  EXPECT_EQ(co_await outcome(file->warm(5'000'000, 10)), "ok");
  EXPECT_FALSE(file->would_block(5'000'000, 10));
  EXPECT_FALSE(file->would_block(0, 0));
  co_await file->close();
}

// --- Sync ---------------------------------------------------------------------------------------------------

CONTRACT_TEST(Files, SyncsShareTheirWork) {
  const auto file = co_await open_new(at(place, "f"));
  int synced = 0;
  TaskGroup group(cancel);
  for (int i = 0; i < 50; ++i) {
    group.spawn([&](Cancel) -> Task<void> {
      co_await must(file->append(text("record")));
      co_await must(file->sync());
      ++synced;
    });
  }
  co_await group.wait();
  EXPECT_EQ(synced, 50);
  EXPECT_EQ(file->size(), 300U);
  co_await file->close();
}

CONTRACT_TEST(Files, ManyFilesSyncAtOnce) {
  TaskGroup group(cancel);
  int synced = 0;
  for (int i = 0; i < 60; ++i) {
    group.spawn([&, i](Cancel) -> Task<void> {
      const auto file = co_await open_new(at(place, "f" + std::to_string(i)));
      co_await must(file->append(text("record")));
      co_await must(file->sync());
      ++synced;
      co_await file->close();
    });
  }
  co_await group.wait();
  EXPECT_EQ(synced, 60);
}

CONTRACT_TEST(Files, AFileOpenedForReadingCanBeSynced) {
  co_await write_file(at(place, "f"), "abc");
  const auto file = co_await must(files().open(at(place, "f"), kReadOnly));
  EXPECT_EQ(co_await outcome(file->sync()), "ok");
  co_await file->close();
}

// --- Ranges -------------------------------------------------------------------------------------------------

Task<std::string> read_range(const Range& range) {
  std::string out(range.size(), '?');
  auto& source = static_cast<FileRangeSource&>(range.source());
  co_await must(source.read_at(range.offset(), std::as_writable_bytes(std::span(out))));
  co_return out;
}

CONTRACT_TEST(FileRanges, GiveTheBytesOfTheFile) {
  const auto file = co_await open_new(at(place, "f"));
  co_await must(file->append(text("0123456789")));
  EXPECT_EQ(file->range(2, 5).source().kind(), RangeSource::Kind::file);
  EXPECT_EQ(co_await read_range(file->range(2, 5)), "23456");
  co_await file->close();
}

CONTRACT_TEST(FileRanges, BeyondTheEndAreTruncated) {
  const auto file = co_await open_new(at(place, "f"));
  co_await must(file->append(text("0123456789")));
  const Range range = file->range(8, 5);
  std::string into(5, '?');
  auto& source = static_cast<FileRangeSource&>(range.source());
  EXPECT_EQ(co_await outcome(source.read_at(8, std::as_writable_bytes(std::span(into)))), "truncated");
  TaskGroup closing(cancel);
  closing.spawn([&](Cancel) -> Task<void> { co_await file->close(); });
  {
    const Range last = std::move(const_cast<Range&>(range));
  }
  co_await closing.wait();
}

CONTRACT_TEST(FileRanges, KeepTheFileOpen) {
  const auto file = co_await open_new(at(place, "f"));
  co_await must(file->append(text("0123456789")));
  Chain chain(file->range(0, 4));
  chain.append(file->range(6, 4));
  bool closed = false;
  TaskGroup group(cancel);
  group.spawn([&](Cancel) -> Task<void> {
    co_await file->close();
    closed = true;
  });
  (void)co_await sleep_for(std::chrono::milliseconds(1));
  EXPECT_FALSE(closed);
  EXPECT_EQ(co_await read_range(*chain.front().range()), "0123");
  chain.consume(4);
  (void)co_await sleep_for(std::chrono::milliseconds(1));
  EXPECT_FALSE(closed);
  chain.clear();
  co_await group.wait();
  EXPECT_TRUE(closed);
}

CONTRACT_TEST(FileRanges, CanBeReadOnAnotherShard) {
  const auto file = co_await open_new(at(place, "f"));
  co_await must(file->append(text("0123456789")));
  Chain chain(file->range(3, 4));
  const std::string there = co_await on(
      process.shard(ShardId(1)), [travelling = Travelling(std::move(chain))]() mutable -> Task<std::string> {
        const Chain here = std::move(travelling).arrive();
        co_return co_await read_range(*here.front().range());
      });
  EXPECT_EQ(there, "3456");
  co_await file->close();  // waits until the claim came home
}

// --- Mappings -----------------------------------------------------------------------------------------------

std::string_view characters(Mapping& mapping) {
  return {reinterpret_cast<const char*>(mapping.bytes().data()), mapping.bytes().size()};
}
void put(Mapping& mapping, std::size_t offset, std::string_view bytes) {
  std::ranges::copy(std::as_bytes(std::span(bytes)), mapping.bytes().subspan(offset).begin());
}

CONTRACT_TEST(Mappings, GrowTheFileWithZeros) {
  const auto file = co_await open_new(at(place, "index"));
  co_await must(file->append(text("ab")));
  const auto mapping = co_await must(file->map(10'000));
  EXPECT_EQ(file->size(), 10'000U);
  EXPECT_EQ(mapping->bytes().size(), 10'000U);
  EXPECT_EQ(characters(*mapping), "ab" + std::string(9'998, '\0'));
  co_await mapping->close();
  co_await file->close();
}

CONTRACT_TEST(Mappings, MayCoverLessThanTheFile) {
  const auto file = co_await open_new(at(place, "index"));
  co_await must(file->append(text("0123456789")));
  const auto mapping = co_await must(file->map(4));
  EXPECT_EQ(characters(*mapping), "0123");
  EXPECT_EQ(file->size(), 10U);
  co_await mapping->close();
  co_await file->close();
}

CONTRACT_TEST(Mappings, ShowInReadsOnceFlushedAndShowWhatIsWritten) {
  const auto file = co_await open_new(at(place, "index"));
  const auto mapping = co_await must(file->map(8));
  put(*mapping, 2, "abc");
  co_await must(mapping->flush());
  EXPECT_EQ(co_await content(*file), std::string("\0\0abc\0\0\0", 8));
  co_await must(file->write_at(4, text("XY")));
  EXPECT_EQ(characters(*mapping), std::string_view("\0\0abXY\0\0", 8));
  co_await mapping->close();
  co_await file->close();
  EXPECT_EQ(co_await content_of(at(place, "index")), std::string("\0\0abXY\0\0", 8));
}

CONTRACT_TEST(Mappings, OutliveTheFileTheyWereMadeFrom) {
  const auto file = co_await open_new(at(place, "index"));
  const auto mapping = co_await must(file->map(4));
  co_await file->close();
  put(*mapping, 0, "wxyz");
  EXPECT_EQ(co_await outcome(mapping->flush()), "ok");
  co_await mapping->close();
  EXPECT_EQ(co_await content_of(at(place, "index")), "wxyz");
}

CONTRACT_TEST(Mappings, TheFileIsNotCutOffBelowThem) {
  const auto file = co_await open_new(at(place, "index"));
  const auto mapping = co_await must(file->map(100));
  EXPECT_EQ(co_await outcome(file->truncate(99)), "busy");
  EXPECT_EQ(file->size(), 100U);
  EXPECT_EQ(co_await outcome(file->truncate(100)), "ok");
  co_await mapping->close();
  EXPECT_EQ(co_await outcome(file->truncate(99)), "ok");
  co_await file->close();
}

CONTRACT_TEST(Mappings, OfNothingAreRefused) {
  const auto file = co_await open_new(at(place, "index"));
  EXPECT_EQ(co_await outcome(file->map(0)), "invalid_argument");
  EXPECT_EQ(co_await outcome(file->map(UINT64_MAX)), "too_large");
  co_await file->close();
}

CONTRACT_TEST(Mappings, OfAFileOpenedForReadingCannotGrowIt) {
  co_await write_file(at(place, "index"), "abcd");
  const auto file = co_await must(files().open(at(place, "index"), kReadOnly));
  EXPECT_EQ(co_await outcome(file->map(5)), "invalid_argument");
  const auto mapping = co_await must(file->map(4));
  EXPECT_EQ(characters(*mapping), "abcd");
  co_await mapping->close();
  co_await file->close();
}

// --- Close --------------------------------------------------------------------------------------------------

CONTRACT_TEST(Files, CloseWaitsForWhatIsUnderWay) {
  const auto file = co_await open_new(at(place, "f"));
  const std::string bytes = pattern(3'000'000);
  TaskGroup group(cancel);
  group.spawn([&](Cancel) -> Task<void> { co_await must(file->append(text(bytes))); });
  group.spawn([&](Cancel) -> Task<void> { co_await must(file->append(text("end"))); });
  group.spawn([&](Cancel) -> Task<void> { co_await must(file->sync()); });
  co_await yield();
  co_await file->close();
  co_await group.wait();
  EXPECT_TRUE(co_await content_of(at(place, "f")) == bytes + "end");
}

CONTRACT_TEST(Files, AClosedFileRefusesEverything) {
  const auto file = co_await open_new(at(place, "f"));
  co_await file->close();
  std::string into(3, '?');
  EXPECT_EQ(co_await outcome(file->append(text("a"))), "closed");
  EXPECT_EQ(co_await outcome(file->write_at(0, text("a"))), "closed");
  EXPECT_EQ(co_await outcome(file->read_at(0, std::as_writable_bytes(std::span(into)))), "closed");
  EXPECT_EQ(co_await outcome(file->sync()), "closed");
  EXPECT_EQ(co_await outcome(file->truncate(0)), "closed");
  EXPECT_EQ(co_await outcome(file->preallocate(10)), "closed");
  EXPECT_EQ(co_await outcome(file->warm(0, 10)), "closed");
  EXPECT_EQ(co_await outcome(file->map(10)), "closed");
}

CONTRACT_TEST(Files, EachShardHasItsOwn) {
  co_await write_file(at(place, "here"), "0");
  const std::string seen = co_await on(process.shard(ShardId(1)), [&place]() -> Task<std::string> {
    co_await write_file(at(place, "there"), "1");
    co_return co_await content_of(at(place, "here")) + co_await content_of(at(place, "there"));
  });
  EXPECT_EQ(seen, "01");
}

}  // namespace
}  // namespace ottla
