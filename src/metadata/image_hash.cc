#include "metadata/image_hash.h"

#include <cstddef>
#include <span>

#include "base/chain.h"
#include "base/invariant.h"
#include "base/slice.h"
#include "metadata/record_writer.h"
#include "protocol/codec.h"

namespace ottla::metadata {
namespace {

constexpr std::uint64_t kSeed = 0x6f74746c61696d67;
constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;

// Both halves of a product depend on all bits of both factors.
std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a ^ kOdd) * (b ^ kSeed);
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

class Hash {
 public:
  void add(std::uint64_t word) { state_ = mixed(state_ ^ word, kOdd + word); }
  void add(std::span<const std::byte> bytes) {
    add(bytes.size());
    for (std::size_t i = 0; i < bytes.size(); i += sizeof(std::uint64_t)) {
      std::uint64_t word = 0;
      for (std::size_t each = 0; each < sizeof(word) && i + each < bytes.size(); ++each) {
        word |= std::to_integer<std::uint64_t>(bytes[i + each]) << (8 * each);
      }
      add(word);
    }
  }
  std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = kSeed;
};

}  // namespace

std::uint64_t image_hash(const MetadataImage& image) {
  Hash hash;
  hash.add(static_cast<std::uint64_t>(image.features.level(kMetadataVersionFeature)));
  // At the newest level nothing is lost, whatever the image's own is.
  const Result<> written = write_records(
      image, {.version = kUnstableMetadataVersion, .elr_enabled = true},
      [&](const protocol::Encodable& record) -> Result<> {
        OTTLA_TRY(const Chain bytes, protocol::encode(std::span(&record, 1), protocol::Prefix::metadata));
        hash.add(bytes.flatten().as_span());
        return {};
      });
  OTTLA_INVARIANT(written.ok(), "an image cannot be written at the newest level", written.error());
  return hash.value();
}

}  // namespace ottla::metadata
