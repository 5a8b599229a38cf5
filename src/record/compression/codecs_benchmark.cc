// What Decompressor adds to the bare library, on a 128 KiB batch of 1 KiB records: bare_* has the whole block
// decoded by the library into memory that is there already, ours_* walks it run by run.
#include <benchmark/benchmark.h>
#include <lz4frame.h>
#include <snappy.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/slice.h"
#include "record/compression/codec_pool.h"
#include "record/compression/compressor.h"
#include "record/compression/decompressor.h"

namespace ottla::record {
namespace {

constexpr std::size_t kBatch = std::size_t{128} << 10;
constexpr std::size_t kRecord = 1024;

// What compresses by about the factor that JSON does (0) or as identifiers and numbers do (1).
std::string batch(bool dense) {
  static constexpr std::string_view kWords[] = {"order",  "customer", "created_at", "warehouse", "shipped",
                                                "amount", "currency", "pending",    "quantity",  "north"};
  static constexpr std::string_view kDigits =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-";
  std::uint64_t seed = 1;
  const auto draw = [&seed](std::size_t below) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::size_t>(seed >> 33) % below;
  };
  std::string all;
  while (all.size() < kBatch) {
    std::string record = "{";
    while (record.size() < kRecord) {
      record += "\"" + std::string(kWords[draw(std::size(kWords))]) + "\":\"";
      for (std::size_t i = 0; dense && i < 24; ++i) record += kDigits[draw(kDigits.size())];
      if (!dense) record += std::string(kWords[draw(std::size(kWords))]) + std::to_string(draw(100000));
      record += "\",";
    }
    all += record.substr(0, kRecord);
  }
  return all;
}

struct Case {
  Case(const benchmark::State& state, Compression compression)
      : plain(batch(state.range(0) != 0)),
        block(compress(pool, CompressionSpec(compression), std::as_bytes(std::span(plain))).value()) {}

  const char* data() const { return reinterpret_cast<const char*>(block.data()); }

  CodecPool pool;
  std::string plain;
  Slice block;
  std::string out = std::string(kBatch + 1024, '\0');
};

void report(benchmark::State& state, const Case& with) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kBatch));
  state.counters["ratio"] = static_cast<double>(kBatch) / static_cast<double>(with.block.size());
}

void check(benchmark::State& state, bool right) {
  if (!right) state.SkipWithError("the batch was not decoded");
}

void ours(benchmark::State& state, Compression compression) {
  Case with(state, compression);
  for (auto _ : state) {
    auto plain = Decompressor::open(with.pool, compression, with.block.as_span(), {.max_output = kBatch});
    for (;;) {
      const auto run = plain->next();
      if (!run.ok() || run->empty()) break;
      benchmark::DoNotOptimize(run->data());
    }
    check(state, plain->output() == kBatch);
  }
  report(state, with);
}

void ours_lz4(benchmark::State& state) {
  ours(state, Compression::lz4);
}
void ours_zstd(benchmark::State& state) {
  ours(state, Compression::zstd);
}
void ours_snappy(benchmark::State& state) {
  ours(state, Compression::snappy);
}
void ours_gzip(benchmark::State& state) {
  ours(state, Compression::gzip);
}

void bare_lz4(benchmark::State& state) {
  Case with(state, Compression::lz4);
  LZ4F_dctx* context = nullptr;
  LZ4F_createDecompressionContext(&context, LZ4F_VERSION);
  for (auto _ : state) {
    std::size_t out = kBatch;
    std::size_t in = with.block.size();
    LZ4F_resetDecompressionContext(context);
    check(state,
          LZ4F_decompress(context, with.out.data(), &out, with.data(), &in, nullptr) == 0 && out == kBatch);
  }
  LZ4F_freeDecompressionContext(context);
  report(state, with);
}

void bare_zstd(benchmark::State& state) {
  Case with(state, Compression::zstd);
  ZSTD_DCtx* context = ZSTD_createDCtx();
  for (auto _ : state) {
    check(state,
          ZSTD_decompressDCtx(context, with.out.data(), kBatch, with.data(), with.block.size()) == kBatch);
  }
  ZSTD_freeDCtx(context);
  report(state, with);
}

// One block of the whole batch, as other clients than Java's make them.
void bare_snappy(benchmark::State& state) {
  Case with(state, Compression::snappy);
  std::string block;
  snappy::Compress(with.plain.data(), with.plain.size(), &block);
  for (auto _ : state) check(state, snappy::RawUncompress(block.data(), block.size(), with.out.data()));
  report(state, with);
}

void bare_gzip(benchmark::State& state) {
  Case with(state, Compression::gzip);
  z_stream stream{};
  inflateInit2(&stream, 31);
  for (auto _ : state) {
    inflateReset(&stream);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(with.block.data()));
    stream.avail_in = static_cast<uInt>(with.block.size());
    stream.next_out = reinterpret_cast<Bytef*>(with.out.data());
    stream.avail_out = static_cast<uInt>(with.out.size());
    check(state, inflate(&stream, Z_FINISH) == Z_STREAM_END);
  }
  inflateEnd(&stream);
  report(state, with);
}

BENCHMARK(bare_lz4)->Arg(0)->Arg(1);
BENCHMARK(ours_lz4)->Arg(0)->Arg(1);
BENCHMARK(bare_zstd)->Arg(0)->Arg(1);
BENCHMARK(ours_zstd)->Arg(0)->Arg(1);
BENCHMARK(bare_snappy)->Arg(0)->Arg(1);
BENCHMARK(ours_snappy)->Arg(0)->Arg(1);
BENCHMARK(bare_gzip)->Arg(0)->Arg(1);
BENCHMARK(ours_gzip)->Arg(0)->Arg(1);

void make(benchmark::State& state, Compression compression) {
  Case with(state, compression);
  for (auto _ : state) {
    const auto block =
        compress(with.pool, CompressionSpec(compression), std::as_bytes(std::span(with.plain)));
    benchmark::DoNotOptimize(block->data());
  }
  report(state, with);
}
void make_lz4(benchmark::State& state) {
  make(state, Compression::lz4);
}
void make_zstd(benchmark::State& state) {
  make(state, Compression::zstd);
}
void make_snappy(benchmark::State& state) {
  make(state, Compression::snappy);
}
void make_gzip(benchmark::State& state) {
  make(state, Compression::gzip);
}
BENCHMARK(make_lz4)->Arg(0)->Arg(1);
BENCHMARK(make_zstd)->Arg(0)->Arg(1);
BENCHMARK(make_snappy)->Arg(0)->Arg(1);
BENCHMARK(make_gzip)->Arg(0)->Arg(1);

}  // namespace
}  // namespace ottla::record
