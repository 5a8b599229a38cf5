// Blocks for records, used again and again: ciphertext on its way out or in, plaintext that is put together.
//
// Lifetime:    counted by its server or client and by every block that is out, so that a block may come home
//              after both are gone.
// Concurrency: confined to one shard.
// Invariants:  1. at most kMaxKept blocks of a size wait here; what comes back beyond that is freed
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/block.h"
#include "base/claim.h"

namespace ottla {

class RecordPool;

class RecordBlock final : public Block {
 public:
  std::span<std::byte> bytes() { return {reinterpret_cast<std::byte*>(this) + kHeader, capacity()}; }

 private:
  friend class RecordPool;
  static constexpr std::size_t kHeader = 128;

  RecordBlock(std::shared_ptr<RecordPool> home, std::size_t size_class, std::size_t capacity);
  ~RecordBlock() = default;
  static void come_home(Block* block) noexcept;
  static void destroy(RecordBlock* block) noexcept;

  std::shared_ptr<RecordPool> home_;  // while the block is out
  RecordBlock* next_kept_ = nullptr;
  std::size_t size_class_;
};

class RecordPool : public std::enable_shared_from_this<RecordPool> {
 public:
  // One record with its frame, or several: what one system call should carry.
  enum class Size : std::uint8_t { one_record, many_records };
  static constexpr std::array<std::size_t, 2> kCapacity = {std::size_t{20} * 1024, std::size_t{132} * 1024};
  static constexpr std::size_t kMaxKept = 32;

  RecordPool() = default;
  RecordPool(const RecordPool&) = delete;
  RecordPool& operator=(const RecordPool&) = delete;
  ~RecordPool();

  Claim<RecordBlock> take(Size size);

 private:
  friend class RecordBlock;
  struct Kept {
    RecordBlock* first = nullptr;
    std::size_t count = 0;
  };
  std::array<Kept, kCapacity.size()> kept_;
};

}  // namespace ottla
