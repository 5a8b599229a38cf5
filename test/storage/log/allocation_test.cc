// What an append and a lookup take from the heap, counted by replacing the process's operator new: nothing, once a log
// has been at work for a while. Not under AddressSanitizer, whose builds recycle no coroutine frames.
#if !__has_feature(address_sanitizer)

  #include <cstdlib>
  #include <new>

  #include "runtime/linux/linux_process.h"
  #include "test/storage/log/log_language.h"

namespace {

// Of this thread: helpers and other worlds have theirs.
thread_local std::uint64_t g_allocations = 0;

void* count_and_allocate(std::size_t size) noexcept {
  ++g_allocations;
  return std::malloc(size == 0 ? 1 : size);
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
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
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

}  // namespace
}  // namespace ottla::storage

#endif
