// The reference's end: a program in Java that holds the reference's own classes, at the other end of standard
// input and output.
//
// Concurrency: one thread. Questions may be asked ahead of the answers: the other end reads them all the while.
// Errors:      ends the program when the other end is gone or could not answer.
#pragma once

#include "test/protocol/golden/frame.h"

namespace ottla::golden {

class Reference {
 public:
  void ask(const Question& question);
  // To the question that was asked first among those without an answer.
  Answer receive();
  Answer answer_to(const Question& question) {
    ask(question);
    return receive();
  }
};

}  // namespace ottla::golden
