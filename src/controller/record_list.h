// What a handler wants written, as the metadata log has it.
//
// Use:         call.records.add(record, version);
// Lifetime:    records are copied when they are added.
// Concurrency: confined to one shard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/slice.h"
#include "protocol/codec.h"
#include "protocol/message.h"

namespace ottla::controller {

class RecordList {
 public:
  // The version must be able to say what the record holds.
  template <protocol::Message T>
  void add(const T& record, std::int16_t version) {
    add(protocol::Encodable(record, version));
  }
  void add(const protocol::Encodable& record);
  // A record as it stands in a log or snapshot already.
  void add_encoded(Slice value) { values_.push_back(std::move(value)); }
  // Takes back what came after the first `size` records.
  void truncate(std::size_t size) { values_.resize(size); }

  std::span<const Slice> values() const { return values_; }
  std::size_t size() const { return values_.size(); }
  bool empty() const { return values_.empty(); }

 private:
  std::vector<Slice> values_;
};

}  // namespace ottla::controller
