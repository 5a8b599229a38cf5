#include "test/quorum/world/broken_doors.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/chain.h"
#include "base/slice.h"
#include "runtime/file.h"
#include "runtime/shard.h"
#include "runtime/testing/passing_doors.h"

namespace ottla::quorum {
namespace {

constexpr std::uint32_t kNowAndThen = 40;
// A footer is the only batch of a snapshot that is so small, and it is the last one.
constexpr std::uint64_t kFooterBytes = 80;

class BrokenFile final : public ottla::testing::PassingFile {
 public:
  BrokenFile(std::unique_ptr<File> file, std::string path, Plant plant)
      : PassingFile(std::move(file)), path_(std::move(path)), plant_(plant) {}

  Task<Result<std::uint64_t>> append(Chain chain) override {
    if (plant_ == Plant::snapshot_cut_short && path_.ends_with(".part") && chain.size() < kFooterBytes) {
      return kept(inner().size());
    }
    return inner().append(broken(std::move(chain)));
  }
  Task<Result<void>> write_at(std::uint64_t offset, Chain chain) override {
    return inner().write_at(offset, broken(std::move(chain)));
  }
  Task<Result<void>> sync() override {
    const bool lies =
        (plant_ == Plant::log_sync_lies && is_log()) || (plant_ == Plant::vote_not_kept && is_vote());
    return lies ? done() : inner().sync();
  }
  Task<Result<void>> truncate(std::uint64_t size) override {
    return plant_ == Plant::truncation_forgotten && is_log() ? done() : inner().truncate(size);
  }

 private:
  bool is_log() const { return path_.ends_with(".log"); }
  bool is_vote() const { return path_.ends_with("quorum-state.tmp"); }
  static Task<Result<void>> done() { co_return Result<void>(); }
  static Task<Result<std::uint64_t>> kept(std::uint64_t at) { co_return at; }

  Chain broken(Chain chain) const {
    const bool strikes =
        plant_ == Plant::write_vanishes && is_log() && this_shard().random().chance(1, kNowAndThen);
    return strikes ? Chain(Slice::copy_of(std::string(chain.size(), '\0'))) : std::move(chain);
  }

  const std::string path_;
  const Plant plant_;
};

class BrokenDoors final : public ottla::testing::PassingFileSystem {
 public:
  BrokenDoors(FileSystem& doors, Plant plant) : PassingFileSystem(doors), plant_(plant) {}

  Task<Result<std::unique_ptr<File>>> open(std::string path, OpenOptions options) override {
    Result<std::unique_ptr<File>> file = co_await doors().open(path, options);
    if (!file.ok()) co_return file;
    co_return std::unique_ptr<File>(std::make_unique<BrokenFile>(*std::move(file), std::move(path), plant_));
  }
  Task<Result<void>> rename(std::string from, std::string to, Durability durability) override {
    const bool lies = plant_ == Plant::vote_not_kept && to.ends_with("quorum-state");
    return doors().rename(std::move(from), std::move(to), lies ? Durability::deferred : durability);
  }

 private:
  const Plant plant_;
};

}  // namespace

std::optional<Plant> plant_named(std::string_view name) {
  if (name.empty()) return Plant::none;
  const auto found = std::ranges::find(kPlants, name, &NamedPlant::name);
  return found == std::end(kPlants) ? std::nullopt : std::optional(found->plant);
}

std::unique_ptr<FileSystem> break_doors(FileSystem& doors, Plant plant) {
  return std::make_unique<BrokenDoors>(doors, plant);
}

}  // namespace ottla::quorum
