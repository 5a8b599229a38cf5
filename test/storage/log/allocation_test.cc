// What an append and a lookup take from the heap, counted by replacing the process's operator new: nothing, once a log
// has been at work for a while; and what a log holds of it while nobody uses it. Not under AddressSanitizer, whose builds recycle no coroutine frames.
#if !__has_feature(address_sanitizer)

  #include <malloc.h>

  #include <atomic>
  #include <cstdlib>
  #include <new>

  #include "runtime/linux/linux_process.h"
  #include "storage/directory/directory_home.h"
  #include "storage/directory/load_directory.h"
  #include "storage/directory/log_directory.h"
  #include "storage/directory/log_set.h"
  #include "test/storage/log/log_language.h"

namespace {

// Of this thread: helpers and other worlds have theirs.
thread_local std::uint64_t g_allocations = 0;
// Of all threads: what a helper brings is the shard's afterwards.
std::atomic<std::int64_t> g_held = 0;

void* count_and_allocate(std::size_t size) noexcept {
  ++g_allocations;
  void* const memory = std::malloc(size == 0 ? 1 : size);
  g_held += static_cast<std::int64_t>(::malloc_usable_size(memory));
  return memory;
}

void count_and_free(void* memory) noexcept {
  g_held -= static_cast<std::int64_t>(::malloc_usable_size(memory));
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) {
  void* memory = count_and_allocate(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void* operator new[](std::size_t size) {
  return ::operator new(size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return count_and_allocate(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return count_and_allocate(size);
}
void operator delete(void* memory) noexcept {
  count_and_free(memory);
}
void operator delete[](void* memory) noexcept {
  count_and_free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  count_and_free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  count_and_free(memory);
}

namespace ottla::storage {
namespace {

std::uint64_t allocations() {
  return g_allocations + this_shard().frames().mallocs();
}

// Runs the story on a real shard.
void on_a_shard(std::function<Task<void>(LogUnderTest&)> story, LogConfig config = {}) {
  std::string directory = ::testing::TempDir() + "ottla-allocation-XXXXXX";
  ASSERT_NE(::mkdtemp(directory.data()), nullptr);
  LinuxProcessOptions options;
  options.catch_signals = false;
  run_linux_process(options, [&](Process&, Cancel) -> Task<int> {
    LogUnderTest log({.directory = directory}, config);
    co_await log.open();
    co_await story(log);
    co_await log.end();
    (co_await this_shard().files().remove_tree(directory)).value();
    co_return 0;
  });
}

// Frames as they come from a connection.
std::vector<Slice> frames(std::size_t count, std::size_t value_bytes) {
  std::vector<Slice> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(make_batch(Offset(0), {.value_bytes = value_bytes}));
  return all;
}

struct Counted {
  std::uint64_t least = UINT64_MAX;  // of one append
  std::uint64_t all = 0;
};
// One after the other.
Task<Counted> append_all(LogUnderTest& log, std::vector<Slice> batches) {
  Counted counted;
  for (Slice& batch : batches) {
    const std::uint64_t before = allocations();
    const AppendOutcome outcome = co_await log->append_as_leader(
        ExclusiveBytes(std::move(batch)), LeaderEpoch(0), {.origin = record::AppendOrigin::coordinator});
    const std::uint64_t taken = allocations() - before;
    EXPECT_TRUE(outcome.ok());
    counted.least = std::min(counted.least, taken);
    counted.all += taken;
  }
  co_return counted;
}

TEST(LogAllocation, AnAppendTakesNothing) {
  on_a_shard([](LogUnderTest& log) -> Task<void> {
    (void)co_await append_all(log, frames(10'000, 20));
    const Counted counted = co_await append_all(log, frames(1000, 20));
    EXPECT_EQ(counted.least, 0U);
    // Blocks of 16 KiB for those who read at the tail, and room for index entries.
    EXPECT_LE(counted.all, 30U);
  });
}

TEST(LogAllocation, AnAppendOfALargeBatchTakesNothing) {
  on_a_shard([](LogUnderTest& log) -> Task<void> {
    (void)co_await append_all(log, frames(200, 20'000));
    const Counted counted = co_await append_all(log, frames(1000, 20'000));
    EXPECT_EQ(counted.least, 0U);
    // Each has an index entry, and these are written 4 KiB at a time.
    EXPECT_LE(counted.all, 60U);
  });
}

TEST(LogAllocation, AppendsThatComeTogetherTakeNothing) {
  on_a_shard([](LogUnderTest& log) -> Task<void> {
    std::uint64_t least = UINT64_MAX;
    for (int round = 0; round < 100; ++round) {
      std::vector<Slice> batches = frames(32, 20);
      const std::uint64_t before = allocations();
      TaskGroup group;
      for (Slice& batch : batches) {
        group.spawn([](LogUnderTest& to, Slice bytes) -> Task<void> {
          EXPECT_TRUE((co_await to->append_as_leader(ExclusiveBytes(std::move(bytes)), LeaderEpoch(0),
                                                     {.origin = record::AppendOrigin::coordinator}))
                          .ok());
        }(log, std::move(batch)));
      }
      co_await group.wait();
      least = std::min(least, allocations() - before);
    }
    EXPECT_LE(least, 1U) << "a chain of more than four pieces has room of its own";
  });
}

TEST(LogAllocation, ALookupThatWasMadeBeforeTakesNothing) {
  on_a_shard([](LogUnderTest& log) -> Task<void> {
    co_await log.append_many(200, {.value_bytes = 3000});
    log.forget_recent();
    std::uint64_t taken = 0;
    for (int round = 0; round < 2; ++round) {
      for (int i = 0; i < 200; ++i) {
        const std::uint64_t before = allocations();
        EXPECT_FALSE((co_await log->read({.start = Offset(i), .max_bytes = 1})).value().records.empty());
        EXPECT_TRUE((co_await log->offset_for_timestamp(1000)).value().has_value());
        if (round == 1) taken += allocations() - before;
      }
    }
    EXPECT_EQ(taken, 0U);
  });
}

// --- What rests ---------------------------------------------------------------------------------------------

constexpr std::int32_t kResting = 500;
constexpr std::int64_t kMostHeld = 4096;

// The logs of one directory, with a cleaner that knows them.
class Shelf {
 public:
  Task<void> open(LogUnderTest& box, const std::string& path) {
    directory_ = (co_await LogDirectory::open(this_shard().files(), path)).value();
    EXPECT_TRUE((co_await directory_->begin()).ok());
    home_.add(*directory_);
    LogSet::Options options;
    options.tools = box.opening().tools;
    options.config_of = [config = std::make_shared<const LogConfig>()](const std::string&) { return config; };
    options.home = &home_;
    options.cleaner = CleanerSettings();
    logs = std::make_unique<LogSet>(std::move(options));
  }
  Task<void> load() { (void)(co_await load_directory(*directory_, *logs, {})).value(); }
  Task<void> close() {
    (void)co_await logs->close();
    logs.reset();
    co_await must(directory_->close(LogDirectory::Ending::clean(1)));
    directory_.reset();
  }
  const std::string& path() const { return directory_->path(); }

  std::unique_ptr<LogSet> logs;

 private:
  DirectoryHome home_;
  std::unique_ptr<LogDirectory> directory_;
};

Task<void> make_logs(Shelf& shelf) {
  for (std::int32_t i = 0; i < kResting; ++i) {
    const TopicPartition partition{"a-topic-of-usual-length", PartitionId(i)};
    Log* const log = (co_await shelf.logs->create(
                          {.directory = shelf.path(), .partition = partition, .topic_id = Uuid(1, 2)}))
                         .value();
    std::vector<Slice> batch = frames(1, 100);
    (void)co_await log->append_as_leader(ExclusiveBytes(std::move(batch.front())), LeaderEpoch(0),
                                         {.origin = record::AppendOrigin::coordinator});
    log->forget_recent();
  }
}

TEST(LogAllocation, ALogThatRestsHoldsLittle) {
  on_a_shard([](LogUnderTest& box) -> Task<void> {
    const std::string path = box.directory() + "-and-others";
    std::int64_t made = 0;
    std::int64_t opened = 0;
    for (int life = 0; life < 3; ++life) {
      Shelf shelf;
      co_await shelf.open(box, path);
      const std::int64_t before = g_held;
      if (life == 0) {
        co_await make_logs(shelf);
        made = (g_held - before) / kResting;
      } else {
        // The second time, the frames that it takes are there already.
        co_await shelf.load();
        opened = (g_held - before) / kResting;
      }
      EXPECT_EQ(shelf.logs->size(), static_cast<std::size_t>(kResting));
      co_await shelf.close();
    }
    EXPECT_LE(made, kMostHeld);
    EXPECT_LE(opened, kMostHeld);
    RecordProperty("made", std::to_string(made));
    RecordProperty("opened", std::to_string(opened));
    std::printf("a log that rests holds %ld bytes after it was made, %ld after a start\n", made, opened);
  });
}

}  // namespace
}  // namespace ottla::storage

#endif
