// storage_codecs [--seed N] [--count N]: our codecs against the reference's, which answer on standard input and
// output. Blocks of each side are read by the other; blocks that are broken are refused by both, or mean the same
// to both. `run` starts the two ends.
#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/slice.h"
#include "record/compression/codec_pool.h"
#include "record/compression/compressor.h"
#include "record/compression/decompressor.h"
#include "test/storage/codecs/mangle.h"
#include "test/storage/codecs/reference.h"

namespace ottla::codecs {
namespace {

using record::Compression;
using record::Lz4HeaderChecksum;

constexpr std::int32_t kMost = 8 << 20;
constexpr Compression kCodecs[] = {Compression::gzip, Compression::snappy, Compression::lz4,
                                   Compression::zstd};

std::string_view name_of(Compression compression) {
  static constexpr std::string_view kNames[] = {"none", "gzip", "snappy", "lz4", "zstd"};
  return kNames[static_cast<std::size_t>(compression)];
}

std::string plain_text(std::string_view kind, std::size_t size) {
  static constexpr std::string_view kWords[] = {"order", "customer", "amount", "EUR", "shipped", "north"};
  Draw draw(size);
  std::string text;
  if (kind == "zeroes") text.resize(size);
  while (text.size() < size) {
    if (kind == "noise") {
      text.push_back(static_cast<char>(draw(256)));
    } else {
      text += kWords[draw(std::size(kWords))];
      text += fmt::format("{}", draw(5000));
    }
  }
  text.resize(size);
  return text;
}

class Comparison {
 public:
  void compare_levels();
  void compare_whole(Compression compression);
  void compare_broken(Compression compression);
  void compare_random(Compression compression, std::uint64_t seed, int count);
  void compare_magic_0();
  bool close() const;

 private:
  struct Ours {
    bool ok = false;
    std::string name;  // of the error
    std::string text;  // all that came
  };

  Ours read(Compression compression, std::string_view block, Lz4HeaderChecksum checksum);
  void expect(bool right, std::string_view what);
  void expect_same(Compression compression, const std::vector<Mangled>& all);
  void expect_same(Compression compression, const Mangled& mangled, const Answer& theirs);
  std::string reference_block(Compression compression, std::size_t size);

  Reference reference_;
  record::CodecPool pool_;
  std::size_t passed_ = 0;
  std::size_t failed_ = 0;
  std::size_t read_by_both_ = 0;
  std::size_t known_ = 0;
  std::size_t unnoticed_ = 0;
};

void Comparison::expect(bool right, std::string_view what) {
  constexpr std::size_t kPrinted = 40;
  ++(right ? passed_ : failed_);
  if (!right && failed_ <= kPrinted) fmt::print(stderr, "FAILED {}\n", what);
}

Comparison::Ours Comparison::read(Compression compression, std::string_view block,
                                  Lz4HeaderChecksum checksum = Lz4HeaderChecksum::checked) {
  Ours ours;
  auto plain = record::Decompressor::open(pool_, compression, std::as_bytes(std::span(block)),
                                          {.max_output = kMost}, checksum);
  if (!plain.ok()) return {.name = plain.error().to_string(), .text = {}};
  for (;;) {
    const auto run = plain->next();
    ours.ok = run.ok();
    if (!run.ok()) ours.name = run.error().to_string();
    if (!run.ok() || run->empty()) return ours;
    ours.text.append(reinterpret_cast<const char*>(run->data()), run->size());
  }
}

void Comparison::compare_levels() {
  for (const Compression compression : {Compression::gzip, Compression::lz4, Compression::zstd}) {
    const auto levels = record::levels_of(compression).value();
    const std::string ours = fmt::format("{} {} {}", levels.least, levels.most, levels.usual);
    const std::string theirs = reference_.answer_to({'l', compression}).text;
    expect(ours == theirs,
           fmt::format("levels of {}: {}, the reference's {}", name_of(compression), ours, theirs));
  }
}

void Comparison::compare_whole(Compression compression) {
  const auto levels = record::levels_of(compression);
  const int usual = record::default_level(compression);
  const int least = levels ? std::max(levels->least, -5) : usual;
  const int most = levels ? levels->most : usual;
  for (const std::string_view kind : {"records", "noise", "zeroes"}) {
    for (const std::size_t size : {0u, 1u, 17u, 1000u, 32768u, 32769u, 65536u, 65537u, 131072u, 3000000u}) {
      const std::string plain = plain_text(kind, size);
      for (const int level : {usual, least, most}) {
        if (level != usual && size > 1000000) continue;  // seconds, and nothing new
        const std::string what =
            fmt::format("{} level {}: {} bytes of {}", name_of(compression), level, size, kind);
        const auto block =
            record::compress(pool_, {compression, level}, std::as_bytes(std::span(plain))).value();
        const Answer theirs = reference_.answer_to({'d', compression, kMost, block.as_string_view()});
        expect(theirs.ok() && theirs.text == plain, fmt::format("{}: the reference reads ours ({})", what,
                                                                theirs.ok() ? "other bytes" : theirs.text));
        const Answer made = reference_.answer_to({'c', compression, level, plain});
        const Ours ours = read(compression, made.text);
        expect(made.ok() && ours.ok && ours.text == plain,
               fmt::format("{}: we read the reference's ({})", what, ours.ok ? "other bytes" : ours.name));
      }
    }
  }
}

std::string Comparison::reference_block(Compression compression, std::size_t size) {
  return reference_
      .answer_to({'c', compression, record::default_level(compression), plain_text("records", size)})
      .text;
}

void Comparison::expect_same(Compression compression, const std::vector<Mangled>& all) {
  for (const Mangled& each : all) reference_.ask({'d', compression, kMost, each.block});
  for (const Mangled& each : all) expect_same(compression, each, reference_.receive());
}

void Comparison::expect_same(Compression compression, const Mangled& mangled, const Answer& theirs) {
  const Ours ours = read(compression, mangled.block);
  // The reference's zstd is newer than Debian's and finds more of what is wrong with a block's own coding.
  if (compression == Compression::zstd && ours.ok &&
      (theirs.ok() ? theirs.text.size() == ours.text.size()
                   : theirs.text.ends_with("Data corruption detected")) &&
      theirs.text != ours.text) {
    ++unnoticed_;
    return;
  }
  // A later zstd frame that is cut off: the reference takes what came for all there is. So does Java before 24 with
  // a later gzip member of less than 19 bytes. We refuse both.
  if ((compression == Compression::zstd || compression == Compression::gzip) && theirs.ok() &&
      ours.name.starts_with("truncated") &&
      (theirs.text.starts_with(ours.text) || ours.text.starts_with(theirs.text))) {
    ++known_;
    return;
  }
  if (ours.ok && theirs.ok()) ++read_by_both_;
  expect(ours.ok == theirs.ok() && (!ours.ok || ours.text == theirs.text),
         fmt::format("{}, {}: ours {}, the reference's {}", name_of(compression), mangled.how,
                     ours.ok ? fmt::format("{} bytes", ours.text.size()) : ours.name,
                     theirs.ok() ? fmt::format("{} bytes", theirs.text.size()) : theirs.text));
}

void Comparison::compare_broken(Compression compression) {
  const std::string block = reference_block(compression, 100);
  expect_same(compression, mangled(block, reference_block(compression, 60)));
  expect_same(compression, headers(compression, block));
}

void Comparison::compare_random(Compression compression, std::uint64_t seed, int count) {
  Draw draw(seed);
  const std::string block = reference_block(compression, 100000);
  std::vector<Mangled> all;
  for (int i = 0; i < count; ++i) all.push_back(at_random(block, draw));
  expect_same(compression, all);
}

// The header's checksum over the wrong bytes, and over the right ones: neither is looked at.
void Comparison::compare_magic_0() {
  std::string block = reference_block(Compression::lz4, 1000);
  for (int i = 0; i < 256; ++i, ++block[6]) {
    const Answer theirs = reference_.answer_to({'0', Compression::lz4, kMost, block});
    const Ours ours = read(Compression::lz4, block, Lz4HeaderChecksum::ignored);
    expect(theirs.ok() && ours.ok && ours.text == theirs.text && !ours.text.empty(), "lz4 of magic 0");
  }
}

bool Comparison::close() const {
  fmt::print(stderr,
             "{} broken blocks were read by both alike; {} cut ends were noticed by us alone, {} errors "
             "found by the "
             "reference's newer zstd alone\n",
             read_by_both_, known_, unnoticed_);
  fmt::print(stderr, "{} passed, {} failed\n", passed_, failed_);
  return failed_ == 0;
}

template <typename T>
T number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    give_up(fmt::format("'{}' is no number", text));
  return value;
}

int run(std::span<char*> arguments) {
  std::uint64_t seed = 1;
  int count = 1500;
  for (std::size_t i = 0; i + 1 < arguments.size(); i += 2) {
    const std::string_view name = arguments[i];
    if (name == "--seed") {
      seed = number<std::uint64_t>(arguments[i + 1]);
    } else if (name == "--count") {
      count = number<int>(arguments[i + 1]);
    } else {
      give_up(fmt::format("'{}'? --seed and --count are known", name));
    }
  }
  Comparison comparison;
  comparison.compare_levels();
  for (const Compression compression : kCodecs) {
    comparison.compare_whole(compression);
    comparison.compare_broken(compression);
    comparison.compare_random(compression, seed, count);
  }
  comparison.compare_magic_0();
  return comparison.close() ? 0 : 1;
}

}  // namespace
}  // namespace ottla::codecs

int main(int count, char** arguments) {
  return ottla::codecs::run(std::span(arguments, static_cast<std::size_t>(count)).subspan(1));
}
