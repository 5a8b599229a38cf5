#include "base/chain.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace ottla {
namespace {

// The shape of iovec.
struct Vector {
  void* iov_base;
  std::size_t iov_len;
};

// A file whose bytes repeat the alphabet, so that a range has a text to compare.
class AlphabetFile final : public RangeSource {
 public:
  AlphabetFile() : RangeSource(Kind::file) {}
  Range range(std::uint64_t offset, std::uint64_t length) {
    return Range(Claim<RangeSource>::share(this), offset, length);
  }
  static std::string text(const Range& range) {
    std::string out;
    for (std::uint64_t i = 0; i < range.size(); ++i) {
      out += static_cast<char>('a' + (range.offset() + i) % 26);
    }
    return out;
  }
  int times_unclaimed = 0;

 private:
  void unclaimed() noexcept override { ++times_unclaimed; }
};

Slice text(std::string_view bytes) {
  return Slice::copy_of(bytes);
}

// What the chain stands for, piece by piece: "ab|cd".
std::string pieces_of(const Chain& chain) {
  std::string out;
  for (std::size_t i = 0; i < chain.piece_count(); ++i) {
    if (i > 0) out += '|';
    if (const Slice* slice = chain.piece(i).slice()) out += slice->as_string_view();
    if (const Range* range = chain.piece(i).range()) out += '<' + AlphabetFile::text(*range) + '>';
  }
  return out;
}

Chain chain_of(std::initializer_list<std::string_view> parts) {
  Chain chain;
  for (const std::string_view part : parts) chain.append(text(part));
  return chain;
}

TEST(Chain, KeepsPiecesInOrder) {
  Chain chain = chain_of({"header", "body"});
  chain.prepend(text("size"));
  EXPECT_EQ(pieces_of(chain), "size|header|body");
  EXPECT_EQ(chain.size(), 14U);
  EXPECT_TRUE(chain.holds("sizeheaderbody"));
}

TEST(Chain, HoldsNoEmptyPiece) {
  AlphabetFile file;
  Chain chain{Slice()};
  chain.append(file.range(7, 0));
  chain.prepend(Slice());
  EXPECT_TRUE(chain.empty());
  EXPECT_EQ(chain.piece_count(), 0U);
}

TEST(Chain, AppendMovesPiecesWithoutCopy) {
  const Slice tail = text("tail");
  Chain chain = chain_of({"head"});
  chain.append(Chain(tail));
  EXPECT_EQ(chain.piece(1).slice()->data(), tail.data());
  EXPECT_EQ(pieces_of(chain), "head|tail");
}

TEST(Chain, AppendedChainIsLeftEmpty) {
  Chain tail = chain_of({"c", "d"});
  Chain chain = chain_of({"a", "b"});
  chain.append(std::move(tail));
  EXPECT_TRUE(tail.empty());
  EXPECT_EQ(tail.size(), 0U);
  EXPECT_EQ(pieces_of(chain), "a|b|c|d");
}

TEST(Chain, PrependKeepsTheOrderOfTheOther) {
  Chain chain = chain_of({"c"});
  chain.prepend(chain_of({"a", "b"}));
  EXPECT_EQ(pieces_of(chain), "a|b|c");
}

TEST(Chain, GrowsBeyondItsInlinePieces) {
  Chain chain;
  for (char c = 'a'; c <= 'z'; ++c) chain.append(text({&c, 1}));
  for (char c = '9'; c >= '0'; --c) chain.prepend(text({&c, 1}));
  EXPECT_EQ(chain.piece_count(), 36U);
  EXPECT_TRUE(chain.holds("0123456789abcdefghijklmnopqrstuvwxyz"));
}

TEST(Chain, SplitWithinAPiece) {
  Chain rest = chain_of({"abc", "def", "ghi"});
  const Chain front = rest.split_front(4);
  EXPECT_EQ(pieces_of(front), "abc|d");
  EXPECT_EQ(pieces_of(rest), "ef|ghi");
  EXPECT_EQ(front.size(), 4U);
  EXPECT_EQ(rest.size(), 5U);
}

TEST(Chain, SplitAtThePiecesEdges) {
  Chain chain = chain_of({"abc", "def"});
  EXPECT_TRUE(chain.split_front(0).empty());
  EXPECT_EQ(pieces_of(chain.split_front(3)), "abc");
  EXPECT_EQ(pieces_of(chain.split_front(3)), "def");
  EXPECT_TRUE(chain.empty());
}

TEST(Chain, SplitPartsJoinAgain) {
  Chain rest(text("one block"));
  Chain front = rest.split_front(3);
  front.append(std::move(rest));
  EXPECT_EQ(front.piece_count(), 1U);
  EXPECT_TRUE(front.holds("one block"));
  Chain tail = chain_of({"x"});
  Chain head = Chain(text("yz"));
  tail.prepend(std::move(head));
  EXPECT_EQ(pieces_of(tail), "yz|x");
}

TEST(Chain, PrependJoinsToo) {
  Slice rest = text("one block");
  Slice front = rest.split_front(3);
  Chain chain(rest);
  chain.prepend(front);
  EXPECT_EQ(pieces_of(chain), "one block");
  EXPECT_EQ(chain.size(), 9U);
}

TEST(Chain, ConsumeAcrossPieces) {
  Chain chain = chain_of({"abc", "def", "ghi"});
  chain.consume(5);
  EXPECT_EQ(pieces_of(chain), "f|ghi");
  chain.consume(4);
  EXPECT_TRUE(chain.empty());
}

TEST(Chain, ConsumedPiecesAreReleased) {
  Slice kept = text("abc");
  Chain chain(kept);
  chain.append(text("d"));
  chain.consume(3);
  EXPECT_EQ(kept.owner()->claims(), 1U);
}

TEST(Chain, RangesMixWithMemoryInOrder) {
  AlphabetFile file;
  Chain chain(text("size"));
  chain.append(file.range(1, 3));
  chain.append(text("tags"));
  EXPECT_EQ(pieces_of(chain), "size|<bcd>|tags");
  EXPECT_FALSE(chain.in_memory());
  EXPECT_FALSE(chain.holds("sizebcdtags"));
  chain.consume(5);
  EXPECT_EQ(pieces_of(chain), "<cd>|tags");
  EXPECT_EQ(pieces_of(chain.split_front(1)), "<c>");
  chain.consume(1);
  EXPECT_TRUE(chain.in_memory());
  EXPECT_TRUE(chain.holds("tags"));
}

TEST(Chain, RangesThatContinueJoin) {
  AlphabetFile file;
  AlphabetFile other;
  Chain chain(file.range(0, 2));
  chain.append(file.range(2, 2));
  chain.append(other.range(4, 1));
  chain.append(file.range(4, 1));
  chain.append(file.range(6, 1));
  EXPECT_EQ(pieces_of(chain), "<abcd>|<e>|<e>|<g>");
}

TEST(Chain, RangeSourceHearsOfItsLastClaim) {
  AlphabetFile file;
  Claim<RangeSource> mine = Claim<RangeSource>::adopt(&file);
  {
    const Chain chain(Range(mine, 0, 10));
    mine = nullptr;
    EXPECT_EQ(file.times_unclaimed, 0);
  }
  EXPECT_EQ(file.times_unclaimed, 1);
}

TEST(Chain, GatherStopsAtARange) {
  AlphabetFile file;
  Chain chain = chain_of({"ab", "cde"});
  chain.append(file.range(0, 9));
  chain.append(text("z"));
  std::array<Vector, 8> vectors{};
  const Chain::Gathered gathered = chain.gather(std::span(vectors));
  EXPECT_EQ(gathered.count, 2U);
  EXPECT_EQ(gathered.bytes, 5U);
  EXPECT_EQ(vectors[1].iov_base, chain.piece(1).slice()->data());
  EXPECT_EQ(vectors[1].iov_len, 3U);
}

TEST(Chain, GatherStopsWhenOutIsFull) {
  const Chain chain = chain_of({"a", "b", "c"});
  std::array<Vector, 2> vectors{};
  EXPECT_EQ(chain.gather(std::span(vectors)).bytes, 2U);
}

TEST(Chain, FlattenOfOnePieceIsThatPiece) {
  const Slice only = text("only");
  EXPECT_EQ(Chain(only).flatten().data(), only.data());
  EXPECT_EQ(chain_of({"on", "ly"}).flatten(), only);
  EXPECT_TRUE(Chain().flatten().empty());
}

TEST(Chain, CopyFrontStopsAtARange) {
  AlphabetFile file;
  Chain chain = chain_of({"ab", "cd"});
  std::array<std::byte, 3> out{};
  EXPECT_EQ(chain.copy_front(out), 3U);
  EXPECT_EQ(out[2], std::byte{'c'});
  chain.prepend(file.range(0, 1));
  EXPECT_EQ(chain.copy_front(out), 0U);
}

TEST(Chain, CloneIsIndependent) {
  Chain chain = chain_of({"abc", "def"});
  const Chain twin = chain.clone();
  chain.consume(4);
  EXPECT_EQ(pieces_of(twin), "abc|def");
  EXPECT_EQ(twin.size(), 6U);
}

TEST(Chain, MoveLeavesAnEmptyChainThatWorks) {
  for (const int pieces : {1, 4, 5, 40}) {
    Chain from;
    for (int i = 0; i < pieces; ++i) from.append(text("x"));
    Chain to = chain_of({"old", "o", "l", "d", "!"});
    to = std::move(from);
    EXPECT_TRUE(to.holds(std::string(static_cast<std::size_t>(pieces), 'x')));
    EXPECT_TRUE(from.empty());
    from.append(text("again"));
    EXPECT_TRUE(from.holds("again"));
  }
}

TEST(ChainDeathTest, BeyondTheBytes) {
  AlphabetFile file;
  Chain chain = chain_of({"abc"});
  EXPECT_DEATH(static_cast<void>(chain.split_front(4)), "split_front beyond");
  EXPECT_DEATH(chain.consume(4), "consume beyond");
  EXPECT_DEATH(static_cast<void>(chain.piece(1)), "no such piece");
  EXPECT_DEATH(chain.append(std::move(chain)), "appended to itself");
  EXPECT_DEATH(Chain(file.range(0, 1)).flatten(), "with ranges");
  EXPECT_DEATH(file.range(UINT64_MAX, 1), "beyond 64 bits");
}

// Random edits beside a model: the bytes as one string, ranges spelled out.
class ChainModel {
 public:
  explicit ChainModel(std::uint64_t seed) : random_(seed) {}

  void step() {
    switch (random_() % 8) {
      case 0:
        return append(some_bytes());
      case 1:
        chain_.prepend(text(bytes_));
        model_.insert(0, bytes_);
        bytes_ = "p" + std::to_string(random_() % 1000);
        return;
      case 2:
        return append_range();
      case 3:
        return split();
      case 4:
        return consume();
      case 5:
        return swap_halves();
      case 6:
        chain_ = chain_.clone();
        return;
      default:
        return append(kept_.subslice(0, random_() % (kept_.size() + 1)));
    }
  }

  void check() const {
    ASSERT_EQ(spelled(chain_), model_);
    ASSERT_EQ(chain_.size(), model_.size());
    bool ranges = false;
    for (std::size_t i = 0; i < chain_.piece_count(); ++i) {
      ASSERT_GT(chain_.piece(i).size(), 0U);
      ranges |= chain_.piece(i).range() != nullptr;
    }
    ASSERT_EQ(chain_.in_memory(), !ranges);
  }

 private:
  static std::string spelled(const Chain& chain) {
    std::string out;
    for (std::size_t i = 0; i < chain.piece_count(); ++i) {
      const Piece& piece = chain.piece(i);
      out +=
          piece.slice() ? std::string(piece.slice()->as_string_view()) : AlphabetFile::text(*piece.range());
    }
    return out;
  }
  Slice some_bytes() { return text(std::string(random_() % 9, static_cast<char>('A' + random_() % 26))); }
  void append(Slice slice) {
    model_ += slice.as_string_view();
    chain_.append(std::move(slice));
  }
  void append_range() {
    const Range range = file_.range(random_() % 100, random_() % 20);
    model_ += AlphabetFile::text(range);
    chain_.append(range);
  }
  void split() {
    const std::size_t length = random_() % (model_.size() + 1);
    const Chain front = chain_.split_front(length);
    ASSERT_EQ(spelled(front), model_.substr(0, length));
    ASSERT_EQ(front.size(), length);
    model_.erase(0, length);
  }
  void consume() {
    const std::size_t length = random_() % (model_.size() / 2 + 1);
    chain_.consume(length);
    model_.erase(0, length);
  }
  void swap_halves() {
    const std::size_t length = random_() % (model_.size() + 1);
    Chain front = chain_.split_front(length);
    if (random_() % 2 == 0) {
      chain_.append(std::move(front));
    } else {
      front.prepend(std::move(chain_));
      chain_ = std::move(front);
    }
    model_ = model_.substr(length) + model_.substr(0, length);
  }

  AlphabetFile file_;
  std::mt19937_64 random_;
  Slice kept_ = text("kept across the steps");
  std::string bytes_ = "first";
  std::string model_;
  Chain chain_;
};

TEST(Chain, BehavesLikeOneString) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(seed);
    ChainModel model(seed);
    for (int i = 0; i < 200; ++i) {
      model.step();
      model.check();
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace ottla
