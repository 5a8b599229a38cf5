// How a log comes back: after a clean stop, after any other, and with files that are missing or wrong.
#include "runtime/whole_file.h"
#include "sim/world.h"
#include "test/storage/log/log_language.h"

namespace ottla::storage {
namespace {

using contract::files;

LogConfig small_segments(int batches) {
  return {.segment_bytes = static_cast<std::int32_t>(static_cast<std::size_t>(batches) *
                                                     make_batch(Offset(0), {}).size())};
}
std::string path_of(LogUnderTest& log, std::int64_t base, FileKind kind,
                    FileStage stage = FileStage::in_use) {
  return log.directory() + "/" + to_string(FileName{.offset = Offset(base), .kind = kind, .stage = stage});
}
Task<std::string> content_of(std::string path) {
  co_return std::string((co_await must(read_whole_file(files(), path, 1 << 20))).as_string_view());
}
Task<void> put(std::string path, std::string bytes) {
  co_await must(replace_file(files(), path, Chain(Slice::copy_of(bytes))));
}
Task<bool> exists(std::string path) {
  co_return (co_await files().status(path)).ok();
}
std::string numbers(int from, int end) {
  std::string out;
  for (int i = from; i < end; ++i) out += (out.empty() ? "" : " ") + std::to_string(i);
  return out;
}

CONTRACT_TEST(LogRecovery, AfterACleanStopAllIsThere) {
  LogUnderTest log(place, small_segments(4));
  co_await log.open();
  co_await log.append_many(10, {.epoch = 3});
  co_await log.reopen();
  EXPECT_EQ(log->log_end(), Offset(10));
  EXPECT_EQ(log->recovery_point(), Offset(10));
  EXPECT_EQ(log.segments(), "0 4 8");
  EXPECT_EQ(log->epochs().latest(), (EpochEntry{.epoch = LeaderEpoch(3), .start = Offset(0)}));
  co_await log.append();
  EXPECT_EQ(co_await log.read_all(), numbers(0, 11));
  co_await log.end();
}

CONTRACT_TEST(LogRecovery, AfterAnyOtherStopAllThatWasWrittenIsThere) {
  LogUnderTest log(place, small_segments(4));
  co_await log.open();
  co_await log.append_many(10, {.epoch = 3});
  co_await log.crash();
  co_await log.open();
  EXPECT_EQ(log->log_end(), Offset(10));
  EXPECT_EQ(log->recovery_point(), Offset(0));
  EXPECT_EQ(log->epochs().latest(), (EpochEntry{.epoch = LeaderEpoch(3), .start = Offset(0)}));
  EXPECT_EQ(co_await log.read_all(), numbers(0, 10));
  co_await log.append();
  EXPECT_EQ(co_await log.read(9), "9 10");
  co_await log.end();
}

CONTRACT_TEST(LogRecovery, TheFirstBadBatchIsWhereItEnds) {
  LogUnderTest log(place, small_segments(4));
  co_await log.open();
  co_await log.append_many(10);
  co_await log.crash();
  const std::string path = path_of(log, 4, FileKind::log);
  std::string bytes = co_await content_of(path);
  bytes[bytes.size() / 4 + 70] ^= 1;
  co_await put(path, bytes);
  co_await log.open();
  EXPECT_EQ(log->log_end(), Offset(5));
  EXPECT_EQ(log.segments(), "0 4");
  EXPECT_EQ(co_await log.read_all(), numbers(0, 5));
  EXPECT_TRUE(co_await exists(path_of(log, 8, FileKind::log, FileStage::deleted)));
  co_await log.end();
}

CONTRACT_TEST(LogRecovery, BelowTheRecoveryPointNobodyLooks) {
  LogUnderTest log(place, small_segments(4));
  co_await log.open();
  co_await log.append_many(10);
  co_await must(log->flush());
  log.recovery_point = log->recovery_point();
  EXPECT_EQ(log.recovery_point, Offset(10));
  co_await log.crash();
  const std::string path = path_of(log, 4, FileKind::log);
  std::string bytes = co_await content_of(path);
  bytes[bytes.size() / 4 + 70] ^= 1;
  co_await put(path, bytes);
  co_await log.open();
  EXPECT_EQ(log->log_end(), Offset(10));
  EXPECT_EQ(co_await log.read(4), "4 !") << "the reader's checksum tells";
  co_await log.end();
}

CONTRACT_TEST(LogRecovery, ATornTailIsCutOff) {
  LogUnderTest log(place);
  co_await log.open();
  co_await log.append_many(3);
  co_await log.crash();
  const std::string path = path_of(log, 0, FileKind::log);
  const std::string bytes = co_await content_of(path);
  for (const std::size_t cut : {1UL, 30UL, 60UL, bytes.size() / 3}) {
    co_await put(path, bytes.substr(0, bytes.size() - cut));
    co_await log.open();
    EXPECT_EQ(co_await log.read_all(), "0 1");
    co_await log.crash();
    EXPECT_EQ((co_await content_of(path)).size(), bytes.size() / 3 * 2);
  }
  co_await log.open();
  co_await log.append();
  EXPECT_EQ(co_await log.read_all(), "0 1 2");
  co_await log.end();
}

CONTRACT_TEST(LogRecovery, ZerosBehindTheEndAreNoBatches) {
  LogUnderTest log(place);
  co_await log.open();
  co_await log.append_many(3);
  co_await log.crash();
  const std::string path = path_of(log, 0, FileKind::log);
  co_await put(path, co_await content_of(path) + std::string(5000, '\0'));
  co_await log.open();
  EXPECT_EQ(co_await log.read_all(), "0 1 2");
  co_await log.end();
}

CONTRACT_TEST(LogRecovery, ALostSegmentEndsTheLog) {
  LogUnderTest log(place, small_segments(4));
  co_await log.open();
  co_await log.append_many(14);
  co_await log.crash();
  co_await must(files().remove(path_of(log, 4, FileKind::log)));
  co_await log.open();
  EXPECT_EQ(log.segments(), "0");
  EXPECT_EQ(co_await log.read_all(), numbers(0, 4));
  EXPECT_FALSE(co_await exists(path_of(log, 4, FileKind::offset_index))) << "an index without a segment";
  co_await log.end();
}

// The reference keeps the indexes of a segment in use as long as they may become, filled with zeros.
CONTRACT_TEST(LogRecovery, IndexesThatAreMissingShortOrWrongAreMadeAnew) {
  LogUnderTest log(place, {.segment_bytes = 100'000, .index_interval_bytes = 200});
  co_await log.open();
  for (int i = 0; i < 2000; ++i) (void)co_await log.append({.timestamp = 1000 + i});
  co_await log.close();
  const std::string path = path_of(log, 0, FileKind::offset_index);
  const std::string time_path = path_of(log, 0, FileKind::time_index);
  const std::string good = co_await content_of(path);
  const std::string good_times = co_await content_of(time_path);
  EXPECT_GT(good.size(), 1000U);
  for (const int damage : {0, 1, 2, 3, 4}) {
    if (damage == 0) co_await must(files().remove(path));
    if (damage == 1) co_await put(path, good.substr(0, good.size() - 3));
    if (damage == 2) co_await put(path, good + std::string(4000, '\0'));
    if (damage == 3) co_await put(path, std::string(good.size(), '\x7f'));
    if (damage == 4) co_await must(files().remove(time_path));
    co_await log.open();
    EXPECT_TRUE((co_await log.read(333, 1)) == "333") << damage;
    EXPECT_EQ(co_await must(log->offset_for_timestamp(1333)),
              (Log::TimedOffset{.timestamp = 1333, .offset = Offset(333), .leader_epoch = 0}));
    co_await log.close();
  }
  co_await log.open();
  EXPECT_TRUE((co_await log.read(333, 1)) == "333");
  co_await must(log->segments().front()->write_indexes());
  co_await log.end();
}

CONTRACT_TEST(LogRecovery, AnIndexThatLiesCostsTimeAndNothingElse) {
  LogUnderTest log(place, {.segment_bytes = 100'000, .index_interval_bytes = 200});
  co_await log.open();
  co_await log.append_many(2000);
  co_await log.close();
  const std::string path = path_of(log, 0, FileKind::offset_index);
  std::string bytes = co_await content_of(path);
  for (std::size_t at = 7; at + 16 < bytes.size(); at += 8)
    bytes[at] ^= 5;  // every position but the last ones
  co_await put(path, bytes);
  co_await log.open();
  for (const int offset : {0, 5, 100, 333, 600}) {
    EXPECT_TRUE((co_await log.read(offset, 1)) == std::to_string(offset)) << offset;
  }
  co_await log.end();
}

// A record may hold what looks like a batch, and rot may make an entry point to it: a read that ends there would be torn.
CONTRACT_TEST(LogRecovery, AnIndexThatPointsIntoARecordIsNotBelieved) {
  LogUnderTest log(place, {.segment_bytes = 100'000, .index_interval_bytes = 1});
  co_await log.open();
  const Slice inner = make_batch(Offset(9000), {.value_bytes = 500});
  for (int i = 0; i < 4; ++i) {
    record::BatchBuilder builder({.base_offset = Offset(0), .leader_epoch = 0});
    builder.append({.timestamp = 1000, .value = inner.as_span()});
    (void)(co_await log->append_as_leader(ExclusiveBytes(std::move(builder).finish()), LeaderEpoch(0),
                                          {.origin = record::AppendOrigin::coordinator}));
  }
  co_await log.close();
  const std::string batches = co_await content_of(path_of(log, 0, FileKind::log));
  const std::size_t inside = batches.rfind(inner.as_string_view(), batches.size() * 3 / 4);
  const std::string path = path_of(log, 0, FileKind::offset_index);
  std::string index = co_await content_of(path);
  // The entry of the third batch: its place in four bytes, of which the last two are enough here.
  const std::size_t at = index.size() - 16 + 6;
  index[at] = static_cast<char>(inside >> 8);
  index[at + 1] = static_cast<char>(inside & 0xff);
  co_await put(path, index);
  co_await log.open();
  for (int i = 0; i < 2; ++i) EXPECT_EQ(co_await log.read(0, inside + 100), "0 1");
  EXPECT_EQ(co_await log.read_all(inside + 100), "0 1 2 3");
  co_await log.end();
}

// What is looked at for the first time when something is to be appended may have rotted since the log was opened.
CONTRACT_TEST(LogRecovery, ABatchThatPromisesMoreThanTheLogHoldsIsNotAppendedTo) {
  LogUnderTest log(place, {.segment_bytes = 100'000, .index_interval_bytes = 1});
  co_await log.open();
  co_await log.append_many(3);
  co_await log.close();
  co_await log.open();
  const std::string path = path_of(log, 0, FileKind::log);
  const std::string good = co_await content_of(path);
  std::string bad = good;
  bad[good.size() / 3 * 2 + record::kLastOffsetDeltaAt + 3] = 7;
  const auto overwrite = [&](const std::string& bytes) -> Task<void> {
    const auto file = co_await must(files().open(path, kReadWrite));
    co_await must(file->write_at(0, Chain(Slice::copy_of(bytes))));
    co_await file->close();
  };
  co_await overwrite(bad);
  co_await must(files().remove(path_of(log, 0, FileKind::offset_index)));
  const AppendOutcome refused =
      co_await log->append_as_leader(ExclusiveBytes(make_batch(Offset(0), {})), LeaderEpoch(0),
                                     {.origin = record::AppendOrigin::coordinator});
  EXPECT_TRUE(refused.error() != nullptr && *refused.error() == Errc::corrupt);
  co_await overwrite(good);
  EXPECT_EQ((co_await log.append()).first_offset, Offset(3));
  EXPECT_EQ(co_await log.read_all(), "0 1 2 3");
  co_await log.end();
}

CONTRACT_TEST(LogRecovery, LeftoversOfDeletionsAndOfCleaningGo) {
  LogUnderTest log(place, small_segments(4));
  co_await log.open();
  co_await log.append_many(10);
  co_await log.close();
  co_await put(path_of(log, 4, FileKind::log, FileStage::cleaned), "half of it");
  co_await put(path_of(log, 8, FileKind::log, FileStage::swap), "behind what was cleaned");
  co_await put(path_of(log, 0, FileKind::log, FileStage::deleted), "old");
  co_await put(path_of(log, 2, FileKind::time_index), "of no segment");
  co_await log.open();
  EXPECT_EQ(co_await log.read_all(), numbers(0, 10));
  for (const DirectoryEntry& entry : co_await must(files().list(log.directory()))) {
    const Result<FileName> name = parse_file_name(entry.name);
    if (name.ok()) EXPECT_EQ(name->stage, FileStage::in_use) << entry.name;
  }
  EXPECT_FALSE(co_await exists(path_of(log, 2, FileKind::time_index)));
  co_await log.end();
}

// Two segments were compacted into one, and the crash came before all of it stood in its place.
CONTRACT_TEST(LogRecovery, ASwapThatBeganIsFinished) {
  LogUnderTest log(place, small_segments(4));
  co_await log.open();
  co_await log.append_many(10);
  co_await log.close();
  const std::string compacted(make_batch(Offset(1), {.value_bytes = 3}).as_string_view());
  const std::string last(make_batch(Offset(7), {.value_bytes = 3}).as_string_view());
  co_await put(path_of(log, 0, FileKind::log, FileStage::swap), compacted + last);
  co_await put(path_of(log, 0, FileKind::offset_index, FileStage::swap), "");
  co_await put(path_of(log, 0, FileKind::time_index, FileStage::swap), "");
  co_await must(files().remove(path_of(log, 4, FileKind::offset_index)));
  co_await log.open();
  EXPECT_EQ(log.segments(), "0 8");
  EXPECT_EQ(co_await log.read_all(), "1 7 8 9");
  co_await log.end();
}

CONTRACT_TEST(LogRecovery, ALogWhoseRecordsWereAllDeletedGoesOnWhereItBegins) {
  LogUnderTest log(place, small_segments(4));
  co_await log.open();
  co_await log.append_many(6);
  co_await log.close();
  log.log_start = Offset(20);
  co_await log.open();
  EXPECT_EQ(log->log_end(), Offset(20));
  EXPECT_EQ(log.segments(), "20");
  co_await log.append();
  EXPECT_EQ(co_await log.read_all(), "20");
  co_await log.end();
}

// Of a new log, the power takes all that is not synced but the name of the second segment, as soon as that is there.
TEST(LogRecoveryInVirtualTime, ALogDoesNotBeginAtASegmentThatWasRolled) {
  sim::World world(1);
  sim::Host& host = world.add_host("here");
  host.start([](Process&, Cancel) -> Task<int> {
    LogUnderTest log(Place{"/data"});
    log.clean = true;
    co_await log.open();
    co_await log.append_many(4);
    co_await must(log->roll());
    co_await log.end();
    co_return 0;
  });
  const auto has = [&](const std::string& name) {
    return std::ranges::any_of(host.disk().paths(),
                               [&](const std::string& path) { return path.ends_with(name); });
  };
  ASSERT_TRUE(world.run_until([&] { return has("4.log"); }, std::chrono::hours(1)));
  std::vector<sim::Fate> fates;
  for (const sim::PendingChange& change : host.disk().pending()) {
    const bool is_new = change.what.find("4.log") != std::string::npos;
    fates.push_back({.kind = is_new ? sim::Fate::Kind::kept : sim::Fate::Kind::lost});
  }
  host.kill();
  (void)host.disk().crash(fates);
  EXPECT_TRUE(has("0.log"));
  host.start([](Process&, Cancel) -> Task<int> {
    LogUnderTest log(Place{"/data"});
    co_await log.open();
    EXPECT_EQ(log->log_start(), Offset(0));
    co_await log.end();
    co_return 0;
  });
  ASSERT_TRUE(world.run_until([&] { return !host.running(); }, std::chrono::hours(1)));
}

CONTRACT_TEST(LogRecovery, ACheckpointOfEpochsThatCannotBeReadIsNamed) {
  LogUnderTest log(place);
  co_await log.open();
  co_await log.append({.epoch = 2});
  co_await log.close();
  co_await put(log.directory() + "/leader-epoch-checkpoint", "nonsense");
  EXPECT_EQ(co_await log.try_open(), "malformed");
  co_await log.end();
}

CONTRACT_TEST(LogRecovery, ProgressIsTold) {
  LogUnderTest log(place, small_segments(4));
  co_await log.open();
  co_await log.append_many(10);
  co_await log.crash();
  std::vector<RecoveryProgress> told;
  log.progress = [&told](const RecoveryProgress& progress) { told.push_back(progress); };
  co_await log.open();
  EXPECT_EQ(told.size(), 3U);
  EXPECT_EQ(told.back().segments_done, 3U);
  EXPECT_EQ(told.back().bytes_done, told.back().bytes);
  co_await log.end();
}

}  // namespace
}  // namespace ottla::storage
