// The corpus: bytes of each message in each version, kept so that every machine notices when their meaning changes.
//
// Format: one text file a schema; each line holds a message, a version, the checksum of the JSON of what the bytes
//         say, and the bytes in hexadecimal ("-" for none). Lines that begin with # are for the reader.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "protocol/schema.h"

namespace ottla::protocol {

inline constexpr std::string_view kCorpusFolder = "test/protocol/corpus/messages";

struct CorpusLine {
  std::string message;
  std::int16_t version = 0;
  std::uint32_t checksum = 0;
  std::string bytes;
};

Result<CorpusLine> parse_corpus_line(std::string_view line);
std::string to_text(const CorpusLine& line);

// All lines of one file; none when there is no file.
Result<std::vector<CorpusLine>> read_corpus_file(const std::string& path);

// CRC-32C of the whole JSON, compact.
std::uint32_t corpus_checksum(const MessageInfo& message, std::int16_t version, const void* data);
// What the corpus should hold of a message: its defaults and some random ones.
std::vector<CorpusLine> new_corpus_lines(const MessageInfo& message, std::int16_t version);

}  // namespace ottla::protocol
