// One request to the active controller, as its handler sees it.
//
// Use:         a domain's door is   ApiError create_topics(const State&, const protocol::CreateTopicsRequest&, Call&,
//                                                          protocol::CreateTopicsResponse&);
//              It adds records to the call and fills in the response, or refuses all of the request by its return
//              value; then the records go nowhere and the response is made by the API's refuse().
//              Texts and arrays of a response live in the call's arena, or in the request.
// Lifetime:    one call of a handler, which does not suspend. Answers leave only when the records are committed.
// Invariants:  a handler changes nothing but the call: state changes by replay alone. Sessions, which are soft, know
//              when they were last touched.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "base/offset.h"
#include "base/result.h"
#include "base/uuid.h"
#include "controller/api_error.h"
#include "controller/record_list.h"
#include "protocol/array.h"
#include "protocol/fields.h"
#include "runtime/clock.h"
#include "runtime/random.h"

namespace ottla::controller {

class Sessions;

// How many changes of partitions whoever asks may make now.
class MutationQuota {
 public:
  virtual ~MutationQuota() = default;
  // Whether so many more may be made; false charges nothing.
  virtual bool charge(std::int32_t mutations) = 0;
};

// kraft.version is the quorum's own, not the metadata's.
class KraftVersion {
 public:
  virtual ~KraftVersion() = default;
  virtual std::int16_t level() const = 0;
  // invalid_argument says why it cannot be raised.
  virtual Result<> raise(std::int16_t level, bool only_check) = 0;
};

// Of the request, beside its body. Texts live as long as the request.
struct Asked {
  std::int16_t version = 0;
  std::int64_t now_ms = 0;  // of the wall's clock
  Instant now = {};
  std::optional<Instant> deadline = {};  // by which the controller must have begun with it
  std::string_view principal = "User:ANONYMOUS";
  std::string_view client_id = "";
  std::string_view listener = "";  // on which it came; of the first hop when it was forwarded
  bool forwarded = false;          // by a broker, in an Envelope
  MutationQuota* quota = nullptr;  // null: no limit
};

// Null when nobody gave a text.
Result<protocol::NullableText> message_text(const ApiError& error, Arena& arena);

struct Call {
  Result<std::string_view> text(std::string_view text) { return arena.copy(text); }
  template <typename T>
  Result<std::span<T>> array(std::size_t size) {
    return arena.make_span<T>(size);
  }
  template <typename Elements>
  auto array_of(const Elements& elements) -> Result<protocol::Array<typename Elements::value_type>> {
    using T = typename Elements::value_type;
    OTTLA_TRY(const std::span<T> copied, arena.make_span<T>(elements.size()));
    std::copy(elements.begin(), elements.end(), copied.begin());
    return protocol::Array<T>(copied);
  }
  Uuid new_uuid() {
    return random_uuid([this] { return random.next(); });
  }

  const Asked& asked;
  Arena& arena;
  RecordList& records;
  Random& random;
  Sessions& sessions;
  KraftVersion& kraft_version;
  Offset next_offset;           // of the first record that is added to an empty list
  bool only_validates = false;  // set by the handler: the records count for limits, and go nowhere
};

}  // namespace ottla::controller
