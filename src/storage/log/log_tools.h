// What all logs of a shard share. Outlives them.
#pragma once

#include "base/log.h"

namespace ottla {
class FileSystem;
namespace record {
class CodecPool;
class Validator;
}  // namespace record
}  // namespace ottla

namespace ottla::storage {

class IndexPages;
class RecentAppends;
class SegmentFiles;

struct LogTools {
  FileSystem* file_system = nullptr;
  SegmentFiles* files = nullptr;
  IndexPages* pages = nullptr;
  RecentAppends* recent = nullptr;
  record::Validator* validator = nullptr;
  record::CodecPool* codecs = nullptr;
  Logger logger = {};  // silent unless set
};

}  // namespace ottla::storage
