#include "test/storage/log/broken_doors.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "base/chain.h"
#include "base/slice.h"
#include "runtime/file.h"
#include "runtime/testing/passing_doors.h"
#include "storage/cleaner/log_compaction.h"

namespace ottla::storage {
namespace {

using ottla::testing::changed;

constexpr std::uint32_t kNowAndThen = 40;

struct Breakage {
  Plant plant;
  Random random;
  const std::vector<sim::FlippedBit>& flipped;
  bool strikes() { return random.chance(1, kNowAndThen); }
};

bool is_index(std::string_view path) {
  return path.ends_with("index");
}

class BrokenFile final : public ottla::testing::PassingFile {
 public:
  BrokenFile(std::unique_ptr<File> file, std::string path, Breakage& breakage)
      : PassingFile(std::move(file)), path_(std::move(path)), breakage_(breakage) {}

  Task<Result<std::uint64_t>> append(Chain chain) override {
    return inner().append(broken(std::move(chain)));
  }
  Task<Result<void>> write_at(std::uint64_t offset, Chain chain) override {
    return inner().write_at(offset, broken(std::move(chain)));
  }
  Task<Result<std::size_t>> read_at(std::uint64_t offset, std::span<std::byte> into) override {
    const Result<std::size_t> count = co_await inner().read_at(offset, into);
    if (is(Plant::read_error_as_end) && !count.ok()) co_return std::size_t{0};
    if (is(Plant::rot_unseen) && count.ok()) heal(offset, into.first(*count));
    if (is(Plant::read_flips_a_bit) && is_log() && count.ok() && *count > 0 && breakage_.strikes()) {
      into[breakage_.random.below(*count)] ^= std::byte{1};
    }
    co_return count;
  }
  Task<Result<void>> sync() override {
    const bool lies = (is(Plant::log_sync_lies) && is_log()) ||
                      (is(Plant::index_sync_lies) && is_index(path_)) ||
                      (is(Plant::cleaned_sync_lies) && path_.ends_with(".cleaned")) ||
                      (is(Plant::small_sync_lies) && path_.ends_with(".tmp"));
    if (lies) return done();
    return inner().sync();
  }
  Task<Result<void>> truncate(std::uint64_t size) override {
    if (is_log() && is(Plant::truncation_forgotten)) return done();
    if (is_log() && is(Plant::truncation_too_short) && size < inner().size()) ++size;
    if (is_log() && is(Plant::truncation_too_long) && size > 0) --size;
    return inner().truncate(size);
  }

 private:
  bool is(Plant plant) const { return breakage_.plant == plant; }
  bool is_log() const { return path_.ends_with(".log"); }
  static Task<Result<void>> done() { co_return Result<void>(); }

  void heal(std::uint64_t offset, std::span<std::byte> bytes) const {
    for (const sim::FlippedBit& flipped : breakage_.flipped) {
      if (flipped.path != path_ || flipped.at < offset || flipped.at - offset >= bytes.size()) continue;
      bytes[flipped.at - offset] ^= static_cast<std::byte>(1U << flipped.bit);
    }
  }

  Chain broken(Chain chain) {
    const auto add_one = [](std::string& bytes) { ++bytes.back(); };
    const auto wipe = [](std::string& bytes) { std::ranges::fill(bytes, '\0'); };
    if (is(Plant::write_vanishes) && is_log() && breakage_.strikes()) return changed(chain, wipe);
    if (is(Plant::offset_index_wrong) && path_.ends_with(".index")) return changed(chain, add_one);
    if (is(Plant::time_index_wrong) && path_.ends_with(".timeindex")) return changed(chain, add_one);
    if (is(Plant::transaction_index_lost) && path_.ends_with(".txnindex")) return changed(chain, wipe);
    return chain;
  }

  const std::string path_;
  Breakage& breakage_;
};

class BrokenDoors final : public ottla::testing::PassingFileSystem {
 public:
  BrokenDoors(FileSystem& doors, Plant plant, std::uint64_t seed, const std::vector<sim::FlippedBit>& flipped)
      : PassingFileSystem(doors), breakage_{plant, Random(seed), flipped} {}

  Task<Result<std::unique_ptr<File>>> open(std::string path, OpenOptions options) override {
    Result<std::unique_ptr<File>> file = co_await doors().open(path, options);
    if (!file.ok()) co_return file;
    co_return std::unique_ptr<File>(
        std::make_unique<BrokenFile>(std::move(*file), std::move(path), breakage_));
  }
  Task<Result<void>> rename(std::string from, std::string to, Durability durability) override {
    if (is(Plant::old_segments_stay) && to.ends_with(".log.deleted")) return done();
    if (is(Plant::checkpoint_forgotten) && to.ends_with("offset-checkpoint")) return done();
    return doors().rename(std::move(from), std::move(to), honest(durability));
  }
  Task<Result<void>> remove(std::string path, Durability durability) override {
    if (is(Plant::removal_forgotten)) {
      const std::string kept = path.ends_with(".deleted") ? path.substr(0, path.size() - 8) : path;
      return doors().rename(path, kept, durability);
    }
    return doors().remove(std::move(path), honest(durability));
  }
  Task<Result<void>> sync_directory(std::string path) override {
    if (is(Plant::name_sync_lies)) return done();
    return doors().sync_directory(std::move(path));
  }

 private:
  bool is(Plant plant) const { return breakage_.plant == plant; }
  Durability honest(Durability durability) const {
    return is(Plant::name_sync_lies) ? Durability::deferred : durability;
  }
  static Task<Result<void>> done() { co_return Result<void>(); }

  Breakage breakage_;
};

class BrokenCompaction final : public CleanableLog {
 public:
  BrokenCompaction(Log& log, Plant plant) : log_(log), plant_(plant) {}

  const std::string& directory() const override { return log_.directory(); }
  CompactionConfig compaction() const override { return log_.compaction(); }
  const std::vector<std::unique_ptr<Segment>>& segments() const override { return log_.segments(); }
  Offset log_start() const override { return log_.log_start(); }
  Offset log_end() const override { return log_.log_end(); }
  Offset high_watermark() const override { return log_.high_watermark(); }
  Offset last_stable_offset() const override {
    return plant_ == Plant::open_data_cleaned ? log_.log_end() : log_.last_stable_offset();
  }
  ActiveProducers active_producers() const override {
    return plant_ == Plant::last_sequences_cleaned ? ActiveProducers() : log_.active_producers();
  }
  Task<Result<void>> flush() override { return log_.flush(); }
  Task<Result<std::unique_ptr<Segment>>> create_cleaned(Offset base) override {
    return log_.create_cleaned(base);
  }
  Task<Result<void>> replace_segments(std::unique_ptr<Segment> cleaned,
                                      std::vector<Segment*> replaced) override {
    return log_.replace_segments(std::move(cleaned), std::move(replaced));
  }
  Task<Result<void>> delete_old_segments() override { return log_.delete_old_segments(); }

 private:
  LogCompaction log_;
  const Plant plant_;
};

}  // namespace

std::optional<Plant> plant_named(std::string_view name) {
  if (name.empty()) return Plant::none;
  const auto found = std::ranges::find(kPlants, name, &NamedPlant::name);
  if (found == std::end(kPlants)) return std::nullopt;
  return found->plant;
}

std::unique_ptr<FileSystem> break_doors(FileSystem& doors, Plant plant, std::uint64_t seed,
                                        const std::vector<sim::FlippedBit>& flipped) {
  return std::make_unique<BrokenDoors>(doors, plant, seed, flipped);
}

std::unique_ptr<CleanableLog> break_compaction(Log& log, Plant plant) {
  return std::make_unique<BrokenCompaction>(log, plant);
}

}  // namespace ottla::storage
