#include "controller/record_list.h"

#include "base/chain.h"
#include "base/invariant.h"
#include "protocol/schema.h"

namespace ottla::controller {

void RecordList::add(const protocol::Encodable& record) {
  const Result<Chain> bytes = protocol::encode(std::span(&record, 1), protocol::Prefix::metadata);
  OTTLA_INVARIANT(bytes.ok(), "a record holds what its version cannot say", record.message->name,
                  record.version, bytes.error());
  values_.push_back(bytes->flatten());
}

}  // namespace ottla::controller
