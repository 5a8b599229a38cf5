// fuzz: base metadata protocol
// Any records upon a cluster with some history: an image never breaks its invariants, what is refused changes nothing,
// and an image's records make it again.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/invariant.h"
#include "metadata/delta.h"
#include "metadata/image_hash.h"
#include "metadata/image_tree.h"
#include "metadata/record_writer.h"
#include "metadata/testing/random_records.h"
#include "metadata/testing/story.h"
#include "protocol/codec.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace ottla::metadata {
namespace {

// Two bytes say how long a record is.
constexpr std::size_t kLength = 2;

const MetadataImage& history() {
  static const MetadataImage kHistory = [] {
    MetadataImage image;
    RandomRecords random(1);
    for (int each = 0; each < 300; ++each) replay_encoded(image, random.next(image));
    image.features.metadata_version = kLatestMetadataVersion;
    return image;
  }();
  return kHistory;
}

std::string_view next_record(std::string_view& input) {
  const std::size_t told = static_cast<unsigned char>(input[0]) * 256U + static_cast<unsigned char>(input[1]);
  input.remove_prefix(kLength);
  const std::string_view record = input.substr(0, told);
  input.remove_prefix(record.size());
  return record;
}

void check_rewritten(const MetadataImage& image) {
  MetadataImage again;
  const RecordSink sink = [&](const protocol::Encodable& record) -> Result<> {
    const auto bytes = protocol::encode(std::span(&record, 1), protocol::Prefix::metadata);
    OTTLA_INVARIANT(bytes.ok(), "a record of an image cannot be encoded", bytes.error());
    const std::string error = replay_encoded(again, text_of(bytes));
    OTTLA_INVARIANT(error.empty(), "an image's own record is refused", error);
    return {};
  };
  const Result<> written = write_records(
      image,
      {.version = image.features.metadata_version, .elr_enabled = true, .on_loss = [](std::string_view) {}},
      sink);
  OTTLA_INVARIANT(written.ok(), "an image cannot be written", written.error());
  if (image.features.metadata_version < kLatestMetadataVersion) return;
  OTTLA_INVARIANT(same_contents(image, again), "an image's records make another one");
  OTTLA_INVARIANT(image_hash(image) == image_hash(again), "equal images have different hashes");
}

void run(std::string_view input) {
  MetadataImage image = history();
  while (input.size() >= kLength) {
    const MetadataImage before = image;
    const std::string error = replay_encoded(image, next_record(input));
    OTTLA_INVARIANT(error.empty() || same_contents(before, image), "a refused record has changed something",
                    error);
  }
  const std::string broken = broken_invariant(image);
  OTTLA_INVARIANT(broken.empty(), "an image breaks its invariants", broken);
  check_rewritten(image);
  const auto before = std::make_shared<const MetadataImage>(history());
  const auto after = std::make_shared<const MetadataImage>(image);
  OTTLA_INVARIANT(delta_between(before, after).empty() == same_contents(*before, *after),
                  "a delta is not the difference");
  OTTLA_INVARIANT(!tree_text(image).empty(), "an image without a tree");
}

// Now and then a record that means something is added.
std::size_t add_record(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  const std::string record = RandomRecords(seed).next(history());
  if (size + kLength + record.size() > most) return size;
  data[size] = static_cast<std::uint8_t>(record.size() >> 8U);
  data[size + 1] = static_cast<std::uint8_t>(record.size());
  std::memcpy(data + size + kLength, record.data(), record.size());
  return size + kLength + record.size();
}

}  // namespace
}  // namespace ottla::metadata

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ottla::metadata::run({reinterpret_cast<const char*>(data), size});
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most,
                                               unsigned seed) {
  if (seed % 4 == 0) return ottla::metadata::add_record(data, size, most, seed);
  return LLVMFuzzerMutate(data, size, most);
}
