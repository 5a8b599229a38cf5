#include "config/key.h"

#include <string_view>

namespace ottla::config {

std::string_view name_of(Type type) {
  switch (type) {
    case Type::boolean:
      return "BOOLEAN";
    case Type::string:
      return "STRING";
    case Type::int32:
      return "INT";
    case Type::int16:
      return "SHORT";
    case Type::int64:
      return "LONG";
    case Type::real:
      return "DOUBLE";
    case Type::list:
      return "LIST";
    case Type::class_name:
      return "CLASS";
    case Type::password:
      return "PASSWORD";
  }
  return "UNKNOWN";
}

std::string_view name_of(Importance importance) {
  switch (importance) {
    case Importance::high:
      return "high";
    case Importance::medium:
      return "medium";
    case Importance::low:
      return "low";
  }
  return "unknown";
}

std::string_view name_of(UpdateMode mode) {
  switch (mode) {
    case UpdateMode::read_only:
      return "read-only";
    case UpdateMode::per_broker:
      return "per-broker";
    case UpdateMode::cluster_wide:
      return "cluster-wide";
  }
  return "unknown";
}

}  // namespace ottla::config
