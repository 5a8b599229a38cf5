#include "storage/producer/verification.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

namespace ottla::storage {

const Verification& Verifications::begin(std::int64_t producer_id, std::int32_t sequence, std::int16_t epoch,
                                         bool raises_epoch, std::int64_t now_ms) {
  const auto [found, is_new] = all_.try_emplace(producer_id);
  Verification& verification = found->second;
  if (is_new) {
    verification = {.started_ms = now_ms,
                    .guard = guards_->draw(),
                    .lowest_sequence = sequence,
                    .epoch = epoch,
                    .raises_epoch = raises_epoch};
  } else if (epoch == verification.epoch) {
    verification.lowest_sequence = std::min(verification.lowest_sequence, sequence);
  } else if (epoch > verification.epoch) {
    verification.epoch = epoch;
    verification.lowest_sequence = sequence;
  }
  return verification;
}

const Verification* Verifications::find(std::int64_t producer_id) const {
  const auto found = all_.find(producer_id);
  return found == all_.end() ? nullptr : &found->second;
}

void Verifications::expire(std::int64_t now_ms, std::int64_t after_ms) {
  std::erase_if(all_, [&](const auto& each) { return now_ms - each.second.started_ms >= after_ms; });
}

std::size_t Verifications::memory_bytes() const {
  constexpr std::size_t kNode = sizeof(void*) + sizeof(std::pair<const std::int64_t, Verification>);
  return all_.size() * kNode + all_.bucket_count() * sizeof(void*);
}

}  // namespace ottla::storage
