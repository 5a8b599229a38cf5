#include "runtime/linux/gathered_write.h"

#include <algorithm>
#include <cerrno>

namespace ottla {
namespace {

// Where the next byte comes from.
class Cursor {
 public:
  explicit Cursor(std::span<const Chain* const> chains) : chains_(chains) { skip_finished(); }

  // Points `out` at what comes next; gives the number of entries set.
  int gather(std::span<iovec> out) const {
    std::size_t count = 0;
    Cursor at = *this;
    while (count < out.size() && !at.chains_.empty()) {
      const Slice& slice = at.slice();
      out[count].iov_base = const_cast<std::byte*>(slice.data()) + at.skip_;
      out[count].iov_len = slice.size() - at.skip_;
      ++count;
      at.next_piece();
    }
    return static_cast<int>(count);
  }
  void advance(std::uint64_t bytes) {
    while (bytes > 0) {
      const std::uint64_t left = slice().size() - skip_;
      if (bytes < left) {
        skip_ += bytes;
        return;
      }
      bytes -= left;
      next_piece();
    }
  }

 private:
  const Slice& slice() const { return *chains_.front()->piece(piece_).slice(); }
  void next_piece() {
    skip_ = 0;
    ++piece_;
    skip_finished();
  }
  void skip_finished() {
    while (!chains_.empty() && piece_ == chains_.front()->piece_count()) {
      chains_ = chains_.subspan(1);
      piece_ = 0;
    }
  }

  std::span<const Chain* const> chains_;
  std::size_t piece_ = 0;
  std::uint64_t skip_ = 0;
};

}  // namespace

WriteOutcome write_chains(SystemCalls& calls, int fd, std::uint64_t offset,
                          std::span<const Chain* const> chains) {
  std::array<iovec, kMaxWriteVectors> vectors;
  WriteOutcome outcome;
  Cursor cursor(chains);
  for (;;) {
    const int count = cursor.gather(vectors);
    if (count == 0) return outcome;
    const std::int64_t written = calls.pwritev(fd, vectors.data(), count, offset + outcome.written);
    if (written == -EINTR) continue;
    if (written <= 0) {
      outcome.error = written < 0 ? static_cast<int>(-written) : EIO;  // a disk that takes nothing is broken
      return outcome;
    }
    outcome.written += static_cast<std::uint64_t>(written);
    cursor.advance(static_cast<std::uint64_t>(written));
  }
}

}  // namespace ottla
