#include "cli/dump_log/file_window.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/error.h"
#include "base/result.h"
#include "runtime/file.h"
#include "runtime/task.h"

namespace ottla::cli {

Task<Result<std::span<const std::byte>>> FileWindow::read(std::uint64_t offset, std::size_t size) {
  const std::span<const std::byte> there = at_hand(offset, size);
  if (there.size() == size) co_return there;
  const std::uint64_t end = file_.size();
  if (offset > end || size > end - offset) co_return Errc::truncated;
  begin_ = offset;
  bytes_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(std::max(size, kStep), end - offset)));
  std::size_t filled = 0;
  while (filled < bytes_.size()) {
    const Result<std::size_t> count =
        co_await file_.read_at(offset + filled, std::span(bytes_).subspan(filled));
    if (!count.ok() || *count == 0) {
      bytes_.resize(filled);
      if (!count.ok()) co_return count.error();
      break;  // it became shorter while it was read
    }
    filled += *count;
  }
  bytes_.resize(filled);
  if (filled < size) co_return Errc::truncated;
  co_return std::span<const std::byte>(bytes_).first(size);
}

}  // namespace ottla::cli
