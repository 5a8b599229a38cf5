// What src/runtime/file_system.h promises about names, directories and locks, in both worlds.
#include <algorithm>
#include <string>

#include "runtime/cross_shard.h"
#include "test/contract/file_language.h"

namespace ottla {
namespace {

using namespace contract;

// --- Opening ------------------------------------------------------------------------------------------------

CONTRACT_TEST(Opening, WhatIsMissingIsNotFound) {
  EXPECT_EQ(co_await outcome(files().open(at(place, "f"), kReadOnly)), "not_found");
  EXPECT_EQ(co_await outcome(files().open(at(place, "f"), kReadWrite)), "not_found");
  EXPECT_EQ(co_await outcome(files().open(at(place, "no/f"), kOpenOrCreate)), "not_found");
}

CONTRACT_TEST(Opening, ANewFileIsNewOnlyOnce) {
  co_await (co_await open_new(at(place, "f")))->close();
  EXPECT_EQ(co_await outcome(files().open(at(place, "f"), kCreateNew)), "already_exists");
}

CONTRACT_TEST(Opening, OpenOrCreateKeepsWhatIsThere) {
  co_await write_file(at(place, "f"), "abc");
  const auto file = co_await must(files().open(at(place, "f"), kOpenOrCreate));
  EXPECT_EQ(co_await content(*file), "abc");
  co_await file->close();
}

CONTRACT_TEST(Opening, TruncationEmptiesTheFile) {
  co_await write_file(at(place, "f"), "abc");
  const OpenOptions emptied{.access = Access::read_write, .truncate = true};
  const auto file = co_await must(files().open(at(place, "f"), emptied));
  EXPECT_EQ(file->size(), 0U);
  EXPECT_EQ(co_await content(*file), "");
  co_await file->close();
}

CONTRACT_TEST(Opening, TruncationNeedsWriteAccess) {
  co_await write_file(at(place, "f"), "abc");
  EXPECT_EQ(co_await outcome(files().open(at(place, "f"), OpenOptions{.truncate = true})),
            "invalid_argument");
  EXPECT_EQ(co_await content_of(at(place, "f")), "abc");
}

CONTRACT_TEST(Opening, ADirectoryIsNoFile) {
  EXPECT_EQ(co_await outcome(files().open(place.directory, kReadOnly)), "is_a_directory");
  EXPECT_EQ(co_await outcome(files().open(place.directory, kReadWrite)), "is_a_directory");
}

CONTRACT_TEST(Opening, AFileIsNoDirectory) {
  co_await write_file(at(place, "f"), "abc");
  EXPECT_EQ(co_await outcome(files().open(at(place, "f/g"), kOpenOrCreate)), "not_a_directory");
  EXPECT_EQ(co_await outcome(files().list(at(place, "f"))), "not_a_directory");
  EXPECT_EQ(co_await outcome(files().make_directories(at(place, "f"))), "not_a_directory");
  EXPECT_EQ(co_await outcome(files().make_directories(at(place, "f/d"))), "not_a_directory");
  EXPECT_EQ(co_await outcome(files().sync_directory(at(place, "f"))), "not_a_directory");
}

// --- Looking ------------------------------------------------------------------------------------------------

CONTRACT_TEST(Directories, ListInOrder) {
  for (const char* name : {"b", "a10", "a2", "C", ".hidden"}) co_await write_file(at(place, name), "");
  co_await must(files().make_directories(at(place, "aa")));
  EXPECT_EQ(co_await names_in(place.directory), ".hidden C a10 a2 aa/ b");
  EXPECT_EQ(co_await names_in(at(place, "aa")), "");
}

CONTRACT_TEST(Directories, HoldThousandsOfNames) {
  std::string expected;
  for (int i = 1000; i < 3000; ++i) {
    co_await write_file(at(place, std::to_string(i)), "");
    expected += (i == 1000 ? "" : " ") + std::to_string(i);
  }
  EXPECT_EQ(co_await names_in(place.directory), expected);
  co_await must(files().remove_tree(place.directory + "/"));
  EXPECT_EQ(co_await outcome(files().list(place.directory)), "not_found");
}

CONTRACT_TEST(Directories, StatusTellsSizeAndKind) {
  co_await write_file(at(place, "f"), "12345");
  const FileStatus file = co_await must(files().status(at(place, "f")));
  EXPECT_EQ(file.size, 5U);
  EXPECT_FALSE(file.is_directory);
  EXPECT_GT(file.modified_millis, 0);
  EXPECT_TRUE((co_await must(files().status(place.directory))).is_directory);
}

CONTRACT_TEST(Directories, OneLookShowsSizesAndTheBytesOfSmallFiles) {
  co_await write_file(at(place, "b.small"), "abc");
  co_await write_file(at(place, "c.small"), "");
  co_await write_file(at(place, "d.small"), std::string(11, 'x'));
  co_await write_file(at(place, "e.other"), "abc");
  co_await must(files().make_directories(at(place, "a.small")));
  const auto wants = [](std::string_view name) { return name.ends_with(".small"); };
  std::string seen;
  for (const SeenEntry& entry :
       co_await must(files().look_into(place.directory, {.largest = 10, .wants = wants}))) {
    EXPECT_EQ(entry.status.is_directory, entry.name == "a.small");
    EXPECT_GT(entry.status.modified_millis, 0);
    seen += entry.name + ' ' + (entry.status.is_directory ? "" : std::to_string(entry.status.size)) + ' ' +
            entry.bytes.value_or("?") + '\n';
  }
  EXPECT_EQ(seen, "a.small  ?\nb.small 3 abc\nc.small 0 \nd.small 11 ?\ne.other 3 ?\n");
  EXPECT_EQ(co_await outcome(files().look_into(at(place, "no"), {})), "not_found");
  EXPECT_EQ(co_await outcome(files().look_into(at(place, "e.other"), {})), "not_a_directory");
}

CONTRACT_TEST(Directories, WhatIsMissingIsNotFound) {
  EXPECT_EQ(co_await outcome(files().status(at(place, "x"))), "not_found");
  EXPECT_EQ(co_await outcome(files().list(at(place, "x"))), "not_found");
  EXPECT_EQ(co_await outcome(files().remove(at(place, "x"))), "not_found");
  EXPECT_EQ(co_await outcome(files().rename(at(place, "x"), at(place, "y"))), "not_found");
  EXPECT_EQ(co_await outcome(files().sync_directory(at(place, "x"))), "not_found");
  EXPECT_EQ(co_await outcome(files().space(at(place, "x"))), "not_found");
  EXPECT_EQ(co_await outcome(files().lock(at(place, "x/lock"))), "not_found");
}

CONTRACT_TEST(Directories, ErrorsNameThePath) {
  const auto missing = co_await files().status(at(place, "x"));
  EXPECT_NE(missing.error().text().find(at(place, "x")), std::string_view::npos);
}

CONTRACT_TEST(Directories, SpaceIsMeasured) {
  const DiskSpace space = co_await must(files().space(place.directory));
  EXPECT_GT(space.available, 0U);
  EXPECT_LE(space.available, space.total);
}

// --- Changing -----------------------------------------------------------------------------------------------

CONTRACT_TEST(Directories, AreMadeWithTheirParents) {
  co_await must(files().make_directories(at(place, "a/b/c")));
  co_await must(files().make_directories(at(place, "a/b/c")));
  co_await must(files().make_directories(at(place, "a/b/d/e/"), Durability::synced));
  co_await must(files().make_directories(at(place, "a"), Durability::synced));
  EXPECT_EQ(co_await names_in(at(place, "a/b")), "c/ d/");
  EXPECT_EQ(co_await names_in(at(place, "a/b/d")), "e/");
}

CONTRACT_TEST(Directories, RenameReplaces) {
  co_await write_file(at(place, "old"), "old");
  co_await write_file(at(place, "new"), "new");
  co_await must(files().rename(at(place, "new"), at(place, "old")));
  EXPECT_EQ(co_await names_in(place.directory), "old");
  EXPECT_EQ(co_await content_of(at(place, "old")), "new");
}

CONTRACT_TEST(Directories, RenameMovesBetweenDirectories) {
  co_await must(files().make_directories(at(place, "a/tree")));
  co_await must(files().make_directories(at(place, "b")));
  co_await write_file(at(place, "a/tree/f"), "abc");
  co_await must(files().rename(at(place, "a/tree"), at(place, "b/tree")));
  EXPECT_EQ(co_await names_in(at(place, "a")), "");
  EXPECT_EQ(co_await content_of(at(place, "b/tree/f")), "abc");
}

CONTRACT_TEST(Directories, RenameDoesNotBuryATree) {
  co_await must(files().make_directories(at(place, "a")));
  co_await must(files().make_directories(at(place, "b/full")));
  co_await write_file(at(place, "f"), "abc");
  EXPECT_EQ(co_await outcome(files().rename(at(place, "a"), at(place, "b"))), "not_empty");
  EXPECT_EQ(co_await outcome(files().rename(at(place, "f"), at(place, "a"))), "is_a_directory");
  EXPECT_EQ(co_await outcome(files().rename(at(place, "a"), at(place, "f"))), "not_a_directory");
  EXPECT_EQ(co_await names_in(place.directory), "a/ b/ f");
}

CONTRACT_TEST(Directories, RemoveTakesFilesAndEmptyDirectories) {
  co_await write_file(at(place, "f"), "abc");
  co_await must(files().make_directories(at(place, "d/e")));
  EXPECT_EQ(co_await outcome(files().remove(at(place, "d"))), "not_empty");
  co_await must(files().remove(at(place, "d/e"), Durability::synced));
  co_await must(files().remove(at(place, "d")));
  co_await must(files().remove(at(place, "f"), Durability::synced));
  EXPECT_EQ(co_await names_in(place.directory), "");
}

CONTRACT_TEST(Directories, ARemovedFileCanStillBeReadWhereItIsOpen) {
  const auto file = co_await open_new(at(place, "f"));
  co_await must(file->append(text("abc")));
  co_await must(files().remove(at(place, "f")));
  co_await must(file->append(text("def")));
  EXPECT_EQ(co_await content(*file), "abcdef");
  EXPECT_EQ(co_await names_in(place.directory), "");
  EXPECT_EQ(co_await outcome(file->sync()), "ok");
  co_await file->close();
}

CONTRACT_TEST(Directories, ARenamedFileStaysOpen) {
  const auto file = co_await open_new(at(place, "f"));
  co_await must(files().rename(at(place, "f"), at(place, "g")));
  co_await must(file->append(text("abc")));
  co_await file->close();
  EXPECT_EQ(co_await content_of(at(place, "g")), "abc");
}

CONTRACT_TEST(Directories, ATreeIsRemovedWhole) {
  co_await must(files().make_directories(at(place, "t/a/b")));
  co_await must(files().make_directories(at(place, "t/c")));
  for (const char* name : {"t/f", "t/a/f", "t/a/b/f", "t/c/f", "t/c/g", "stays"}) {
    co_await write_file(at(place, name), "abc");
  }
  co_await must(files().remove_tree(at(place, "t")));
  EXPECT_EQ(co_await names_in(place.directory), "stays");
}

CONTRACT_TEST(Directories, ATreeMayBeAFileOrNothing) {
  co_await write_file(at(place, "f"), "abc");
  EXPECT_EQ(co_await outcome(files().remove_tree(at(place, "f"))), "ok");
  EXPECT_EQ(co_await outcome(files().remove_tree(at(place, "f"))), "ok");
  EXPECT_EQ(co_await names_in(place.directory), "");
}

CONTRACT_TEST(Directories, CanBeSynced) {
  co_await write_file(at(place, "f"), "abc");
  EXPECT_EQ(co_await outcome(files().sync_directory(place.directory)), "ok");
  EXPECT_EQ(co_await outcome(files().sync_everything(place.directory)), "ok");
  EXPECT_EQ(co_await outcome(files().sync_everything(at(place, "f"))), "ok");
  EXPECT_EQ(co_await outcome(files().sync_everything(at(place, "x"))), "not_found");
}

// --- Locks --------------------------------------------------------------------------------------------------

CONTRACT_TEST(Locks, HaveOneHolder) {
  const auto lock = co_await must(files().lock(at(place, ".lock")));
  const auto refused = co_await files().lock(at(place, ".lock"));
  EXPECT_EQ(refused.error().code(), Errc::busy);
  EXPECT_NE(refused.error().text().find("held by"), std::string_view::npos);
  co_await lock->release();
  EXPECT_EQ(co_await names_in(place.directory), ".lock");
}

CONTRACT_TEST(Locks, HoldAgainstOtherShards) {
  const auto lock = co_await must(files().lock(at(place, ".lock")));
  const auto try_there = [&]() -> Task<std::string> {
    auto theirs = co_await files().lock(at(place, ".lock"));
    if (!theirs.ok()) co_return std::string(name_of(theirs.error().code()));
    co_await (*theirs)->release();
    co_return "ok";
  };
  EXPECT_EQ(co_await on(process.shard(ShardId(1)), try_there), "busy");
  co_await lock->release();
  EXPECT_EQ(co_await on(process.shard(ShardId(1)), try_there), "ok");
}

CONTRACT_TEST(Locks, ReleasedCanBeTakenAgain) {
  for (int i = 0; i < 3; ++i) co_await (co_await must(files().lock(at(place, ".lock"))))->release();
  const auto first = co_await must(files().lock(at(place, "a")));
  const auto second = co_await must(files().lock(at(place, "b")));
  co_await first->release();
  co_await second->release();
}

}  // namespace
}  // namespace ottla
