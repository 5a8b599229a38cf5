#include "base/crc32c.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/cpu.h"
#include "base/crc32.h"

namespace ottla {
namespace {

using Bytes = std::vector<std::byte>;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

Bytes random_bytes(std::size_t size, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Bytes out(size);
  for (std::byte& byte : out) byte = static_cast<std::byte>(random());
  return out;
}

// One bit at a time: the definition.
std::uint32_t by_definition(std::span<const std::byte> bytes, std::uint32_t polynomial) {
  std::uint32_t state = 0xffffffff;
  for (const std::byte byte : bytes) {
    state ^= static_cast<std::uint32_t>(byte);
    for (int bit = 0; bit < 8; ++bit) state = (state >> 1) ^ ((state & 1) != 0 ? polynomial : 0);
  }
  return ~state;
}

constexpr std::uint32_t kCastagnoli = 0x82f63b78;
constexpr std::uint32_t kZlib = 0xedb88320;

// Runs at every level that this processor has.
class Crc32c : public testing::TestWithParam<CpuLevel> {
 protected:
  void SetUp() override { set_cpu_level(GetParam()); }
  void TearDown() override { set_cpu_level(detect_cpu_level()); }
};

std::vector<CpuLevel> levels() {
  std::vector<CpuLevel> out{CpuLevel::portable};
  if (detect_cpu_level() >= CpuLevel::crc) out.push_back(CpuLevel::crc);
  return out;
}

INSTANTIATE_TEST_SUITE_P(Levels, Crc32c, testing::ValuesIn(levels()),
                         [](const auto& level) { return std::string(name_of(level.param)); });

TEST_P(Crc32c, KnownValues) {
  EXPECT_EQ(crc32c({}), 0U);
  EXPECT_EQ(crc32c(bytes_of("abc")), 0x364b3fb7U);
  EXPECT_EQ(crc32c(bytes_of("123456789")), 0xe3069283U);
  EXPECT_EQ(crc32c(Bytes(32, std::byte{0})), 0x8a9136aaU);  // RFC 3720, B.4
  EXPECT_EQ(crc32c(Bytes(32, std::byte{0xff})), 0x62a8ab43U);
}

TEST_P(Crc32c, AgreesWithTheDefinitionAtEverySize) {
  const Bytes bytes = random_bytes(1600, 7);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto part = std::span(bytes).first(size);
    ASSERT_EQ(crc32c(part), by_definition(part, kCastagnoli)) << size;
  }
}

TEST_P(Crc32c, AgreesWithTheDefinitionAroundRounds) {
  const Bytes bytes = random_bytes(20000, 8);
  for (const std::size_t size : std::initializer_list<std::size_t>{767, 768, 769, 6143, 6144, 6145, 6911,
                                                                   6912, 6920, 12288, 13063, 20000}) {
    const auto part = std::span(bytes).last(size);
    ASSERT_EQ(crc32c(part), by_definition(part, kCastagnoli)) << size;
  }
}

TEST_P(Crc32c, AddressDoesNotMatter) {
  const Bytes bytes = random_bytes(7000, 9);
  for (std::size_t offset = 0; offset < 9; ++offset) {
    const auto part = std::span(bytes).subspan(offset, 6500);
    ASSERT_EQ(crc32c(part), by_definition(part, kCastagnoli)) << offset;
  }
}

TEST_P(Crc32c, ExtendContinues) {
  const Bytes bytes = random_bytes(9000, 10);
  const std::uint32_t whole = crc32c(bytes);
  for (const std::size_t head : std::initializer_list<std::size_t>{0, 1, 7, 8, 100, 768, 6144, 8999, 9000}) {
    const auto tail = std::span(bytes).subspan(head);
    EXPECT_EQ(crc32c_extend(crc32c(std::span(bytes).first(head)), tail), whole);
    EXPECT_EQ(crc32c_combine(crc32c(std::span(bytes).first(head)), crc32c(tail), tail.size()), whole);
  }
}

TEST(CpuLevel, IsNeverBeyondTheProcessor) {
  set_cpu_level(CpuLevel::crc);
  EXPECT_EQ(cpu_level(), detect_cpu_level());
  set_cpu_level(CpuLevel::portable);
  EXPECT_EQ(cpu_level(), CpuLevel::portable);
  set_cpu_level(detect_cpu_level());
}

TEST(Crc32, KnownValues) {
  EXPECT_EQ(crc32({}), 0U);
  EXPECT_EQ(crc32(bytes_of("123456789")), 0xcbf43926U);
  const Bytes bytes = random_bytes(1000, 11);
  EXPECT_EQ(crc32(bytes), by_definition(bytes, kZlib));
}

TEST(Crc32, ExtendContinues) {
  EXPECT_EQ(crc32_extend(crc32(bytes_of("12345")), bytes_of("6789")), 0xcbf43926U);
  EXPECT_EQ(crc32_extend(5, {}), 5U);
}

}  // namespace
}  // namespace ottla
