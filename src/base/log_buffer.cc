#include "base/log_buffer.h"

#include <bit>
#include <cstring>

#include "base/invariant.h"

namespace ottla {
namespace {

constexpr std::uint64_t kWord = 8;
// In place of a size: the rest of the ring up to its end is empty, the next record is at its start.
constexpr std::uint64_t kSkip = ~std::uint64_t{0};

std::uint64_t footprint(std::uint64_t size) {
  return kWord + (size + kWord - 1) / kWord * kWord;
}

}  // namespace

LogBuffer::LogBuffer(std::size_t capacity)
    : capacity_(capacity), bytes_(std::make_unique_for_overwrite<std::byte[]>(capacity)) {
  OTTLA_INVARIANT(std::has_single_bit(capacity) && capacity >= 64, "a log ring's size is a power of two",
                  capacity);
}

std::uint64_t LogBuffer::word_at(std::uint64_t position) {
  std::uint64_t word = 0;
  std::memcpy(&word, at(position), kWord);
  return word;
}

void LogBuffer::put_word(std::uint64_t position, std::uint64_t word) {
  std::memcpy(at(position), &word, kWord);
}

bool LogBuffer::has_room(std::uint64_t needed) {
  const std::uint64_t write = write_.load(std::memory_order_relaxed);
  if (write + needed <= known_read_ + capacity_) return true;
  known_read_ = read_.load(std::memory_order_acquire);
  return write + needed <= known_read_ + capacity_;
}

bool LogBuffer::try_push(std::span<const std::byte> record) {
  const std::uint64_t size = footprint(record.size());
  std::uint64_t write = write_.load(std::memory_order_relaxed);
  const std::uint64_t to_end = capacity_ - (write & (capacity_ - 1));
  const std::uint64_t skipped = to_end < size ? to_end : 0;
  if (record.empty() || size > capacity_ / 2 || !has_room(skipped + size)) {
    dropped_.store(dropped_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    unannounced_ = true;  // the drain reports drops too
    return false;
  }
  if (skipped != 0) {
    put_word(write, kSkip);
    write += skipped;
  }
  put_word(write, record.size());
  std::memcpy(at(write) + kWord, record.data(), record.size());
  write_.store(write + size, std::memory_order_release);
  unannounced_ = true;
  return true;
}

std::span<const std::byte> LogBuffer::front() {
  std::uint64_t read = read_.load(std::memory_order_relaxed);
  if (read == known_write_) {
    known_write_ = write_.load(std::memory_order_acquire);
    if (read == known_write_) return {};
  }
  if (word_at(read) == kSkip) {
    read += capacity_ - (read & (capacity_ - 1));
    read_.store(read, std::memory_order_release);
  }
  return {at(read) + kWord, word_at(read)};
}

void LogBuffer::pop() {
  const std::span<const std::byte> record = front();
  OTTLA_INVARIANT(record.data() != nullptr, "pop() of an empty log ring");
  read_.store(read_.load(std::memory_order_relaxed) + footprint(record.size()), std::memory_order_release);
}

}  // namespace ottla
