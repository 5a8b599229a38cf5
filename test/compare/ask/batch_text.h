// Record batches as people write them, good ones and bad ones.
//
//   a=x@100 b=- lz4 producer:5/0/7 | c=y count:3
//
// Text:        batches are parted by "|", words by blanks. A word KEY=VALUE@TIME is a record (made_batch.h); a value
//              "v*1000" is a thousand times v. Any other word is done to the batch, in the order of the words:
//              gzip, snappy, lz4, zstd                compressed
//              producer:ID/EPOCH/SEQUENCE             whose it is
//              transactional, control, append-time, horizon      bits of the attributes; attributes:N all of them
//              base:N epoch:N magic:N delta:N count:N base-time:N max-time:N      fields of the header
//              records:HEX append:HEX shorten:N poke:AT/BYTE  other bytes behind the header
//              length:N flip:AT cut:N                 without a word to the checksum; cut leaves the first N bytes
//              magic-0, magic-1                       messages of an older format, the last word of their batch
//              hex:HEX                                these bytes, alone
// Errors:      invalid_argument for a word that is none of these.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace ottla::node_compare {

Result<std::string> batches_of(std::string_view text);

}  // namespace ottla::node_compare
