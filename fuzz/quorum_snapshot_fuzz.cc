// fuzz: base raft record quorum
// Any bytes as a snapshot of the metadata: a parser takes them in or says why not, and believes nothing without its
// ends; what it took in can be written again and says the same.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/invariant.h"
#include "base/slice.h"
#include "quorum/snapshot_name.h"
#include "quorum/snapshot_parser.h"
#include "quorum/snapshot_writer.h"

namespace ottla::quorum {
namespace {

using Records = std::vector<std::string>;

// False when something was wrong with them.
bool read(std::span<const std::byte> bytes, Records& records, SnapshotFacts& facts) {
  record::CodecPool codecs;
  SnapshotParser parser(codecs);
  while (!bytes.empty()) {
    const Result<record::BatchView> batch = record::BatchView::first_of(bytes);
    if (!batch.ok()) return false;
    const auto taken = parser.take(*batch);
    if (!taken.ok()) return false;
    for (const auto& record : *taken) {
      records.emplace_back(reinterpret_cast<const char*>(record.data()), record.size());
    }
    bytes = bytes.subspan(batch->size());
  }
  OTTLA_INVARIANT(!parser.ended() || parser.begun(), "a snapshot that ends before it begins");
  facts = parser.facts();
  return parser.finish().ok();
}

void write_again(const Records& records, const SnapshotFacts& facts) {
  SnapshotHead head{.id = {LeaderEpoch(1), Offset(1)}, .last_append_ms = facts.last_append_ms};
  head.kraft_version = facts.kraft_version.value_or(raft::kStaticVoters);
  head.voters = facts.voters;
  std::string bytes;
  SnapshotWriter writer(head, [&bytes](const Slice& batch) -> Result<> {
    bytes += batch.as_string_view();
    return {};
  });
  for (const std::string& record : records) {
    if (!writer.add(std::as_bytes(std::span(record))).ok()) return;
  }
  if (!writer.finish().ok()) return;
  Records again;
  SnapshotFacts told;
  OTTLA_INVARIANT(read(std::as_bytes(std::span(bytes)), again, told), "a snapshot that we wrote is none");
  OTTLA_INVARIANT(again == records, "other records than were written", again.size(), records.size());
  OTTLA_INVARIANT(told.last_append_ms == facts.last_append_ms, "another time", told.last_append_ms);
  const bool dynamic = head.kraft_version > raft::kStaticVoters;
  OTTLA_INVARIANT(!dynamic || told.voters == facts.voters, "other voters than were written");
}

}  // namespace
}  // namespace ottla::quorum

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ottla::quorum;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(parse_snapshot_name(text));
  Records records;
  SnapshotFacts facts;
  if (read(std::as_bytes(std::span(data, size)), records, facts)) write_again(records, facts);
  return 0;
}
