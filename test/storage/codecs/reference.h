// The reference's end: a program in Java that holds the reference's own codecs, at the other end of standard input
// and output. `run` connects the two.
//
// Concurrency: one thread.
// Errors:      ends the program when the other end is gone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "record/batch_layout.h"

namespace ottla::codecs {

struct Answer {
  enum class Verdict : std::uint8_t { bytes, refused, too_many };

  Verdict verdict = Verdict::refused;
  std::string text;  // bytes, or why not

  bool ok() const { return verdict == Verdict::bytes; }
};

struct Question {
  char
      letter;  // c: compress, d: decompress, 0: the same as in a message set of magic 0, l: "least most usual" level
  record::Compression compression;
  std::int32_t number = 0;  // the level, or the most bytes that may come
  std::string_view bytes = {};
};

class Reference {
 public:
  // Questions may be asked ahead: the other end reads them all the while.
  void ask(const Question& question);
  // To the one that was asked first among those without an answer.
  Answer receive();
  Answer answer_to(const Question& question) {
    ask(question);
    return receive();
  }
};

[[noreturn]] void give_up(std::string_view why);

}  // namespace ottla::codecs
