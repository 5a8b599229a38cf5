#include "test/kv/frame_reader.h"

#include <cstring>

#include "base/endian.h"
#include "test/kv/message.h"

namespace ottla::kv {

Task<Result<std::span<const std::byte>>> FrameReader::next(Cancel cancel) {
  while (true) {
    OTTLA_CO_TRY(const std::size_t size, size_in_front());
    if (size != 0 && end_ - begin_ >= size) {
      const std::span frame(buffer_.data() + begin_ + kFrameHeader, size - kFrameHeader);
      begin_ += size;
      co_return frame;
    }
    if (begin_ != 0) {
      std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    if (size > buffer_.size()) buffer_.resize(size);
    OTTLA_CO_TRY(const std::size_t count, co_await stream_.read(std::span(buffer_).subspan(end_), cancel));
    end_ += count;
  }
}

Result<std::size_t> FrameReader::size_in_front() const {
  if (end_ - begin_ < kFrameHeader) return std::size_t{0};
  const std::size_t size = load_big_endian<std::uint32_t>(buffer_.data() + begin_);
  if (size == 0 || size > kMaxFrame) return Errc::malformed;
  return size + kFrameHeader;
}

}  // namespace ottla::kv
