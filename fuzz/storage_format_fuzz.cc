// fuzz: base storage
// Any bytes as any of the small files, or as a name: the first byte says which. What can be read, written again, reads
// the same.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/invariant.h"
#include "base/slice.h"
#include "storage/format/clean_shutdown.h"
#include "storage/format/directory_name.h"
#include "storage/format/file_name.h"
#include "storage/format/index_entry.h"
#include "storage/format/leader_epoch_checkpoint.h"
#include "storage/format/meta_properties.h"
#include "storage/format/offset_checkpoint.h"
#include "storage/format/partition_metadata.h"
#include "storage/format/producer_snapshot.h"
#include "storage/leader_epochs.h"

namespace ottla::storage {
namespace {

void offsets(std::string_view text) {
  const auto read = parse_offset_checkpoint(OffsetCheckpoint::high_watermark, text, "file");
  if (!read.ok()) return;
  const std::string again = encode_offset_checkpoint(*read);
  OTTLA_INVARIANT(parse_offset_checkpoint(OffsetCheckpoint::cleaner, again, "file").value() == *read,
                  "offsets changed");
}

void epochs(std::string_view text) {
  const auto read = parse_leader_epochs(text, "file");
  if (!read.ok()) return;
  OTTLA_INVARIANT(parse_leader_epochs(encode_leader_epochs(*read), "file").value() == *read,
                  "epochs changed");
  const LeaderEpochs all(*read);
  for (std::size_t each = 1; each < all.entries().size(); ++each) {
    OTTLA_INVARIANT(all.entries()[each - 1].epoch < all.entries()[each].epoch &&
                        all.entries()[each - 1].start < all.entries()[each].start,
                    "epochs do not rise");
  }
}

void metadata(std::string_view text) {
  const auto read = parse_partition_metadata(text, "file");
  if (!read.ok()) return;
  OTTLA_INVARIANT(parse_partition_metadata(encode_partition_metadata(*read), "file").value() == *read,
                  "a topic's id changed");
}

void properties(std::string_view text) {
  const auto read = parse_meta_properties(text, "file");
  if (!read.ok()) return;
  OTTLA_INVARIANT(parse_meta_properties(encode_meta_properties(*read, 0), "file").value() == *read,
                  "properties changed");
}

void shutdown(std::string_view text) {
  const auto epoch = parse_clean_shutdown(text);
  if (epoch)
    OTTLA_INVARIANT(parse_clean_shutdown(encode_clean_shutdown(*epoch)) == epoch, "an epoch changed");
}

void producers(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  auto reader = SnapshotReader::open(bytes);
  if (!reader.ok()) return;
  SnapshotWriter writer(reader->size());
  while (const auto entry = reader->next()) writer.add(*entry);
  const Slice again = std::move(writer).finish();
  OTTLA_INVARIANT(SnapshotReader::open(again.as_span()).ok(), "a snapshot that was written cannot be read");
}

void aborted(std::string_view text) {
  if (text.size() < AbortedTransaction::kSize) return;
  const auto* const from = std::as_bytes(std::span(text)).data();
  const auto read = load_aborted_transaction(from);
  if (!read.ok()) return;
  std::byte again[AbortedTransaction::kSize];
  store(again, *read);
  OTTLA_INVARIANT(load_aborted_transaction(again).value() == *read, "an aborted transaction changed");
}

void names(std::string_view text) {
  if (const auto read = parse_file_name(text); read.ok()) {
    OTTLA_INVARIANT(parse_file_name(to_string(*read)).value() == *read, "the name of a file changed");
  }
  if (const auto read = parse_directory_name(text); read.ok()) {
    const std::string again = directory_name(read->partition, DirectoryRole::future, Uuid(1, 2));
    const bool blank = text.find_first_of(" \t\n\v\f\r") != std::string_view::npos;
    OTTLA_INVARIANT(blank || parse_directory_name(again)->partition == read->partition,
                    "the name of a directory changed");
  }
}

}  // namespace
}  // namespace ottla::storage

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ottla::storage;
  constexpr void (*kParsers[])(std::string_view) = {offsets,  epochs,    metadata, properties,
                                                    shutdown, producers, aborted,  names};
  if (size == 0) return 0;
  kParsers[data[0] % std::size(kParsers)](
      std::string_view(reinterpret_cast<const char*>(data) + 1, size - 1));
  return 0;
}
