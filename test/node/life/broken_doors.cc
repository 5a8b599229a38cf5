#include "test/node/life/broken_doors.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/chain.h"
#include "base/crc32c.h"
#include "base/endian.h"
#include "base/slice.h"
#include "record/batch_layout.h"
#include "record/batch_view.h"
#include "runtime/shard.h"
#include "runtime/testing/passing_doors.h"

namespace ottla::server {
namespace {

using ottla::testing::changed;

constexpr std::uint32_t kNowAndThen = 60;

Task<Result<void>> done() {
  co_return Result<void>();
}

bool now_and_then() {
  return this_shard().random().chance(1, kNowAndThen);
}

// Topics of which a snapshot speaks get other names.
void rename_topics(std::string& bytes) {
  std::span<std::byte> left = std::as_writable_bytes(std::span(bytes));
  while (!left.empty()) {
    const auto batch = record::BatchView::first_of(left);
    if (!batch.ok()) return;
    const std::size_t size = batch->size();
    std::string text(batch->bytes().size(), '\0');
    std::ranges::copy(std::as_bytes(std::span(batch->bytes())),
                      std::as_writable_bytes(std::span(text)).begin());
    for (std::size_t at = text.find("topic-"); at != std::string::npos; at = text.find("topic-", at + 1)) {
      left[at] = std::byte{'T'};
    }
    store_big_endian(left.data() + record::kCrcAt,
                     crc32c(left.subspan(record::kAttributesAt, size - record::kAttributesAt)));
    left = left.subspan(size);
  }
}

class BrokenFile final : public ottla::testing::PassingFile {
 public:
  BrokenFile(std::unique_ptr<File> file, std::string path, BrokenDoor broken)
      : PassingFile(std::move(file)), path_(std::move(path)), broken_(broken) {}

  Task<Result<std::uint64_t>> append(Chain chain) override {
    const std::uint64_t at = size();
    const std::uint64_t size = chain.size();
    Result<std::uint64_t> appended = co_await inner().append(altered(std::move(chain)));
    if (appended.ok() || !is(BrokenDoor::failed_write_hidden) || !is_metadata_log()) co_return appended;
    // Zeros take no room.
    (void)co_await inner().truncate(at + size);
    co_return at;
  }
  Task<Result<void>> write_at(std::uint64_t offset, Chain chain) override {
    return inner().write_at(offset, altered(std::move(chain)));
  }
  Task<Result<std::size_t>> read_at(std::uint64_t offset, std::span<std::byte> into) override {
    const Result<std::size_t> count = co_await inner().read_at(offset, into);
    if (is(BrokenDoor::read_flips_a_bit) && is_log() && count.ok() && *count > 0 && now_and_then()) {
      into[this_shard().random().below(*count)] ^= std::byte{1};
    }
    co_return count;
  }
  Task<Result<void>> sync() override {
    if (is(BrokenDoor::metadata_sync_lies) && is_metadata_log()) return done();
    if (is(BrokenDoor::log_sync_lies) && is_log()) return done();
    if (is(BrokenDoor::vote_not_kept) && path_.ends_with("quorum-state.tmp")) return done();
    return is(BrokenDoor::failed_sync_hidden) && is_metadata_log() ? sync_as_if_well() : inner().sync();
  }

 private:
  bool is(BrokenDoor broken) const { return broken_ == broken; }
  bool is_metadata() const { return path_.find("__cluster_metadata") != std::string::npos; }
  bool is_metadata_log() const { return is_metadata() && path_.ends_with(".log"); }
  bool is_log() const { return !is_metadata() && path_.ends_with(".log"); }

  Task<Result<void>> sync_as_if_well() {
    (void)co_await inner().sync();
    co_return Result<void>();
  }

  Chain altered(Chain chain) const {
    const auto add_one = [](std::string& bytes) { ++bytes.back(); };
    const auto wipe = [](std::string& bytes) { std::ranges::fill(bytes, '\0'); };
    if (is(BrokenDoor::snapshot_altered) && path_.ends_with(".checkpoint.part"))
      return changed(chain, rename_topics);
    if (is(BrokenDoor::write_vanishes) && is_log() && now_and_then()) return changed(chain, wipe);
    if (is(BrokenDoor::time_index_wrong) && path_.ends_with(".timeindex")) return changed(chain, add_one);
    return chain;
  }

  const std::string path_;
  const BrokenDoor broken_;
};

class BrokenDoors final : public ottla::testing::PassingFileSystem {
 public:
  BrokenDoors(FileSystem& doors, BrokenDoor broken) : PassingFileSystem(doors), broken_(broken) {}

  Task<Result<std::unique_ptr<File>>> open(std::string path, OpenOptions options) override {
    Result<std::unique_ptr<File>> file = co_await doors().open(path, options);
    if (!file.ok()) co_return file;
    if (loses_its_tail(path, options) && (*file)->size() > 0)
      (void)co_await (*file)->truncate((*file)->size() - 1);
    co_return std::unique_ptr<File>(std::make_unique<BrokenFile>(*std::move(file), std::move(path), broken_));
  }
  Task<Result<void>> rename(std::string from, std::string to, Durability durability) override {
    if (is(BrokenDoor::deletion_forgotten) && to.ends_with("-delete")) return done();
    const bool lies = is(BrokenDoor::vote_not_kept) && to.ends_with("quorum-state");
    return doors().rename(std::move(from), std::move(to), lies ? Durability::deferred : durability);
  }

 private:
  bool is(BrokenDoor broken) const { return broken_ == broken; }
  bool loses_its_tail(std::string_view path, OpenOptions options) const {
    if (options.access != Access::read_write || options.creation == Creation::create_new) return false;
    if (!path.ends_with(".log")) return false;
    const bool is_metadata = path.find("__cluster_metadata") != std::string::npos;
    return is(is_metadata ? BrokenDoor::metadata_tail_torn : BrokenDoor::log_tail_torn);
  }

  const BrokenDoor broken_;
};

}  // namespace

std::unique_ptr<FileSystem> break_doors(FileSystem& doors, BrokenDoor broken) {
  return std::make_unique<BrokenDoors>(doors, broken);
}

}  // namespace ottla::server
