// Blocks that are not what they should be, made of one that is.
//
// Concurrency: pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "record/batch_layout.h"

namespace ottla::codecs {

// Small numbers from a seed; the same on every machine.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : state_(seed) {}

  std::uint64_t operator()() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return state_ >> 33;
  }
  std::uint64_t operator()(std::uint64_t below) { return (*this)() % below; }

 private:
  std::uint64_t state_;
};

struct Mangled {
  std::string how;
  std::string block;
};

// Cut off at every byte; every bit turned; followed by this and that, `other` among it, whole and cut off.
std::vector<Mangled> mangled(std::string_view block, std::string_view other);
// Every value of each byte of the header, where the format has a checksum over it with that made right.
std::vector<Mangled> headers(record::Compression compression, std::string_view block);
// A few changes anywhere.
Mangled at_random(std::string_view block, Draw& draw);

}  // namespace ottla::codecs
