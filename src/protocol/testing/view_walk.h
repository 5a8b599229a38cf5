// The Views of hot messages, walked by their own iterators and held against the same bytes decoded whole.
#pragma once

#include "protocol/schema.h"

namespace ottla::protocol {

// Null for messages that are not hot.
const MessageInfo* view_of(const MessageInfo& message);

// Whether walking all of `walked`, of the View's structure, shows what `whole` holds, unknown tags aside: Views
// have none.
bool walk_shows(const StructureInfo& view, const void* walked, const StructureInfo& plain, const void* whole);

}  // namespace ottla::protocol
