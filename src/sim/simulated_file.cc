#include "sim/simulated_file.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "sim/disk_wait.h"
#include "sim/host.h"
#include "sim/incarnation.h"
#include "sim/mapped_view.h"
#include "sim/world.h"

namespace ottla::sim {
namespace {

constexpr Latency kCached{std::chrono::microseconds(1), std::chrono::microseconds(1), {}, 0};

ShardHome& home_here(ShardHome& home) {
  return home.process().home(Shard::current().id().raw());
}

}  // namespace

// Ranges claim it; it goes away with the last of them and the file.
class SimulatedFileSource final : public FileRangeSource {
 public:
  SimulatedFileSource(ShardHome& home, DiskNodePtr node, Event* all_back, Claim<Block> keep_alive)
      : home_(home), node_(std::move(node)), all_back_(all_back), keep_alive_(std::move(keep_alive)) {}

  Task<Result<void>> read_at(std::uint64_t offset, std::span<std::byte> into) override {
    ShardHome& here = home_here(home_);
    if (!here.may_use_door("range.read_at")) co_return Errc::closed;
    OTTLA_CO_TRY(const std::size_t count, co_await read_node(here, node_, offset, into));
    if (count < into.size()) co_return Error(Errc::truncated, "a file ends before the range");
    co_return Result<void>();
  }
  Claim<RangeSource> foreign_view(Claim<Block> keep_alive) const override {
    return Claim<RangeSource>::adopt(
        new SimulatedFileSource(home_here(home_), node_, nullptr, std::move(keep_alive)));
  }

 private:
  ~SimulatedFileSource() override = default;
  void unclaimed() noexcept override {
    if (all_back_ != nullptr && !home_.shard().killed()) all_back_->set();
    delete this;
  }

  ShardHome& home_;
  const DiskNodePtr node_;
  Event* const all_back_;  // the file's, which waits for it before it goes
  const Claim<Block> keep_alive_;
};

SimulatedFile::SimulatedFile(ShardHome& home, DiskNodePtr node, std::string path, Access access)
    : home_(home),
      node_(std::move(node)),
      path_(std::move(path)),
      writable_(access == Access::read_write),
      queue_(home, *node_) {
  ++node_->open_files;
  ++home_.shard().open_doors().files;
  home_.host().disk().add_operation(*this);
}

SimulatedFile::~SimulatedFile() {
  if (closed_ || home_.shard().killed()) return;
  OTTLA_INVARIANT(false, "a file died before it was closed", path_);
}

Result<Gate::Pass> SimulatedFile::enter(const char* what) {
  if (!home_.may_use_door(what)) return Errc::closed;
  return gate_.enter();
}

Result<Gate::Pass> SimulatedFile::enter_to_write(const char* what, std::uint64_t offset,
                                                 std::uint64_t length) {
  if (!writable_) return Error(Errc::invalid_argument, "change " + path_ + ": it was opened for reading");
  OTTLA_TRY(Gate::Pass pass, enter(what));
  OTTLA_CHECK(check_end(offset, length));
  return pass;
}

Result<void> SimulatedFile::check_end(std::uint64_t offset, std::uint64_t length) const {
  constexpr std::uint64_t kLimit = std::numeric_limits<std::int64_t>::max();
  if (offset <= kLimit && length <= kLimit - offset) return {};
  return Error(Errc::too_large, path_ + ": no file reaches that far");
}

Task<Result<std::uint64_t>> SimulatedFile::append(Chain chain) {
  OTTLA_INVARIANT(chain.in_memory(), "only bytes in memory can be written", path_);
  const std::uint64_t offset = queue_.size();
  OTTLA_CO_TRY(const Gate::Pass pass, enter_to_write("file.append", offset, chain.size()));
  if (chain.empty()) co_return offset;
  OTTLA_CO_CHECK(co_await queue_.write(offset, std::move(chain)));
  co_return offset;
}

Task<Result<void>> SimulatedFile::write_at(std::uint64_t offset, Chain chain) {
  OTTLA_INVARIANT(chain.in_memory(), "only bytes in memory can be written", path_);
  OTTLA_CO_TRY(const Gate::Pass pass, enter_to_write("file.write_at", offset, chain.size()));
  if (chain.empty()) co_return Result<void>();
  co_return co_await queue_.write(offset, std::move(chain));
}

Task<Result<void>> SimulatedFile::truncate(std::uint64_t size) {
  OTTLA_CO_TRY(const Gate::Pass pass, enter_to_write("file.truncate", size, 0));
  co_return co_await queue_.change(WriteQueue::Action::truncate, size);
}

Task<Result<void>> SimulatedFile::preallocate(std::uint64_t size) {
  OTTLA_CO_TRY(const Gate::Pass pass, enter_to_write("file.preallocate", size, 0));
  if (size == 0) co_return Result<void>();
  co_return co_await queue_.change(WriteQueue::Action::reserve, size);
}

Task<Result<std::size_t>> SimulatedFile::read_at(std::uint64_t offset, std::span<std::byte> into) {
  OTTLA_CO_TRY(const Gate::Pass pass, enter("file.read_at"));
  OTTLA_CO_CHECK(check_end(offset, into.size()));
  co_return co_await read_node(home_, node_, offset, into);
}

Task<Result<std::size_t>> read_node(ShardHome& home, DiskNodePtr node, std::uint64_t offset,
                                    std::span<std::byte> into) {
  Disk& disk = home.host().disk();
  co_await DiskWait(home, node->cold ? disk.options().read : kCached);
  if (disk.random().chance(disk.trouble_at(*node).failing_reads, 256)) {
    disk.strikes().add(Strike::read_failed);
    co_return Error(Errc::io_error, "read");
  }
  absorb_views(*node);
  node->cold = false;
  const std::uint64_t size = node->data.content().size();
  const std::size_t count = offset >= size ? 0 : std::min<std::uint64_t>(into.size(), size - offset);
  if (count > 0) node->data.content().read(offset, into.first(count));
  home.trace(TraceKind::file_read, node->number, count, [&] {
    return "file " + std::to_string(node->number) + " at " + std::to_string(offset) + ": " +
           std::to_string(count) + " bytes";
  });
  co_return count;
}

Result<void> finish_sync(ShardHome& home, DiskNode& node, std::uint64_t mark) {
  Disk& disk = home.host().disk();
  Result<void> result;
  if (node.sync_failed) {
    result = Error(Errc::sync_failed, "an earlier sync of this file failed: what it covered is unknown");
  } else if (disk.random().chance(disk.trouble_at(node).failing_syncs, 256)) {
    disk.strikes().add(Strike::sync_failed);
    node.data.orphan(mark);
    node.sync_failed = true;
    result = Error(Errc::io_error, "sync");
  } else {
    node.data.make_durable(mark);
  }
  home.trace(TraceKind::file_sync, node.number, result.ok() ? mark : 0, [&] {
    return "file " + std::to_string(node.number) +
           (result.ok() ? " is durable" : ": " + result.error().to_string());
  });
  return result;
}

Task<Result<void>> sync_node(ShardHome& home, DiskNodePtr node) {
  const std::uint64_t mark = node->data.mark();
  co_await DiskWait(home, home.host().disk().options().sync);
  co_return finish_sync(home, *node, mark);
}

void SimulatedFile::SyncWaiter::await_suspend(std::coroutine_handle<> waiting) {
  suspend(waiting, {});
  file.sync_asked_.push_back(*this);
  if (!file.sync_done_.scheduled()) file.start_sync();
}

void SimulatedFile::start_sync() {
  sync_waiting_.splice_back(sync_asked_);
  absorb_views(*node_);
  sync_mark_ = node_->data.mark();
  home_.world().events().schedule(sync_done_, disk_done(home_, home_.host().disk().options().sync));
}

void SimulatedFile::sync_ended() {
  const Result<void> result = finish_sync(home_, *node_, sync_mark_);
  home_.enter([&] {
    while (!sync_waiting_.empty()) {
      auto& waiter = static_cast<SyncWaiter&>(sync_waiting_.front());
      waiter.result = result;
      waiter.grant();
    }
    if (!sync_asked_.empty()) start_sync();
  });
}

Task<Result<void>> SimulatedFile::sync() {
  OTTLA_CO_TRY(const Gate::Pass pass, enter("file.sync"));
  SyncWaiter waiter(*this);
  co_return co_await waiter;
}

bool SimulatedFile::would_block(std::uint64_t, std::uint64_t) {
  return node_->cold;
}

Task<Result<void>> SimulatedFile::warm(std::uint64_t offset, std::uint64_t length) {
  OTTLA_CO_TRY(const Gate::Pass pass, enter("file.warm"));
  OTTLA_CO_CHECK(check_end(offset, length));
  co_await DiskWait(home_, home_.host().disk().options().read);
  node_->cold = false;
  co_return Result<void>();
}

Range SimulatedFile::range(std::uint64_t offset, std::uint64_t length) {
  OTTLA_INVARIANT(!gate_.closed(), "a range of a closed file", path_);
  if (!source_) {
    source_ = Claim<FileRangeSource>::adopt(new SimulatedFileSource(home_, node_, &ranges_back_, nullptr));
  }
  return Range(Claim<RangeSource>::share(source_.get()), offset, length);
}

Task<Result<std::unique_ptr<Mapping>>> SimulatedFile::map(std::uint64_t size) {
  if (size == 0) co_return Error(Errc::invalid_argument, "map " + path_ + ": nothing to map");
  OTTLA_CO_TRY(const Gate::Pass pass, enter("file.map"));
  OTTLA_CO_CHECK(check_end(size, 0));
  if (writable_) {
    OTTLA_CO_CHECK(co_await queue_.change(WriteQueue::Action::extend, size));
  } else if (node_->data.content().size() < size) {
    co_return Error(Errc::invalid_argument, "map " + path_ + ": the file is shorter, and opened for reading");
  }
  co_return std::make_unique<MappedView>(home_, node_, size);
}

Task<void> SimulatedFile::close() {
  if (!home_.may_use_door("file.close")) co_return;
  if (gate_.closed()) {
    OTTLA_INVARIANT(closed_, "a file is closed twice at once", path_);
    co_return;
  }
  co_await gate_.close();
  if (source_) {
    source_ = nullptr;
    co_await ranges_back_.wait();
  }
  closed_ = true;
  DiskOperation::unlink();
  if (--node_->open_files == 0) node_->sync_failed = false;
  --home_.shard().open_doors().files;
}

void SimulatedFile::process_died(Random&) {
  sync_done_.cancel();
  if (--node_->open_files == 0) node_->sync_failed = false;
}

}  // namespace ottla::sim
