// Members one after the other, as java.util.zip.GZIPInputStream reads them.
#define ZLIB_CONST  // so that what zlib only reads may be const
#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>
#include <utility>

#include "base/crc32.h"
#include "base/error.h"
#include "base/invariant.h"
#include "record/compression/decoder.h"
#include "record/compression/gzip_member.h"
#include "record/compression/little_endian.h"
#include "record/compression/workspace.h"

namespace ottla::record {
namespace {

using namespace gzip_member;

constexpr std::size_t kRun = std::size_t{64} << 10;
constexpr std::size_t kInflateMemory = std::size_t{48} << 10;  // its state and its window, by zlib's zconf.h

Error ends_early() {
  return Error(Errc::truncated, "the gzip member ends early");
}

class GzipDecoder final : public Decoder {
 public:
  GzipDecoder() {
    if (inflateInit2(&stream_, kWindowBits) != Z_OK) throw std::bad_alloc();
  }
  ~GzipDecoder() override { inflateEnd(&stream_); }

  Result<void> begin(std::span<const std::byte> compressed, Lz4HeaderChecksum) override {
    rest_ = compressed;
    return begin_member();
  }
  Result<std::span<const std::byte>> next(std::uint64_t left) override;
  std::size_t memory() const override { return sizeof(*this) + kInflateMemory + window_.size(); }

 private:
  Result<void> begin_member();
  Result<void> end_member();

  z_stream stream_{};  // refers to itself inside: stays where it is
  std::span<const std::byte> rest_;
  std::uint32_t crc_ = 0;   // of the member's plain bytes so far
  std::uint32_t size_ = 0;  // of the same, modulo 2^32
  bool ended_ = false;
  Workspace window_;
};

// The header's size.
class HeaderReader {
 public:
  explicit HeaderReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  Result<std::size_t> read() {
    if (bytes_.size() < kShortestHeader) return ends_early();
    if (load_little_endian<std::uint16_t>(bytes_.data()) != kMemberMagic) {
      return Error(Errc::malformed, "not a gzip member: wrong magic");
    }
    if (std::to_integer<unsigned>(bytes_[kMethodAt]) != kDeflated) {
      return Error(Errc::unsupported, "gzip member of an unknown method");
    }
    const auto flags = std::to_integer<unsigned>(bytes_[kFlagsAt]);
    at_ = kShortestHeader;
    if ((flags & kExtra) != 0) {
      OTTLA_TRY(const std::uint16_t length, number());
      if (bytes_.size() - at_ < length) return ends_early();
      at_ += length;
    }
    if ((flags & kName) != 0) OTTLA_CHECK(skip_text());
    if ((flags & kComment) != 0) OTTLA_CHECK(skip_text());
    if ((flags & kHeaderCrc) != 0) {
      const auto wanted = static_cast<std::uint16_t>(crc32(bytes_.first(at_)));
      OTTLA_TRY(const std::uint16_t crc, number());
      if (crc != wanted) return Error(Errc::corrupt, "gzip header fails its checksum");
    }
    return at_;
  }

 private:
  Result<std::uint16_t> number() {
    if (bytes_.size() - at_ < 2) return ends_early();
    const auto value = load_little_endian<std::uint16_t>(bytes_.data() + at_);
    at_ += 2;
    return value;
  }
  Result<void> skip_text() {
    const auto rest = bytes_.subspan(at_);
    const auto end = std::ranges::find(rest, std::byte{0});
    if (end == rest.end()) return ends_early();
    at_ += static_cast<std::size_t>(end - rest.begin()) + 1;
    return {};
  }

  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
};

Result<void> GzipDecoder::begin_member() {
  OTTLA_TRY(const std::size_t header, HeaderReader(rest_).read());
  rest_ = rest_.subspan(header);
  crc_ = 0;
  size_ = 0;
  ended_ = false;
  const int reset = inflateReset(&stream_);
  OTTLA_INVARIANT(reset == Z_OK, "zlib refuses to begin again", reset);
  return {};
}

Result<void> GzipDecoder::end_member() {
  if (rest_.size() < kTrailer) return ends_early();
  const auto crc = load_little_endian<std::uint32_t>(rest_.data());
  const auto size = load_little_endian<std::uint32_t>(rest_.data() + 4);
  if (crc != crc_ || size != size_) return Error(Errc::corrupt, "gzip member fails its checksum");
  rest_ = rest_.subspan(kTrailer);
  // What is no member is nobody's, as in the reference; what begins as one must be whole. (Java before 24 does not
  // look for one in fewer than 19 bytes.)
  ended_ = !begin_member().ok();
  return {};
}

Result<std::span<const std::byte>> GzipDecoder::next(std::uint64_t) {
  const auto window = window_.room(kRun).first(kRun);
  std::size_t run = 0;
  while (run == 0 && !ended_) {
    const std::size_t given = std::min<std::size_t>(rest_.size(), std::numeric_limits<uInt>::max());
    stream_.next_in = reinterpret_cast<const Bytef*>(rest_.data());
    stream_.avail_in = static_cast<uInt>(given);
    stream_.next_out = reinterpret_cast<Bytef*>(window.data());
    stream_.avail_out = static_cast<uInt>(window.size());
    const int code = inflate(&stream_, Z_NO_FLUSH);
    rest_ = rest_.subspan(given - stream_.avail_in);
    run = window.size() - stream_.avail_out;
    crc_ = crc32_extend(crc_, window.first(run));
    size_ += static_cast<std::uint32_t>(run);
    if (code == Z_STREAM_END) {
      OTTLA_CHECK(end_member());
    } else if (code == Z_MEM_ERROR) {
      return Error(Errc::out_of_budget, "zlib found no memory");
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      return Error(Errc::malformed, "gzip member cannot be decoded");
    } else if (run == 0 && rest_.empty()) {
      return ends_early();
    }
  }
  return window.first(run);
}

}  // namespace

std::unique_ptr<Decoder> make_gzip_decoder() {
  return std::make_unique<GzipDecoder>();
}

}  // namespace ottla::record
