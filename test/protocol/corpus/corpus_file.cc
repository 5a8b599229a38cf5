#include "test/protocol/corpus/corpus_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "base/budget.h"
#include "base/chain.h"
#include "base/crc32c.h"
#include "base/error.h"
#include "base/hex.h"
#include "base/invariant.h"
#include "base/result.h"
#include "base/slice.h"
#include "protocol/codec.h"
#include "protocol/json.h"
#include "protocol/schema.h"
#include "protocol/testing/every_message.h"
#include "protocol/testing/random_message.h"

namespace ottla::protocol {
namespace {

constexpr std::size_t kWantedBytes = 160;
constexpr std::uint64_t kTries = 20;
constexpr std::uint64_t kRandomLines = 3;

std::string encoded(const MessageInfo& message, std::int16_t version, const void* data) {
  const Encodable part(message, data, version);
  const auto chain = encode(std::span(&part, 1), Prefix::none);
  OTTLA_INVARIANT(chain.ok(), "a message of the corpus cannot be encoded", chain.error().to_string());
  return std::string(chain->flatten().as_string_view());
}

CorpusLine line_of(const MessageInfo& message, std::int16_t version, const void* data) {
  return {.message = message.name,
          .version = version,
          .checksum = corpus_checksum(message, version, data),
          .bytes = encoded(message, version, data)};
}

// Of several: the longest that is short enough, or else the shortest.
CorpusLine random_line(const MessageInfo& message, std::int16_t version, std::uint64_t seed, Arena& arena) {
  const auto rank = [](const CorpusLine& line) {
    const std::size_t size = line.bytes.size();
    return size <= kWantedBytes ? kWantedBytes - size : size;
  };
  CorpusLine best;
  for (std::uint64_t i = 0; i < kTries; ++i) {
    arena.reset();
    std::byte* data = new_message(message, arena);
    RandomMessages(seed + i, arena, {.large_values = false, .most_elements = 2, .most_bytes = 1024})
        .fill(message, version, data);
    CorpusLine line = line_of(message, version, data);
    if (i == 0 || rank(line) < rank(best)) best = std::move(line);
  }
  return best;
}

template <typename T>
bool read_number(std::string_view text, T& value, int base) {
  const auto done = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return done.ec == std::errc() && done.ptr == text.data() + text.size();
}

}  // namespace

Result<CorpusLine> parse_corpus_line(std::string_view line) {
  CorpusLine parsed;
  std::istringstream words{std::string(line)};
  std::string version, checksum, hex, more;
  const bool complete = static_cast<bool>(words >> parsed.message >> version >> checksum >> hex);
  if (!complete || words >> more) return Error(Errc::malformed, "four words are expected");
  if (!read_number(version, parsed.version, 10) || !read_number(checksum, parsed.checksum, 16))
    return Error(Errc::malformed, "a version and a checksum are expected");
  if (hex == "-") return parsed;
  OTTLA_TRY(parsed.bytes, hex_decode(hex));
  return parsed;
}

std::string to_text(const CorpusLine& line) {
  const std::string hex =
      line.bytes.empty() ? "-" : hex_encode(std::as_bytes(std::span(line.bytes.data(), line.bytes.size())));
  return fmt::format("{} {} {:08x} {}\n", line.message, line.version, line.checksum, hex);
}

Result<std::vector<CorpusLine>> read_corpus_file(const std::string& path) {
  std::ifstream file(path);
  std::vector<CorpusLine> lines;
  int number = 0;
  for (std::string text; std::getline(file, text);) {
    ++number;
    if (text.empty() || text.starts_with('#')) continue;
    auto line = parse_corpus_line(text);
    if (!line.ok()) return std::move(line).error().with_context(fmt::format("{}:{}", path, number));
    lines.push_back(*std::move(line));
  }
  return lines;
}

std::uint32_t corpus_checksum(const MessageInfo& message, std::int16_t version, const void* data) {
  std::string json;
  append_json(json, message, version, data, kWholeJson);
  return crc32c(std::as_bytes(std::span(json)));
}

std::vector<CorpusLine> new_corpus_lines(const MessageInfo& message, std::int16_t version) {
  Budget budget("corpus", std::size_t{16} << 20U);
  Arena arena(budget);
  std::vector<CorpusLine> lines = {line_of(message, version, new_message(message, arena))};
  const std::uint64_t seed = crc32c(std::as_bytes(std::span(std::string_view(message.name))));
  for (std::uint64_t i = 0; i < kRandomLines; ++i) {
    CorpusLine line = random_line(message, version, seed + i * kTries, arena);
    const bool stands = std::ranges::find(lines, line.bytes, &CorpusLine::bytes) != lines.end();
    if (!stands) lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace ottla::protocol
