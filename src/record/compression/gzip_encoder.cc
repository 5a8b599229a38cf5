// One member, with nothing in its header that could be left out.
#define ZLIB_CONST  // so that what zlib only reads may be const
#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <new>

#include "base/crc32.h"
#include "base/error.h"
#include "base/invariant.h"
#include "record/compression/encoder.h"
#include "record/compression/gzip_member.h"
#include "record/compression/little_endian.h"
#include "record/compression/workspace.h"

namespace ottla::record {
namespace {

using namespace gzip_member;

constexpr int kMemory = 8;                                      // zlib's usual
constexpr std::size_t kDeflateMemory = std::size_t{272} << 10;  // its state with that, by zlib's zconf.h
constexpr std::size_t kLeastRoom = 64;
constexpr std::byte kUnknownSystem{255};

class GzipEncoder final : public Encoder {
 public:
  GzipEncoder() {
    const int code =
        deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kWindowBits, kMemory, Z_DEFAULT_STRATEGY);
    if (code != Z_OK) throw std::bad_alloc();
  }
  ~GzipEncoder() override { deflateEnd(&stream_); }

  Result<std::span<const std::byte>> encode(const Chain& plain, int level) override;
  std::size_t memory() const override { return sizeof(*this) + kDeflateMemory + out_.size(); }

 private:
  void deflate_all(int flush);

  z_stream stream_{};  // refers to itself inside: stays where it is
  Workspace out_;
  std::size_t size_ = 0;  // of what is in out_
};

// All that zlib was given; with Z_FINISH, to the end.
void GzipEncoder::deflate_all(int flush) {
  for (;;) {
    const auto room = out_.grow(size_ + kLeastRoom, size_).subspan(size_);
    stream_.next_out = reinterpret_cast<Bytef*>(room.data());
    stream_.avail_out = static_cast<uInt>(std::min<std::size_t>(room.size(), UINT32_MAX));
    const std::size_t given = stream_.avail_out;
    const int code = deflate(&stream_, flush);
    size_ += given - stream_.avail_out;
    if (code == Z_STREAM_END) return;
    OTTLA_INVARIANT(code == Z_OK || code == Z_BUF_ERROR, "zlib refuses to deflate", code);
    if (flush == Z_NO_FLUSH && stream_.avail_in == 0 && stream_.avail_out != 0) return;
  }
}

Result<std::span<const std::byte>> GzipEncoder::encode(const Chain& plain, int level) {
  int code = deflateReset(&stream_);
  if (code == Z_OK) code = deflateParams(&stream_, level, Z_DEFAULT_STRATEGY);
  OTTLA_INVARIANT(code == Z_OK, "zlib refuses to begin again", code, level);
  const auto bound = deflateBound(&stream_, static_cast<uLong>(plain.size()));
  const auto header = out_.room(kShortestHeader + bound + kTrailer).first(kShortestHeader);
  std::ranges::fill(header, std::byte{0});
  store_little_endian(header.data(), kMemberMagic);
  header[kMethodAt] = static_cast<std::byte>(kDeflated);
  header[kHintsAt + 1] = kUnknownSystem;
  size_ = kShortestHeader;
  std::uint32_t crc = 0;
  for (std::size_t i = 0; i < plain.piece_count(); ++i) {
    const auto piece = plain.piece(i).slice()->as_span();
    crc = crc32_extend(crc, piece);
    stream_.next_in = reinterpret_cast<const Bytef*>(piece.data());
    stream_.avail_in = static_cast<uInt>(piece.size());  // the caller has seen to it that it fits
    deflate_all(Z_NO_FLUSH);
  }
  stream_.avail_in = 0;
  deflate_all(Z_FINISH);
  const auto whole = out_.grow(size_ + kTrailer, size_);
  store_little_endian(whole.data() + size_, crc);
  store_little_endian(whole.data() + size_ + 4, static_cast<std::uint32_t>(plain.size()));
  return whole.first(size_ + kTrailer);
}

}  // namespace

std::unique_ptr<Encoder> make_gzip_encoder() {
  return std::make_unique<GzipEncoder>();
}

}  // namespace ottla::record
