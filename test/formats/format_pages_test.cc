// The codecs read the worked examples of docs/format and write the same bytes again.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/budget.h"
#include "base/chain.h"
#include "base/error.h"
#include "base/hex.h"
#include "base/result.h"
#include "base/slice.h"
#include "protocol/codec.h"
#include "protocol/record_codec.h"
#include "protocol/registry.h"
#include "protocol/schema.h"
#include "test/formats/file_examples.h"

namespace ottla::protocol {
namespace {

// One block of a page: how its bytes are framed ("key", "value", "metadata", "versioned", "self-versioned" or
// "file"), of what, and the bytes.
struct Example {
  std::string framing;
  std::string name;
  std::int16_t type = -1;
  std::string hex;
};

// The bytes at the start of a line: up to two blanks.
std::string hex_of(std::string_view line) {
  std::string hex;
  for (const char each : line.substr(0, line.find("  "))) {
    if (each != ' ') hex += each;
  }
  return hex;
}

std::vector<Example> examples_of(const std::filesystem::path& page) {
  std::vector<Example> examples;
  std::ifstream file(page);
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("```hex ")) {
      std::istringstream words(line.substr(7));
      Example& example = examples.emplace_back();
      words >> example.framing >> example.name >> example.type;
      inside = true;
    } else if (line.starts_with("```")) {
      inside = false;
    } else if (inside) {
      examples.back().hex += hex_of(line);
    }
  }
  return examples;
}

class FormatPages : public testing::Test {
 protected:
  // The example's bytes after they were decoded and encoded again, or what went wrong.
  static std::string written_back(const Example& example) {
    const auto bytes = hex_decode(example.hex);
    if (!bytes.ok()) return "not hex";
    if (example.framing == "file") {
      const auto file = rewrite_file_example(example.name, *bytes);
      return file.ok() ? hex_encode(std::as_bytes(std::span(*file))) : file.error().to_string();
    }
    const auto opened = open(example, std::as_bytes(std::span(*bytes)));
    if (!opened.ok()) return opened.error().to_string();
    const StructureInfo& root = *opened->message->root;
    Budget budget("example", 1 << 20);
    Arena arena(budget);
    std::vector<std::max_align_t> room(root.size / sizeof(std::max_align_t) + 1);
    std::memcpy(room.data(), root.initial, root.size);
    const auto size =
        decode(*opened->message, {.bytes = opened->body, .version = opened->version}, &arena, room.data());
    if (!size.ok()) return size.error().to_string();
    const Encodable part(*opened->message, room.data(), opened->version);
    const auto encoded = encode(std::span(&part, 1), prefix_of(example.framing));
    return encoded.ok() ? hex_encode(encoded->clone().flatten().as_span()) : encoded.error().to_string();
  }

 private:
  static Result<EncodedMessage> open(const Example& example, std::span<const std::byte> bytes) {
    if (example.framing == "key") return open_coordinator_key(example.name, bytes);
    if (example.framing == "value") return open_coordinator_value(example.name, example.type, bytes);
    if (example.framing == "metadata") return open_metadata_record(example.name, bytes);
    const MessageInfo* message = find_message(example.name);
    if (message == nullptr || bytes.size() < 2) return Error(Errc::invalid_argument, "no such message");
    if (example.framing == "versioned") return open_versioned(*message, bytes);
    const auto version =
        static_cast<std::int16_t>((std::to_integer<int>(bytes[0]) << 8) | std::to_integer<int>(bytes[1]));
    return EncodedMessage{.message = message, .version = version, .body = bytes};
  }

  static Prefix prefix_of(std::string_view framing) {
    if (framing == "key") return Prefix::type;
    if (framing == "metadata") return Prefix::metadata;
    return framing == "self-versioned" ? Prefix::none : Prefix::version;
  }
};

TEST_F(FormatPages, EveryExampleIsReadAndWrittenAgain) {
  std::size_t pages = 0;
  for (const auto& page : std::filesystem::directory_iterator("docs/format")) {
    if (page.path().filename() == "README.md") continue;
    ++pages;
    const auto examples = examples_of(page.path());
    EXPECT_FALSE(examples.empty()) << page.path();
    for (const Example& example : examples) {
      EXPECT_EQ(written_back(example), example.hex)
          << page.path() << ": " << example.framing << " " << example.name;
    }
  }
  EXPECT_EQ(pages, 21U);
}

TEST_F(FormatPages, AnExampleThatIsWrongIsFound) {
  const Example sound = {.framing = "key", .name = "__consumer_offsets", .hex = "0002000167"};
  EXPECT_EQ(written_back(sound), sound.hex);
  Example cut = sound;
  cut.hex = "00020002";
  EXPECT_THAT(written_back(cut), testing::HasSubstr("truncated"));
  Example unknown = sound;
  unknown.hex = "0063000167";
  EXPECT_THAT(written_back(unknown), testing::HasSubstr("unsupported"));
}

}  // namespace
}  // namespace ottla::protocol
