// Frames one after the other; the library keeps the window and hands out runs.
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <new>
#include <string>
#include <utility>

#include "base/error.h"
#include "record/compression/decoder.h"
#include "record/compression/workspace.h"

namespace ottla::record {
namespace {

constexpr std::size_t kRun = std::size_t{64} << 10;

class ZstdDecoder final : public Decoder {
 public:
  ZstdDecoder() : context_(ZSTD_createDCtx()) {
    if (context_ == nullptr) throw std::bad_alloc();
  }
  ~ZstdDecoder() override { ZSTD_freeDCtx(context_); }

  Result<void> begin(std::span<const std::byte> compressed, Lz4HeaderChecksum) override {
    rest_ = compressed;
    between_frames_ = true;
    ZSTD_DCtx_reset(context_, ZSTD_reset_session_only);
    return {};
  }
  Result<std::span<const std::byte>> next(std::uint64_t left) override;
  std::size_t memory() const override { return sizeof(*this) + ZSTD_sizeof_DCtx(context_) + window_.size(); }

 private:
  ZSTD_DCtx* const context_;
  std::span<const std::byte> rest_;
  bool between_frames_ = true;
  Workspace window_;  // not the format's, which the context has
};

Error error_of(std::size_t code) {
  const auto with = [code](Errc errc) {
    return Error(errc, std::string("zstd: ") + ZSTD_getErrorName(code));
  };
  switch (ZSTD_getErrorCode(code)) {
    case ZSTD_error_checksum_wrong:
      return with(Errc::corrupt);
    case ZSTD_error_frameParameter_windowTooLarge:
      return with(Errc::too_large);
    case ZSTD_error_memory_allocation:
      return with(Errc::out_of_budget);
    case ZSTD_error_version_unsupported:
    case ZSTD_error_frameParameter_unsupported:
    case ZSTD_error_dictionary_wrong:
      return with(Errc::unsupported);
    default:
      return with(Errc::malformed);
  }
}

// A frame that says that it is too large is believed, before the library takes memory for it.
bool states_more_than(std::span<const std::byte> frame, std::uint64_t left) {
  const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  return size != ZSTD_CONTENTSIZE_UNKNOWN && size != ZSTD_CONTENTSIZE_ERROR && size > left;
}

Result<std::span<const std::byte>> ZstdDecoder::next(std::uint64_t left) {
  const auto window = window_.room(kRun).first(kRun);
  ZSTD_outBuffer out{.dst = window.data(), .size = window.size(), .pos = 0};
  // Frames may be empty, or say nothing at all (skippable ones); a full run may be followed by nothing but the
  // frame's end.
  while (out.pos < out.size) {
    if (between_frames_ && rest_.empty()) break;
    if (between_frames_ && states_more_than(rest_, left - std::min<std::uint64_t>(left, out.pos))) {
      return Error(Errc::too_large, "decompressed bytes go over the limit");
    }
    ZSTD_inBuffer in{.src = rest_.data(), .size = rest_.size(), .pos = 0};
    const std::size_t before = out.pos;
    const std::size_t hint = ZSTD_decompressStream(context_, &out, &in);
    if (ZSTD_isError(hint) != 0) return error_of(hint);
    rest_ = rest_.subspan(in.pos);
    between_frames_ = hint == 0;
    if (!between_frames_ && in.pos == 0 && out.pos == before) {
      return Error(Errc::truncated, "the zstd frame ends early");
    }
  }
  return window.first(out.pos);
}

}  // namespace

std::unique_ptr<Decoder> make_zstd_decoder() {
  return std::make_unique<ZstdDecoder>();
}

}  // namespace ottla::record
