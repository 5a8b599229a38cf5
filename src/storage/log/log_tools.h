// What all logs of a shard share. Outlives them.
#pragma once

#include "base/log.h"

namespace ottla {
class FileSystem;
class Histogram;
namespace record {
class CodecPool;
class Validator;
}  // namespace record
}  // namespace ottla

namespace ottla::storage {

class BatchHeads;
class IndexPages;
class ProducerAppend;
class RecentAppends;
class SegmentFiles;
class TurnClock;
class VerificationGuards;

struct LogTools {
  FileSystem* file_system = nullptr;
  SegmentFiles* files = nullptr;
  IndexPages* pages = nullptr;
  BatchHeads* heads = nullptr;
  RecentAppends* recent = nullptr;
  record::Validator* validator = nullptr;
  record::CodecPool* codecs = nullptr;
  VerificationGuards* guards = nullptr;
  ProducerAppend* producer_append = nullptr;  // kept for its memory; used between two suspensions
  TurnClock* clock = nullptr;
  Histogram* flush_times =
      nullptr;         // microseconds that it took to make a segment durable; nobody counts when null
  Logger logger = {};  // silent unless set
};

}  // namespace ottla::storage
