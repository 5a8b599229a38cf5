// Names, directories, locks and the syncs of many files on the real disk, when it misbehaves.
#include "runtime/linux/linux_file_system.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <string>
#include <vector>

#include "runtime/linux/file_world.h"
#include "runtime/sleep.h"

namespace ottla {
namespace {

class LinuxFileSystems : public testing::Test {
 protected:
  static std::string name(const auto& result) {
    return result.ok() ? "ok" : std::string(name_of(result.error().code()));
  }
  static Task<void> until(auto condition) {
    while (!condition()) co_await yield();
  }
  void write(const std::string& file, const std::string& bytes) { std::ofstream(world.at(file)) << bytes; }
  static auto open_descriptors() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  }
  bool exists(const std::string& file) { return std::filesystem::exists(world.at(file)); }

  // Files that were appended to, and what became of their syncs.
  struct Crowd {
    std::vector<std::unique_ptr<File>> files;
    std::vector<std::string> outcomes;
    int size() const { return static_cast<int>(files.size()); }
    int count(std::string_view outcome) const {
      return static_cast<int>(std::ranges::count(outcomes, outcome));
    }
  };
  Task<void> open_crowd(Crowd& crowd, int size) {
    for (int i = 0; i < size; ++i) {
      crowd.files.push_back((co_await files.open(world.at("f" + std::to_string(i)), kOpenOrCreate)).value());
      (co_await crowd.files.back()->append(Chain(Slice::copy_of("bytes")))).value();
    }
  }
  static void start_syncs(TaskGroup& group, Crowd& crowd, int begin, int end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      group.spawn(
          [&crowd, i](Cancel) -> Task<void> { crowd.outcomes[i] = name(co_await crowd.files[i]->sync()); });
    }
  }
  // All at once: the first few keep every helper busy until all others wait in the queue.
  Task<void> sync_crowd(Crowd& crowd) {
    crowd.outcomes.assign(crowd.files.size(), "");
    calls.file_syncs.hold();
    TaskGroup group;
    start_syncs(group, crowd, 0, kBusy);
    co_await until([&] { return calls.file_syncs.waiting() == kBusy; });
    start_syncs(group, crowd, kBusy, crowd.size());
    const auto unanswered = [&] { return crowd.count(""); };
    co_await until([&] { return kBusy + static_cast<int>(disk().waiting_syncs()) == unanswered(); });
    calls.file_syncs.let_go();
    co_await group.wait();
  }
  static Task<void> close_crowd(Crowd& crowd) {
    for (const auto& file : crowd.files) co_await file->close();
  }

  Disk& disk() {
    struct stat status{};
    OTTLA_INVARIANT(::stat(world.directory().c_str(), &status) == 0, "the test's directory is gone", "");
    return world.governor().disk(status.st_dev);
  }

  static constexpr int kBusy = FileWorld::kDiskHelpers;
  FileWorld world;
  PlannedCalls& calls = world.calls;
  FileSystem& files = world.files();
};

constexpr int kCrowd = 60;

// --- Syncs of many files -----------------------------------------------------------------------------------

TEST_F(LinuxFileSystems, EachOfManyFilesIsSyncedOnItsOwn) {
  Crowd crowd;
  world.run([&]() -> Task<void> {
    co_await open_crowd(crowd, kCrowd);
    co_await sync_crowd(crowd);
    co_await close_crowd(crowd);
  });
  EXPECT_EQ(crowd.count("ok"), kCrowd);
  EXPECT_EQ(calls.file_syncs.calls(), kCrowd);
  EXPECT_EQ(calls.whole_syncs.calls(), 0);
}

TEST_F(LinuxFileSystems, SyncEverythingTellsErrorsOnceAndForEver) {
  world.run([&]() -> Task<void> {
    calls.whole_syncs.next({-EIO});
    EXPECT_EQ(name(co_await files.sync_everything(world.directory())), "io_error");
    EXPECT_EQ(name(co_await files.sync_everything(world.directory())), "sync_failed");
  });
}

// An error that somebody else's sync was told of is told here all the same, where the disk was watched before.
TEST_F(LinuxFileSystems, SyncEverythingGoesByTheDescriptorThatWatches) {
  world.run([&]() -> Task<void> {
    const auto lock = (co_await files.lock(world.at("lock"))).value();
    const int watched = disk().whole_fd();
    EXPECT_GE(watched, 0);
    EXPECT_EQ(name(co_await files.sync_everything(world.directory())), "ok");
    EXPECT_EQ(calls.synced_whole, watched);
    co_await lock->release();
  });
}

TEST_F(LinuxFileSystems, SyncEverythingIsUnsupportedWhereErrorsAreToldToNobody) {
  calls.file_system_kind = OVERLAYFS_SUPER_MAGIC;
  world.run([&]() -> Task<void> {
    EXPECT_EQ(name(co_await files.sync_everything(world.directory())), "unsupported");
  });
  EXPECT_EQ(calls.whole_syncs.calls(), 0);
}

// --- Opening -----------------------------------------------------------------------------------------------

TEST_F(LinuxFileSystems, ErrorsOfOpenAreTyped) {
  world.run([&]() -> Task<void> {
    calls.opens.next({-EMFILE, -ENFILE, -EROFS, -EACCES, -ENOSPC, -ENAMETOOLONG, -EINTR, Plan::kNormal});
    for (const char* expected : {"too_many_files", "too_many_files", "read_only", "permission_denied",
                                 "no_space", "invalid_argument"}) {
      EXPECT_EQ(name(co_await files.open(world.at("f"), kOpenOrCreate)), expected);
    }
    co_await (co_await files.open(world.at("f"), kOpenOrCreate)).value()->close();
  });
}

TEST_F(LinuxFileSystems, APipeIsNoFile) {
  ASSERT_EQ(::mkfifo(world.at("pipe").c_str(), 0600), 0);
  world.run([&]() -> Task<void> {
    EXPECT_EQ(name(co_await files.open(world.at("pipe"), kReadWrite)), "invalid_argument");
    EXPECT_EQ(name(co_await files.open(world.at("pipe"), kReadOnly)), "invalid_argument");
  });
}

TEST_F(LinuxFileSystems, FailedOpensLeaveNoDescriptorBehind) {
  const auto before = open_descriptors();
  world.run([&]() -> Task<void> {
    EXPECT_EQ(name(co_await files.open(world.directory(), kReadOnly)), "is_a_directory");
    write("f", "abc");
    calls.truncations.next({-EIO});
    const OpenOptions emptied{.access = Access::read_write, .truncate = true};
    EXPECT_EQ(name(co_await files.open(world.at("f"), emptied)), "io_error");
    calls.directory_syncs.next({-EIO});
    EXPECT_EQ(name(co_await files.sync_directory(world.directory())), "io_error");
    (void)co_await files.list(world.at("f"));
    const auto lock = (co_await files.lock(world.at("lock"))).value();
    EXPECT_EQ(name(co_await files.lock(world.at("lock"))), "busy");
    co_await lock->release();
  });
  // The one by which the disk is watched, from the first lock on.
  EXPECT_EQ(open_descriptors(), before + 1);
}

// --- Durable names -----------------------------------------------------------------------------------------

TEST_F(LinuxFileSystems, ARenameSyncsBothDirectoriesOnce) {
  std::filesystem::create_directories(world.at("a"));
  write("f", "abc");
  world.run([&]() -> Task<void> {
    (co_await files.rename(world.at("f"), world.at("g"), Durability::synced)).value();
    EXPECT_EQ(calls.directory_syncs.calls(), 1);
    (co_await files.rename(world.at("g"), world.at("a/g"), Durability::synced)).value();
    EXPECT_EQ(calls.directory_syncs.calls(), 3);
    (co_await files.rename(world.at("a/g"), world.at("f"), Durability::deferred)).value();
    EXPECT_EQ(calls.directory_syncs.calls(), 3);
    calls.directory_syncs.next({-EIO});
    EXPECT_EQ(name(co_await files.rename(world.at("f"), world.at("g"), Durability::synced)), "io_error");
  });
}

TEST_F(LinuxFileSystems, EveryNewDirectoryIsSyncedIntoItsParent) {
  world.run([&]() -> Task<void> {
    (co_await files.make_directories(world.at("a/b/c"), Durability::synced)).value();
    EXPECT_EQ(calls.directory_syncs.calls(), 3);
    (co_await files.make_directories(world.at("d/e/f"), Durability::deferred)).value();
    EXPECT_EQ(calls.directory_syncs.calls(), 3);
    (co_await files.remove(world.at("d/e/f"), Durability::synced)).value();
    EXPECT_EQ(calls.directory_syncs.calls(), 4);
  });
}

// Two logs in one directory: the one whose sync fails is told, and the other one must not be told that all is well.
TEST_F(LinuxFileSystems, ADirectoryWhoseSyncFailedIsNeverDurableAgain) {
  std::filesystem::create_directories(world.at("a"));
  std::filesystem::create_directories(world.at("b"));
  write("f", "abc");
  world.run([&]() -> Task<void> {
    calls.directory_syncs.next({-EIO});
    EXPECT_EQ(name(co_await files.sync_directory(world.at("a"))), "io_error");
    EXPECT_EQ(name(co_await files.sync_directory(world.at("a/"))), "sync_failed");
    EXPECT_EQ(name(co_await files.make_directories(world.at("a/c"), Durability::synced)), "sync_failed");
    EXPECT_EQ(name(co_await files.rename(world.at("f"), world.at("a/f"), Durability::synced)), "sync_failed");
    EXPECT_EQ(name(co_await files.remove(world.at("a/f"), Durability::synced)), "sync_failed");
    EXPECT_EQ(name(co_await files.sync_everything(world.at("b"))), "sync_failed");
    EXPECT_EQ(name(co_await files.sync_directory(world.at("b"))), "ok");
  });
  EXPECT_EQ(calls.whole_syncs.calls(), 0);
}

TEST_F(LinuxFileSystems, RelativeNamesHaveAParentToo) {
  const std::string before = std::filesystem::current_path();
  std::filesystem::current_path(world.directory());
  world.run([&]() -> Task<void> {
    (co_await files.make_directories("a/b", Durability::synced)).value();
    (co_await files.rename("a", "z", Durability::synced)).value();
  });
  std::filesystem::current_path(before);
  EXPECT_TRUE(exists("z/b"));
}

// --- Trees -------------------------------------------------------------------------------------------------

TEST_F(LinuxFileSystems, RemovingATreeDoesNotFollowLinks) {
  std::filesystem::create_directories(world.at("tree/sub"));
  std::filesystem::create_directories(world.at("outside"));
  write("outside/f", "abc");
  std::filesystem::create_directory_symlink(world.at("outside"), world.at("tree/link"));
  std::filesystem::create_directory_symlink(world.at("outside"), world.at("link"));
  std::filesystem::create_symlink("nowhere", world.at("tree/sub/dangling"));
  world.run([&]() -> Task<void> {
    EXPECT_EQ(name(co_await files.remove_tree(world.at("tree"))), "ok");
    EXPECT_EQ(name(co_await files.remove_tree(world.at("link"))), "ok");
  });
  EXPECT_FALSE(exists("tree"));
  EXPECT_FALSE(exists("link"));
  EXPECT_TRUE(exists("outside/f"));
}

TEST_F(LinuxFileSystems, LinksToDirectoriesAreListedAsDirectories) {
  std::filesystem::create_directories(world.at("real"));
  std::filesystem::create_directory_symlink(world.at("real"), world.at("link"));
  std::vector<DirectoryEntry> found;
  world.run([&]() -> Task<void> { found = (co_await files.list(world.directory())).value(); });
  EXPECT_EQ(found, (std::vector<DirectoryEntry>{{"link", true}, {"real", true}}));
}

// --- Locks -------------------------------------------------------------------------------------------------

TEST_F(LinuxFileSystems, ALockNamesItsHolder) {
  const std::string self = std::to_string(::getpid());
  write("lock", "99999999 left behind");
  world.run([&]() -> Task<void> {
    const auto lock = (co_await files.lock(world.at("lock"))).value();
    const auto refused = co_await files.lock(world.at("lock"));
    EXPECT_EQ(name(refused), "busy");
    EXPECT_NE(refused.error().text().find("this process (" + self + ")"), std::string_view::npos);
    co_await lock->release();
  });
  std::ifstream text(world.at("lock"));
  std::string line;
  std::getline(text, line);
  EXPECT_EQ(line, self);
}

// As Apache Kafka holds its own: a POSIX record lock of another process.
TEST_F(LinuxFileSystems, ALockExcludesOtherProgramsRecordLocks) {
  int ready[2];
  int done[2];
  ASSERT_EQ(::pipe(ready), 0);
  ASSERT_EQ(::pipe(done), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(done[1]);  // so that it ends with its parent
    const int fd = ::open(world.at("lock").c_str(), O_RDWR | O_CREAT, 0644);
    struct flock whole{};
    whole.l_type = F_WRLCK;
    char byte = ::fcntl(fd, F_SETLK, &whole) == 0 ? 'y' : 'n';
    (void)!::write(ready[1], &byte, 1);
    (void)!::read(done[0], &byte, 1);
    ::_exit(0);
  }
  char byte = 'n';
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_EQ(byte, 'y');
  world.run([&]() -> Task<void> {
    const auto refused = co_await files.lock(world.at("lock"));
    EXPECT_EQ(name(refused), "busy");
    EXPECT_NE(refused.error().text().find("another process"), std::string_view::npos);
    (void)!::write(done[1], &byte, 1);
    ::waitpid(child, nullptr, 0);
    co_await (co_await files.lock(world.at("lock"))).value()->release();
  });
  for (const int fd : {ready[0], ready[1], done[0], done[1]}) ::close(fd);
}

TEST_F(LinuxFileSystems, ALockThatCannotBeWrittenToIsStillHeld) {
  world.run([&]() -> Task<void> {
    calls.truncations.next({-ENOSPC});
    const auto lock = (co_await files.lock(world.at("lock"))).value();
    EXPECT_EQ(name(co_await files.lock(world.at("lock"))), "busy");
    co_await lock->release();
  });
}

}  // namespace
}  // namespace ottla
