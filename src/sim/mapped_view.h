// A mapping of a simulated file: memory that the process writes, and the page cache sees.
//
// The world looks at the memory whenever somebody reads the file, and at a death; what differs then becomes
// un-synced writes, sector by sector.
//
// Promises are runtime/file.h's own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "runtime/file.h"
#include "sim/disk.h"

namespace ottla::sim {

class ShardHome;

class MappedView final : public Mapping, private DiskOperation {
 public:
  MappedView(ShardHome& home, DiskNodePtr node, std::uint64_t size);
  ~MappedView() override;

  std::span<std::byte> bytes() override { return bytes_; }
  Task<Result<void>> flush() override;
  Task<void> close() override;

  // Memory to file.
  void absorb();
  // File to memory.
  void refresh(std::uint64_t from, std::uint64_t to);
  std::uint64_t size() const { return bytes_.size(); }

 private:
  void process_died(Random& random) override;
  void leave();

  ShardHome& home_;
  DiskNodePtr node_;
  std::vector<std::byte> bytes_;
  std::vector<std::byte> seen_;  // the memory as of the last look
};

// What living mappings of the node changed becomes visible in it.
void absorb_views(DiskNode& node);
void refresh_views(DiskNode& node, std::uint64_t from, std::uint64_t to);
std::uint64_t mapped_end(const DiskNode& node);

}  // namespace ottla::sim
