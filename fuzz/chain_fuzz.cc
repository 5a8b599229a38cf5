// fuzz: base
//
// The input is a program of two-byte steps (what, how much) on a chain, beside a string that models it. Ranges
// are spelled out as the text that they stand for.

#include "base/chain.h"

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/invariant.h"

namespace ottla {
namespace {

constexpr std::string_view kText = "the quick brown fox jumps over the lazy dog";

class AlphabetFile final : public RangeSource {
 public:
  AlphabetFile() : RangeSource(Kind::file) {}
  static std::string text(std::uint64_t offset, std::uint64_t length) {
    std::string out;
    for (std::uint64_t i = 0; i < length; ++i) out += static_cast<char>('A' + (offset + i) % 26);
    return out;
  }

 private:
  void unclaimed() noexcept override { OTTLA_INVARIANT(false, "the first claim is the fuzzer's own"); }
};

class Program {
 public:
  void step(unsigned what, std::size_t amount) {
    switch (what % 8) {
      case 0:
        return append(
            block_.subslice(amount % kText.size(), 1 + amount % 3 % (kText.size() - amount % kText.size())));
      case 1: {
        const Slice slice = Slice::copy_of(kText.substr(0, amount % kText.size()));
        model_.insert(0, slice.as_string_view());
        return chain_.prepend(slice);
      }
      case 2:
        model_ += AlphabetFile::text(amount, amount % 7);
        return chain_.append(Range(Claim<RangeSource>::share(&file_), amount, amount % 7));
      case 3:
        return split(amount % (model_.size() + 1));
      case 4:
        amount %= model_.size() + 1;
        model_.erase(0, amount);
        return chain_.consume(amount);
      case 5:
        return rotate(amount % (model_.size() + 1));
      case 6:
        chain_ = chain_.clone();
        return;
      default:
        return append(Slice::from_static(kText.substr(0, amount % 5)));
    }
  }

  void check() const {
    OTTLA_INVARIANT(spelled(chain_) == model_, "the chain is not its model", spelled(chain_), model_);
    OTTLA_INVARIANT(chain_.size() == model_.size(), "wrong size", chain_.size(), model_);
    if (!chain_.in_memory()) return;
    OTTLA_INVARIANT(chain_.holds(model_), "holds() is wrong", model_);
    OTTLA_INVARIANT(chain_.flatten().as_string_view() == model_, "flatten() is wrong", model_);
  }

 private:
  static std::string spelled(const Chain& chain) {
    std::string out;
    for (std::size_t i = 0; i < chain.piece_count(); ++i) {
      const Piece& piece = chain.piece(i);
      OTTLA_INVARIANT(piece.size() > 0, "an empty piece", i);
      if (const Range* range = piece.range()) out += AlphabetFile::text(range->offset(), range->size());
      if (const Slice* slice = piece.slice()) out += slice->as_string_view();
    }
    return out;
  }
  void append(Slice slice) {
    model_ += slice.as_string_view();
    chain_.append(std::move(slice));
  }
  void split(std::size_t length) {
    const Chain front = chain_.split_front(length);
    OTTLA_INVARIANT(spelled(front) == model_.substr(0, length), "wrong front", length, model_);
    model_.erase(0, length);
  }
  void rotate(std::size_t length) {
    Chain front = chain_.split_front(length);
    chain_.append(std::move(front));
    model_ = model_.substr(length) + model_.substr(0, length);
  }

  AlphabetFile file_;
  Slice block_ = Slice::copy_of(kText);
  std::string model_;
  Chain chain_;
};

}  // namespace
}  // namespace ottla

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  ottla::Program program;
  for (std::size_t i = 0; i + 1 < size && i < 400; i += 2) {
    program.step(data[i], data[i + 1]);
    program.check();
  }
  return 0;
}
