// Answers the cases as our leader would, and says where the reference's answer is another one.
//
// Lifetime:    one for a run; it keeps how far each topic's log has come.
// Concurrency: none.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/mutable_buffer.h"
#include "record/compression/codec_pool.h"
#include "record/validator.h"
#include "test/storage/append/cases.h"
#include "test/storage/append/reference.h"

namespace ottla::append_check {

class Judge {
 public:
  // Empty when both agree, or differ as the case says.
  std::string judge(const Case& sent, const Answer& theirs);

 private:
  struct Ours {
    Answer answer;
    bool rebuilt = false;
  };
  Ours answer(const Case& sent, const Answer& theirs);
  std::string compare(const Ours& ours, const Answer& theirs);
  std::string compare_rebuilt(const Slice& ours, const Slice& theirs);

  record::CodecPool codecs_;
  record::Validator validator_{codecs_, heap_buffers()};
  std::map<std::string_view, std::int64_t> next_offsets_;
};

}  // namespace ottla::append_check
