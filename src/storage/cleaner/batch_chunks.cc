#include "storage/cleaner/batch_chunks.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/result.h"
#include "record/batch_layout.h"
#include "record/batch_view.h"
#include "runtime/file.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "runtime/task.h"
#include "storage/log/batch_checksum.h"

namespace ottla::storage {
namespace {

constexpr std::size_t kPiece = std::size_t{256} << 10;

Error no_batch(std::uint64_t position, std::string what) {
  return Error(Errc::corrupt, "at byte " + std::to_string(position) + " " + std::move(what));
}

}  // namespace

void BatchChunks::Buffer::hold(std::size_t size) {
  if (size <= capacity) return;
  auto larger = std::make_unique_for_overwrite<std::byte[]>(size);
  if (filled != 0) std::memcpy(larger.get(), bytes.get(), filled);
  bytes = std::move(larger);
  capacity = size;
}

std::span<const std::byte> BatchChunks::take() {
  current_ = 1 - current_;
  return buffers_[current_].batches();
}

Task<Result<void>> BatchChunks::fetch() {
  const Buffer& before = buffers_[current_];
  Buffer& next = buffers_[1 - current_];
  next.position = before.position + before.whole;
  next.whole = 0;
  next.filled = 0;
  const std::size_t rest = before.filled - before.whole;
  next.hold(std::max(rest, buffer_size_));
  if (rest != 0) std::memcpy(next.bytes.get(), before.bytes.get() + before.whole, rest);
  next.filled = rest;
  co_return co_await fill(next);
}

Task<Result<void>> BatchChunks::fill(Buffer& buffer) {
  while (true) {
    const auto room =
        static_cast<std::size_t>(std::min<std::uint64_t>(left_of(buffer), buffer.capacity - buffer.filled));
    if (room != 0) {
      OTTLA_CO_TRY(const std::size_t got, co_await file_.read_at(buffer.position + buffer.filled,
                                                                 {buffer.bytes.get() + buffer.filled, room}));
      buffer.filled += got;
      if (got < room) co_return no_batch(buffer.position + buffer.filled, "the segment ends too early");
    }
    if (buffer.filled == 0) co_return Result<void>();
    OTTLA_CO_TRY(const std::size_t wanted, measure(buffer));
    if (buffer.whole != 0) co_return Result<void>();
    if (left_of(buffer) == 0) {
      co_return no_batch(buffer.position, "a batch begins that reaches beyond the end of the segment");
    }
    if (wanted > std::max(kBelieved, buffer.capacity))
      OTTLA_CO_CHECK(co_await check(buffer.position, wanted));
    buffer.hold(wanted);
  }
}

Task<Result<void>> BatchChunks::check(std::uint64_t position, std::size_t size) {
  const auto piece = std::make_unique_for_overwrite<std::byte[]>(kPiece);
  std::optional<BatchChecksum> sum;
  for (std::size_t done = 0; done < size;) {
    const std::span<std::byte> read(piece.get(), std::min(kPiece, size - done));
    OTTLA_CO_TRY(const std::size_t got, co_await file_.read_at(position + done, read));
    if (got < read.size()) co_return no_batch(position + done + got, "the segment ends too early");
    if (!sum) sum.emplace(static_cast<std::int8_t>(read[record::kMagicAt]), read);
    sum->add(read);
    done += got;
    if (this_shard().slice_spent()) co_await yield();
  }
  if (sum->holds()) co_return Result<void>();
  co_return no_batch(position,
                     "a batch of " + std::to_string(size) + " bytes begins whose checksum does not hold");
}

Result<std::size_t> BatchChunks::measure(Buffer& buffer) const {
  while (true) {
    const std::span<const std::byte> rest(buffer.bytes.get() + buffer.whole, buffer.filled - buffer.whole);
    if (rest.size() < record::kUpToMagic) return record::kUpToMagic;
    const auto front = record::read_front(rest);
    const std::uint64_t position = buffer.position + buffer.whole;
    // What is wrong behind whole batches is told when it stands in front.
    if (!front.ok()) {
      if (buffer.whole != 0) return buffer.whole;
      return no_batch(position, "no batch begins: " + front.error().to_string());
    }
    const auto size = static_cast<std::uint64_t>(front->size);
    if (size > end_ - position) {
      if (buffer.whole != 0) return buffer.whole;
      return no_batch(position, "a batch of " + std::to_string(size) +
                                    " bytes begins, which reaches beyond the end of the segment");
    }
    if (size > rest.size()) return static_cast<std::size_t>(size);
    buffer.whole += static_cast<std::size_t>(size);
  }
}

}  // namespace ottla::storage
