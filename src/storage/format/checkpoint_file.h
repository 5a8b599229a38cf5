// The frame that all checkpoint files of the reference share: a version, a count, and a line an entry.
//
// Lifetime: words point into the text.
// Errors:   malformed and unsupported, with the file, its line and the cure.
// Format:   docs/format/offset_checkpoint.md
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/result.h"

namespace ottla::storage {

// Whom and what a message is about.
struct CheckpointAbout {
  std::string_view path;
  std::string_view entry;  // what a line should be: "topic, partition, offset"
  std::string_view cure;   // a sentence
};

struct CheckpointLine {
  std::size_t number = 0;
  std::string_view text;
  std::array<std::string_view, 3> words;
};

// The lines of a file that has `words` words (at most 3) a line. None, for a file that is empty or ends before its
// count: so a file begins its life.
Result<std::vector<CheckpointLine>> read_checkpoint(std::string_view text, std::size_t words,
                                                    const CheckpointAbout& about);

// For a line whose words are not what they should be.
Error bad_line(const CheckpointLine& line, const CheckpointAbout& about);

// The first two lines.
std::string checkpoint_head(std::size_t entries);

}  // namespace ottla::storage
