// One frame that states its size, so that readers need no larger window than that.
#include <zstd.h>

#include <new>
#include <string>

#include "base/error.h"
#include "base/invariant.h"
#include "record/compression/encoder.h"
#include "record/compression/workspace.h"

namespace ottla::record {
namespace {

class ZstdEncoder final : public Encoder {
 public:
  ZstdEncoder() : context_(ZSTD_createCCtx()) {
    if (context_ == nullptr) throw std::bad_alloc();
  }
  ~ZstdEncoder() override { ZSTD_freeCCtx(context_); }

  Result<std::span<const std::byte>> encode(const Chain& plain, int level) override;
  std::size_t memory() const override { return sizeof(*this) + ZSTD_sizeof_CCtx(context_) + out_.size(); }

 private:
  Result<void> feed(std::span<const std::byte> piece, ZSTD_EndDirective directive);

  ZSTD_CCtx* const context_;
  Workspace out_;
  std::size_t size_ = 0;  // of what is in out_
};

Result<void> ZstdEncoder::feed(std::span<const std::byte> piece, ZSTD_EndDirective directive) {
  ZSTD_inBuffer in{.src = piece.data(), .size = piece.size(), .pos = 0};
  for (;;) {
    const auto room = out_.grow(size_ + 1, size_).subspan(size_);
    ZSTD_outBuffer out{.dst = room.data(), .size = room.size(), .pos = 0};
    const std::size_t left = ZSTD_compressStream2(context_, &out, &in, directive);
    if (ZSTD_isError(left) != 0) {
      return Error(Errc::out_of_budget, std::string("zstd: ") + ZSTD_getErrorName(left));
    }
    size_ += out.pos;
    if (directive == ZSTD_e_end ? left == 0 : in.pos == in.size) return {};
  }
}

Result<std::span<const std::byte>> ZstdEncoder::encode(const Chain& plain, int level) {
  ZSTD_CCtx_reset(context_, ZSTD_reset_session_only);
  ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setPledgedSrcSize(context_, plain.size());
  out_.room(ZSTD_compressBound(static_cast<std::size_t>(plain.size())));
  size_ = 0;
  const std::size_t count = plain.piece_count();
  for (std::size_t i = 0; i + 1 < count; ++i)
    OTTLA_CHECK(feed(plain.piece(i).slice()->as_span(), ZSTD_e_continue));
  OTTLA_CHECK(feed(count == 0 ? std::span<const std::byte>() : plain.piece(count - 1).slice()->as_span(),
                   ZSTD_e_end));
  return out_.all().first(size_);
}

}  // namespace

std::unique_ptr<Encoder> make_zstd_encoder() {
  return std::make_unique<ZstdEncoder>();
}

}  // namespace ottla::record
