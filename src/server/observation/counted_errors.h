// Which error codes of an API's answers are counted, and where they lie: as the reference counts them, one by one for
// the answer as a whole and for each thing that was asked about.
//
// Use:         const CountedErrors errors(api, version);   errors.each(response, [](std::int16_t code) { … });
// Lifetime:    a value; the tables of the protocol outlive it.
// Concurrency: pure.
// Cost:        of an answer only that is looked at which leads to error codes; no names are compared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "protocol/api.h"
#include "protocol/array.h"
#include "protocol/schema.h"

namespace ottla::server {

class CountedErrors {
 public:
  CountedErrors(const protocol::ApiInfo& api, std::int16_t version);

  // `response` is a structure of the API's response.
  template <typename F>
  void each(const void* response, F count) const {
    walk(root_, static_cast<const std::byte*>(response), count);
  }

 private:
  // A structure in which there are some, itself or deeper.
  struct Place {
    struct Inner;
    std::vector<std::uint16_t> codes;  // offsets
    std::vector<Inner> inner;
    bool quiet = false;  // that nothing went wrong here is not counted
  };

  static Place place_of(const protocol::ApiInfo& api, const protocol::StructureInfo& structure,
                        std::int16_t version, bool is_root);

  template <typename F>
  static void walk(const Place& place, const std::byte* data, F& count);

  Place root_;
};

struct CountedErrors::Place::Inner {
  std::uint16_t offset = 0;
  std::uint16_t element = 0;  // size of one in an array; 0: the structure itself
  Place place;
};

template <typename F>
void CountedErrors::walk(const Place& place, const std::byte* data, F& count) {
  for (const std::uint16_t offset : place.codes) {
    const auto code = *reinterpret_cast<const std::int16_t*>(data + offset);
    if (code != 0 || !place.quiet) count(code);
  }
  for (const Place::Inner& inner : place.inner) {
    if (inner.element == 0) {
      walk(inner.place, data + inner.offset, count);
      continue;
    }
    const auto& array = *reinterpret_cast<const protocol::ErasedArray*>(data + inner.offset);
    const auto* elements = static_cast<const std::byte*>(array.erased());
    for (std::uint32_t each = 0; each < array.size(); ++each) {
      walk(inner.place, elements + std::size_t{each} * inner.element, count);
    }
  }
}

}  // namespace ottla::server
