#include "storage/log/batch_order.h"

namespace ottla::storage {

std::string BatchOrder::damage(Offset first, Offset last) const {
  return "the batch has the offsets " + first.to_string() + " to " + last.to_string() + " where " +
         next_.to_string() + " to " + (end_ - 1).to_string() + " belong";
}

}  // namespace ottla::storage
