// A BIO over two windows of memory: OpenSSL takes ciphertext from one and puts ciphertext into the other.
//
// No copy is kept and nothing is allocated: when the input is empty or the output is full, OpenSSL is told to
// try again later, and its caller moves the bytes.
//
// Concurrency: used by one thread at a time, which is the one that runs the engine.
// Invariants:  1. input only shrinks from its front while OpenSSL runs  2. output_size <= output.size()
#pragma once

#include <cstddef>
#include <span>

struct bio_st;

namespace ottla {

struct ByteBio {
  std::span<const std::byte> input;
  std::span<std::byte> output;
  std::size_t output_size = 0;
};

// A new BIO over `bytes`, which outlives it. Null only when memory is short.
bio_st* make_byte_bio(ByteBio& bytes);

}  // namespace ottla
