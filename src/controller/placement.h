// Where the replicas of new partitions go: striped over racks and, within each, over brokers, so that leaders and
// replicas are spread evenly and no two replicas share a rack before all racks have one. Pure, from a random start.
//
// Use:         Placer placer(usable_brokers(image), random);   OTTLA_CHECK(placer.check(3));   placer.next(3);
// Invariants:  the first replica is on a broker that is not fenced; no broker twice in one partition
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "controller/api_error.h"
#include "metadata/image.h"
#include "runtime/random.h"

namespace ottla::controller {

struct UsableBroker {
  std::int32_t id;
  std::optional<std::string> rack;
  bool fenced;
};

// Brokers that may be given replicas: they are not about to shut down, and have a directory that is not cordoned.
std::vector<UsableBroker> usable_brokers(const metadata::MetadataImage& image);

class Placer {
 public:
  Placer(const std::vector<UsableBroker>& brokers, Random& random);

  // Whether there is room for so many replicas; in the reference's words.
  ApiError check(std::int32_t replicas) const;
  // The next partition's; check() has said yes.
  std::vector<std::int32_t> next(std::int32_t replicas);

 private:
  // Brokers in turn; each partition starts one further.
  class Ring {
   public:
    void add(std::int32_t broker) { brokers_.push_back(broker); }
    void start(Random& random);
    void shuffle(Random& random);
    // Nothing when all have had their turn for this partition.
    std::optional<std::int32_t> next(std::uint64_t partition);

   private:
    std::vector<std::int32_t> brokers_;
    std::size_t taken_ = 0;
    std::size_t offset_ = 0;
    std::uint64_t partition_ = 0;
  };
  struct Rack {
    std::optional<std::string> name;
    Ring fenced;
    Ring unfenced;

    std::optional<std::int32_t> next(std::uint64_t partition);
  };

  void shuffle();

  Random& random_;
  std::vector<Rack> racks_;
  std::size_t brokers_ = 0;
  std::size_t unfenced_ = 0;
  std::uint64_t partition_ = 0;
  std::size_t offset_ = 0;
};

}  // namespace ottla::controller
