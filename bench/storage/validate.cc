#include <lz4frame.h>
#include <zstd.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/crc32c.h"
#include "base/exclusive_bytes.h"
#include "base/slice.h"
#include "bench/batches.h"
#include "bench/storage/rows.h"
#include "record/batch_layout.h"
#include "record/compression/codec_pool.h"
#include "record/validator.h"

namespace ottla::bench {
namespace {

using namespace record;

constexpr std::size_t kBatch = 128 * 1024;
constexpr std::size_t kRecord = 1024;
constexpr double kMeasuredNs = 100e6;

// Plain gigabytes a second of CPU time.
template <typename Round>
double speed_of(std::size_t plain_bytes, Round round) {
  double spent = 0;
  double rounds = 0;
  const double start = thread_cpu_ns();
  do {
    for (int i = 0; i < 32; ++i) round();
    rounds += 32;
    spent = thread_cpu_ns() - start;
  } while (spent < kMeasuredNs);
  return static_cast<double>(plain_bytes) * rounds / spent;
}

// The same frame again and again, its header as the producer sent it.
double our_speed(Compression codec, std::size_t plain_bytes) {
  const Slice sent = make_batch(kBatch, kRecord, codec);
  const Slice frame = Slice::copy_of(sent.as_span());
  CodecPool codecs;
  Validator validator(codecs, heap_buffers());
  AppendPlace place{.now_ms = 1'700'000'000'500};
  return speed_of(plain_bytes, [&] {
    ExclusiveBytes batch(frame);
    std::copy_n(sent.data(), kRecordsAt, batch.span().data());
    const auto verdict = validator.validate(std::move(batch), {}, place);
    check(verdict.has_value(), "a batch was refused");
    place.next_offset = verdict->last_offset + 1;
  });
}

// The checksum, and the library's own way through the whole block into a buffer that fits.
double bare_speed(Compression codec, std::size_t plain_bytes) {
  const Slice batch = make_batch(kBatch, kRecord, codec);
  const std::span<const std::byte> packed = batch.as_span().subspan(kRecordsAt);
  std::vector<std::byte> plain(plain_bytes);
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> zstd(ZSTD_createDCtx(), ZSTD_freeDCtx);
  LZ4F_dctx* lz4 = nullptr;
  check(LZ4F_createDecompressionContext(&lz4, LZ4F_VERSION) == 0, "lz4");
  const std::unique_ptr<LZ4F_dctx, decltype(&LZ4F_freeDecompressionContext)> owner(
      lz4, LZ4F_freeDecompressionContext);
  std::size_t checksums = 0;
  const double speed = speed_of(plain_bytes, [&] {
    checksums += crc32c(batch.as_span().subspan(kAttributesAt));
    std::size_t in = packed.size();
    std::size_t out = plain.size();
    if (codec == Compression::zstd) {
      out = ZSTD_decompressDCtx(zstd.get(), plain.data(), plain.size(), packed.data(), in);
      check(ZSTD_isError(out) == 0, "zstd");
    } else {
      check(LZ4F_decompress(lz4, plain.data(), &out, packed.data(), &in, nullptr) == 0, "lz4");
    }
  });
  check(checksums != 1, "checksums");
  return speed;
}

}  // namespace

void validate_rows(Report& report, int pairs) {
  const std::size_t plain = make_batch(kBatch, kRecord).size();
  report.add(measure(
      "validate 128 KiB of 1 KiB records: none", "GB/CPU-s", pairs,
      [plain] { return our_speed(Compression::none, plain); }, Goal::value_at_least(10)));
  const std::pair<const char*, Compression> kCodecs[] = {{"lz4", Compression::lz4},
                                                         {"zstd", Compression::zstd}};
  for (const auto& [name, codec] : kCodecs) {
    report.add(measure_pairs(
        std::string("validate, ") + name + " / checksum and bare decompressor", "GB/CPU-s", pairs,
        [codec, plain] { return our_speed(codec, plain); },
        [codec, plain] { return bare_speed(codec, plain); }, Goal::ratio_at_least(0.9)));
  }
}

}  // namespace ottla::bench
