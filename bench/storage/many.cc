// Ten thousand partitions: made, closed in good order, and opened again.
//
// The bare loops do with plain calls what has to be done to the same files: nobody else is served by them, and so one
// thread makes and opens, while sixteen close, since they wait for the disk.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "base/slice.h"
#include "bench/batches.h"
#include "bench/storage/node.h"
#include "bench/storage/rows.h"
#include "storage/directory/directory_home.h"
#include "storage/directory/load_directory.h"
#include "storage/directory/log_directory.h"
#include "storage/directory/log_set.h"
#include "storage/format/partition_metadata.h"
#include "storage/producer/producer_states.h"

namespace ottla::bench {
namespace {

constexpr int kClosers = 16;
constexpr std::size_t kSmall = 4096;
const Uuid kTopic(1, 2);

// OTTLA_BENCH_PARTITIONS; 10,000 as the goal has it.
int partitions() {
  const char* chosen = std::getenv("OTTLA_BENCH_PARTITIONS");
  return chosen != nullptr ? std::atoi(chosen) : 10'000;
}

// Seconds.
struct Times {
  double made = 0;
  double closed = 0;
  double opened = 0;
};

Slice small_batch() {
  return make_batch(160, 100);
}

// --- Ours ---------------------------------------------------------------------------------------------------

// The logs of one directory on the shard that makes it.
class Shelf {
 public:
  Task<void> open(const std::string& path) {
    directory_ = (co_await storage::LogDirectory::open(this_shard().files(), path)).value();
    home_.add(*directory_);
    storage::LogSet::Options options;
    options.tools = node_.tools();
    options.home = &home_;
    options.config_of = [config = std::make_shared<const storage::LogConfig>()](const std::string&) {
      return config;
    };
    logs_ = std::make_unique<storage::LogSet>(std::move(options));
  }
  storage::LogSet& logs() { return *logs_; }
  storage::LogDirectory& directory() { return *directory_; }
  Task<void> close() {
    storage::LogSet::Closed closed = co_await logs_->close();
    check(closed.failures.empty(), "a log does not close");
    (co_await directory_->write_checkpoint(storage::OffsetCheckpoint::recovery_point,
                                           closed.checkpoints[directory_->path()].recovery_points))
        .value();
    (co_await directory_->close(storage::LogDirectory::Ending::clean(1))).value();
    co_await node_.close();
  }

 private:
  Node node_;
  storage::DirectoryHome home_;
  std::unique_ptr<storage::LogDirectory> directory_;
  std::unique_ptr<storage::LogSet> logs_;
};

Task<void> make(Shelf& shelf) {
  Frames frames(small_batch(), 4);
  for (int i = 0; i < partitions(); ++i) {
    const storage::LogSet::New fresh{
        .directory = shelf.directory().path(), .partition = {"bench", PartitionId(i)}, .topic_id = kTopic};
    storage::Log* log = (co_await shelf.logs().create(fresh)).value();
    co_await append(*log, frames.next());
  }
}

Times our_times() {
  const Directory directory;
  Times times;
  (void)in_process(1, [&](Process&, Cancel) -> Task<double> {
    Shelf shelf;
    co_await shelf.open(directory.path());
    const double begin = now_ns();
    co_await make(shelf);
    times.made = (now_ns() - begin) / 1e9;
    const double made = now_ns();
    co_await shelf.close();
    times.closed = (now_ns() - made) / 1e9;
    co_return 0;
  });
  (void)in_process(1, [&](Process&, Cancel) -> Task<double> {
    const double begin = now_ns();
    Shelf shelf;
    co_await shelf.open(directory.path());
    const auto outcome =
        (co_await storage::load_directory(shelf.directory(), shelf.logs(), {.at_once = 16})).value();
    times.opened = (now_ns() - begin) / 1e9;
    check(outcome.opened == static_cast<std::size_t>(partitions()), "not all logs came back");
    co_await shelf.close();
    co_return 0;
  });
  return times;
}

// --- Bare loops ---------------------------------------------------------------------------------------------

int open_file(const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
  check(fd >= 0, "open");
  return fd;
}

// Gives the open file.
int write_file(const std::string& path, std::span<const std::byte> bytes) {
  const int fd = open_file(path, O_RDWR | O_CREAT | O_TRUNC);
  check(::write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()), "write");
  return fd;
}

void sync_and_close(int fd) {
  check(::fdatasync(fd) == 0, "fdatasync");
  ::close(fd);
}

std::string folder_of(const Directory& directory, int partition) {
  return directory.path() + "/bench-" + std::to_string(partition);
}

void make_bare(const Directory& directory) {
  const Slice batch = small_batch();
  const std::string id = storage::encode_partition_metadata(kTopic);
  for (int i = 0; i < partitions(); ++i) {
    const std::string folder = folder_of(directory, i);
    check(::mkdir(folder.c_str(), 0755) == 0, "mkdir");
    ::close(write_file(folder + "/partition.metadata", std::as_bytes(std::span(id))));
    ::close(write_file(folder + "/00000000000000000000.log", batch.as_span()));
  }
}

// What makes one partition durable with all that a start after it relies on.
void close_one(const std::string& folder) {
  sync_and_close(open_file(folder + "/00000000000000000000.log", O_RDWR));
  sync_and_close(open_file(folder + "/partition.metadata", O_RDWR));
  const std::array<std::byte, 12> entry{};
  ::close(write_file(folder + "/00000000000000000000.index", {}));
  sync_and_close(write_file(folder + "/00000000000000000000.timeindex", entry));
  constexpr std::string_view kEpochs = "0\n1\n0 0\n";
  const std::string fresh = folder + "/leader-epoch-checkpoint.tmp";
  sync_and_close(write_file(fresh, std::as_bytes(std::span(kEpochs))));
  check(::rename(fresh.c_str(), (folder + "/leader-epoch-checkpoint").c_str()) == 0, "rename");
  ::close(write_file(folder + "/00000000000000000001.snapshot", entry));
  const int fd = open_file(folder, O_RDONLY | O_DIRECTORY);
  check(::fsync(fd) == 0, "fsync");
  ::close(fd);
}

void close_bare(const Directory& directory) {
  const int count = partitions();
  std::atomic<int> next{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kClosers; ++i) {
    threads.emplace_back([&] {
      for (int at = next++; at < count; at = next++) close_one(folder_of(directory, at));
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// Each file's size, and the bytes of those that are small.
std::size_t look_into(const std::string& folder) {
  DIR* const entries = ::opendir(folder.c_str());
  check(entries != nullptr, "opendir");
  std::size_t bytes = 0;
  std::array<std::byte, kSmall> room;
  while (const dirent* const entry = ::readdir(entries)) {
    if (entry->d_name[0] == '.') continue;
    const int fd = ::openat(::dirfd(entries), entry->d_name, O_RDONLY | O_CLOEXEC);
    struct stat status{};
    check(fd >= 0 && ::fstat(fd, &status) == 0, "fstat");
    if (status.st_size > 0 && status.st_size <= static_cast<off_t>(kSmall))
      bytes += static_cast<std::size_t>(::read(fd, room.data(), room.size()));
    ::close(fd);
  }
  ::closedir(entries);
  return bytes;
}

void open_bare(const Directory& directory) {
  std::size_t bytes = 0;
  for (int i = 0; i < partitions(); ++i) bytes += look_into(folder_of(directory, i));
  check(bytes > static_cast<std::size_t>(partitions()) * small_batch().size(),
        "less was read than was written");
}

Times bare_times() {
  const Directory directory;
  const double begin = now_ns();
  make_bare(directory);
  const double made = now_ns();
  close_bare(directory);
  const double closed = now_ns();
  open_bare(directory);
  return {.made = (made - begin) / 1e9, .closed = (closed - made) / 1e9, .opened = (now_ns() - closed) / 1e9};
}

}  // namespace

void many_rows(Report& report, int pairs) {
  Row made;
  const std::string what = std::to_string(partitions()) + " partitions / bare calls";
  made.name = "make " + what;
  Row closed;
  closed.name = "close " + what;
  Row opened;
  opened.name = "reopen after a clean end " + what;
  opened.goal = Goal::value_at_most(1);
  for (int i = 0; i < pairs; ++i) {
    const Times ours = our_times();
    const Times bare = bare_times();
    const auto add = [&](Row& row, double Times::* part) {
      row.unit = "s";
      row.samples.push_back(ours.*part);
      row.baseline_samples.push_back(bare.*part);
    };
    add(made, &Times::made);
    add(closed, &Times::closed);
    add(opened, &Times::opened);
  }
  for (Row* const row : {&made, &closed, &opened}) report.add(std::move(*row));
}

}  // namespace ottla::bench
