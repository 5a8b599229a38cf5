// A simulated file as a process sees it.
//
// Promises are runtime/file.h's own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "runtime/event.h"
#include "runtime/file.h"
#include "runtime/gate.h"
#include "runtime/wait_node.h"
#include "sim/disk.h"
#include "sim/event_queue.h"
#include "sim/write_queue.h"

namespace ottla::sim {

class ShardHome;

class SimulatedFile final : public File, private DiskOperation {
 public:
  SimulatedFile(ShardHome& home, DiskNodePtr node, std::string path, Access access);
  ~SimulatedFile() override;

  std::uint64_t size() const override { return queue_.size(); }
  Task<Result<std::uint64_t>> append(Chain chain) override;
  Task<Result<void>> write_at(std::uint64_t offset, Chain chain) override;
  Task<Result<std::size_t>> read_at(std::uint64_t offset, std::span<std::byte> into) override;
  Task<Result<void>> sync() override;
  Task<Result<void>> truncate(std::uint64_t size) override;
  Task<Result<void>> preallocate(std::uint64_t size) override;
  bool would_block(std::uint64_t offset, std::uint64_t length) override;
  Task<Result<void>> warm(std::uint64_t offset, std::uint64_t length) override;
  Range range(std::uint64_t offset, std::uint64_t length) override;
  Task<Result<std::unique_ptr<Mapping>>> map(std::uint64_t size) override;
  Task<void> close() override;

 private:
  // One fdatasync for everybody who asked before it began.
  struct SyncWaiter final : WaitNode {
    explicit SyncWaiter(SimulatedFile& owner) : file(owner) {}
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiting);
    Result<void> await_resume() { return std::move(result); }
    SimulatedFile& file;
    Result<void> result;
  };
  struct SyncDone final : SimEvent {
    explicit SyncDone(SimulatedFile& owner) : file(owner) {}
    void happen() override { file.sync_ended(); }
    SimulatedFile& file;
  };

  Result<Gate::Pass> enter(const char* what);
  Result<Gate::Pass> enter_to_write(const char* what, std::uint64_t offset, std::uint64_t length);
  Result<void> check_end(std::uint64_t offset, std::uint64_t length) const;
  void start_sync();
  void sync_ended();
  void process_died(Random& random) override;

  ShardHome& home_;
  const DiskNodePtr node_;
  const std::string path_;
  const bool writable_;
  Gate gate_;
  bool closed_ = false;
  WriteQueue queue_;
  WaiterList sync_asked_;
  WaiterList sync_waiting_;  // for the sync under way
  SyncDone sync_done_{*this};
  std::uint64_t sync_mark_ = 0;
  Claim<FileRangeSource> source_;  // made by the first range()
  Event ranges_back_;              // set when the last claim on it is gone
};

// The rule of runtime/file.h on failed syncs, for everything that is to become durable in one file.
Result<void> finish_sync(ShardHome& home, DiskNode& node, std::uint64_t mark);
// Waits as a sync does, then finishes one.
Task<Result<void>> sync_node(ShardHome& home, DiskNodePtr node);
// Reads what there is; fewer bytes at the end of the file.
Task<Result<std::size_t>> read_node(ShardHome& home, DiskNodePtr node, std::uint64_t offset,
                                    std::span<std::byte> into);

}  // namespace ottla::sim
