#include "record/compression/block_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/slice.h"

namespace ottla::record {
namespace {

using testing::ElementsAre;

// The chain of `pieces`, cut into blocks of four.
std::vector<std::string> blocks(std::initializer_list<std::string_view> pieces) {
  Chain chain;
  for (const std::string_view piece : pieces) chain.append(Slice::copy_of(piece));
  std::array<std::byte, 4> buffer;
  std::vector<std::string> all;
  BlockReader reader(chain, buffer);
  for (auto block = reader.next(); !block.empty(); block = reader.next())
    all.emplace_back(reinterpret_cast<const char*>(block.data()), block.size());
  return all;
}

TEST(BlockReader, cuts_what_lies_in_one_piece) {
  EXPECT_THAT(blocks({"abcdefghij"}), ElementsAre("abcd", "efgh", "ij"));
  EXPECT_THAT(blocks({"abcdefgh"}), ElementsAre("abcd", "efgh"));
  EXPECT_THAT(blocks({}), ElementsAre());
}

TEST(BlockReader, joins_what_straddles) {
  EXPECT_THAT(blocks({"a", "b", "c", "d", "e"}), ElementsAre("abcd", "e"));
  EXPECT_THAT(blocks({"abc", "defghijkl", "m"}), ElementsAre("abcd", "efgh", "ijkl", "m"));
  EXPECT_THAT(blocks({"abcd", "efgh"}), ElementsAre("abcd", "efgh"));
  EXPECT_THAT(blocks({"abcdef", "g"}), ElementsAre("abcd", "efg"));
}

TEST(BlockReader, copies_only_what_straddles) {
  const Slice piece = Slice::copy_of("abcdefgh");
  std::array<std::byte, 4> buffer;
  Chain chain(piece);
  chain.append(Slice::copy_of("i"));
  BlockReader reader(chain, buffer);
  EXPECT_EQ(reader.next().data(), piece.data());
  EXPECT_EQ(reader.next().data(), piece.data() + 4);
}

}  // namespace
}  // namespace ottla::record
