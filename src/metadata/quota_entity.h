// Whom a client quota is for: a user, a client id, an address, or a pair of them; each by its name or as the
// default of its kind.
//
// Invariants: parts ascend by type, each type once.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <vector>

namespace ottla::metadata {

struct QuotaEntityPart {
  std::string type;                 // user, client-id, ip
  std::optional<std::string> name;  // none: the default

  friend auto operator<=>(const QuotaEntityPart&, const QuotaEntityPart&) = default;
};

struct QuotaEntity {
  std::vector<QuotaEntityPart> parts;

  friend auto operator<=>(const QuotaEntity&, const QuotaEntity&) = default;
};

}  // namespace ottla::metadata
