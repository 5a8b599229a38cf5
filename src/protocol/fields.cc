#include "protocol/fields.h"

#include "base/chain.h"
#include "base/invariant.h"
#include "base/slice.h"

namespace ottla::protocol {

Records::Records(const Chain& chain) : at_(&chain), size_(chain.size()), form_(Form::chain) {}

Slice Records::slice_of(const Slice& frame) const {
  const std::span<const std::byte> here = bytes();
  if (here.empty()) return {};
  OTTLA_INVARIANT(here.data() >= frame.data() && here.size() <= frame.size() &&
                      static_cast<std::size_t>(here.data() - frame.data()) <= frame.size() - here.size(),
                  "the records do not lie in this frame");
  return frame.subslice(static_cast<std::size_t>(here.data() - frame.data()), here.size());
}

namespace {

Slice content_of(const Records& records) {
  if (records.chain() == nullptr) return Slice::from_static(records.bytes());
  return records.chain()->clone().flatten();
}

}  // namespace

bool operator==(const Records& a, const Records& b) {
  if (a.is_null() || b.is_null()) return a.is_null() == b.is_null();
  return a.size() == b.size() && content_of(a) == content_of(b);
}

}  // namespace ottla::protocol
